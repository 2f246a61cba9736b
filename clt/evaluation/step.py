"""The evaluation step: from a cell's checkpoints and test items to scores in the store."""

from clt.store import Store, read_record


def evaluate(store: Store, study_key: str, cell_key: str) -> None:
    """Evaluate one cell; return at once if that is complete.

    A base model is evaluated as it is, as step 0; any other cell at the checkpoints that evaluation.checkpoints asks
    for, always with the selected one. Writes, where KEY is the record's evaluation_key(cell):
    - answers/HASH: what one checkpoint answers in one task and language, below all metrics (see `answers`). A model is
      loaded only for answers that are not there.
    - KEY/checkpoints/STEP: scores.parquet (task, metric, language, item, score; a null score is unscored) and
      predictions.parquet (task, language, item, prediction, reference), rows by task, metric, language (in the study's
      order) and item; EvaluatedCheckpointMetadata. Scored checkpoints are not scored again.
    - KEY, last: EvaluationMetadata.
    Then only the selected checkpoint's weights stay, and those that some study of the store needs.

    Args:
        store: Holds the planned study, the items of the cell's tasks and the cell's training.
        study_key: What `publish_record` returned for the study.
        cell_key: The key of a cell of its grid.

    Raises:
        StoreError: Items or weights are missing, damaged or pruned.
        DataError: An item cannot be asked.
        CellFailure: The weights are not numbers, or memory is missing.
    """
    record = read_record(store, study_key)
    cell = record.grid.cell(cell_key)
    if store.manifest(record.evaluation_key(cell)) is not None:
        return
    from clt.evaluation.evaluator import run_evaluation

    run_evaluation(store, record, cell)
