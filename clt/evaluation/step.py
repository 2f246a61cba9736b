"""The evaluation step: from a cell's checkpoints and test items to scores in the store."""

from clt.store import Store, read_record


def evaluate(store: Store, study_key: str, cell_key: str) -> None:
    """Evaluate one cell; return at once if that is complete.

    A base model is evaluated as it is, as step 0; any other cell at the checkpoints that evaluation.checkpoints asks
    for, always with the selected one. Writes, where KEY is the record's evaluation_key(cell):
    - KEY/checkpoints/STEP: scores.parquet (task, metric, language, item, score; a null score is unscored) and
      predictions.parquet (task, language, item, prediction, reference), rows by task, metric, language (in the study's
      order) and item; metadata cell, step, scores [{task, metric, language, items, unscored, mean}], items,
      tokens_generated, seconds, environment. Scored checkpoints are not scored again.
    - KEY, last: metadata cell, steps, selected, seconds, environment.
    Then, unless training.keep_checkpoints is all, only the selected checkpoint's weights stay.

    Raises StoreError for items or weights that are missing, damaged or pruned, DataError for an item that cannot be
    asked, CellFailure if the weights are not numbers or memory is missing.
    """
    record = read_record(store, study_key)
    cell = record.grid.cell(cell_key)
    if store.manifest(record.evaluation_key(cell)) is not None:
        return
    from clt.evaluation.run import run_evaluation

    run_evaluation(store, record, cell)
