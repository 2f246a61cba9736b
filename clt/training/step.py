"""The training step: from a cell's mixture to checkpoints and metrics in the store."""

from collections.abc import Callable

from clt.store import Store, read_record

# Called by the main process after every optimizer step with (step, steps in all, loss in nats per answer token,
# tokens per second).
OnStep = Callable[[int, int, float, float], None]


def train(store: Store, study_key: str, cell_key: str, on_step: OnStep | None = None) -> None:
    """Train one cell; return at once if that is complete or the cell is a base model.

    Writes, where KEY is the record's training_key(cell):
    - KEY/checkpoints/STEP: the weights (method full: a folder that transformers loads, tokenizer included; method
      lora: the adapter and the tokenizer); metadata step, validation_loss, validation {language: loss}.
    - KEY/states/STEP: what resuming needs (see `checkpoint`); only the newest is kept, none once KEY is complete.
    - KEY, last: metrics.jsonl, a line an optimizer step: step, loss, grad_norm, learning_rate, tokens,
      answer_tokens, seconds, tokens_per_second; metadata selected (the step of the lowest validation loss, the
      earliest of equals), checkpoints [{step, validation_loss, validation}], tokens, seconds, environment.
    Losses are in nats per answer token. Killed at any moment and called again, it continues from the newest state;
    on a CPU the weights and all numbers but seconds are the same bits as without the interruption.

    Without `on_step` a process alone in a terminal shows a progress bar. Raises DataError for rows that cannot be
    trained on, CellFailure if the loss is not finite or memory is missing, StoreError for a damaged state.
    """
    record = read_record(store, study_key)
    cell = record.grid.cell(cell_key)
    if cell.is_base or store.manifest(record.training_key(cell)) is not None:
        return
    from clt.training.run import run_training

    run_training(store, record, cell, on_step)
