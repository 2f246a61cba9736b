"""The training step: from a cell's mixture to checkpoints and metrics in the store."""

from clt.store import Store, gone_steps, read_record
from clt.training.progress_bar import OnStep


def train(store: Store, study_key: str, cell_key: str, on_step: OnStep | None = None) -> None:
    """Train one cell; return at once if that is complete or the cell is a base model.

    Writes, where KEY is the record's training_key(cell):
    - KEY/checkpoints/STEP: the weights (method full: a folder that transformers loads, tokenizer included; method
      lora: the adapter and the tokenizer), and CheckpointMetadata; where no study of the store asks for more than
      selected checkpoints, of those alone whose validation loss was the lowest so far.
    - KEY/states/STEP: what resuming needs (see `states`); only the newest is kept, none once KEY is complete.
    - KEY, last: metrics.jsonl (a StepMetrics a line), and TrainingMetadata.
    Losses are in nats per answer token. Killed at any moment and called again, it continues from the newest state;
    on a CPU the weights and all numbers but seconds are the same bits as without the interruption.

    Asked to end by SIGTERM, it saves its state after the step that it is in and raises SystemExit(143).

    A complete training whose checkpoints were not kept, and are needed by this study, is done again as far as the last
    of them, and they are put back.

    Args:
        store: Holds the planned study and the cell's mixture.
        study_key: What `publish_record` returned for the study.
        cell_key: The key of a cell of its grid.
        on_step: Called by the main process after every optimizer step. Without it a process alone in a terminal shows
            a progress bar.

    Raises:
        DataError: A row cannot be trained on.
        CellFailure: The loss is not finite, memory is missing, or pruned checkpoints cannot be made again bit by bit.
        StoreError: The mixture is missing, or a state is damaged.
    """
    record = read_record(store, study_key)
    cell = record.grid.cell(cell_key)
    if cell.is_base:
        return
    complete = store.manifest(record.training_key(cell)) is not None
    if complete and not gone_steps(store, record, cell):
        return
    from clt.training.processes import joined
    from clt.training.trainer import run_training

    with joined(record.study.training, record.study.placement(cell.model, "training")) as processes:
        if not complete:
            run_training(store, record, cell, processes, on_step)
        # Also of a training that was let go: checkpoints of it that were pruned before are passed over the first time.
        if gone := processes.shared(gone_steps(store, record, cell)):
            run_training(store, record, cell, processes, on_step, gone)
