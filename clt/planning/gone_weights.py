"""Weights that a study wants and that were pruned: a CPU makes them again bit by bit, an accelerator does not."""

from clt.errors import StudyError
from clt.store import Store, TrainingMetadata, gone_steps
from clt.study import StudyRecord


def find_gone_weights(store: Store, record: StudyRecord) -> dict[str, list[int]]:
    """The cells that are trained, but whose weights of these steps were pruned and are wanted by the study."""
    gone = {cell.key: sorted(gone_steps(store, record, cell)) for cell in record.grid.cells}
    return {cell: steps for cell, steps in gone.items() if steps}


def check_gone_weights(store: Store, record: StudyRecord) -> None:
    """Refuse a study whose pruned weights cannot be made again.

    Raises:
        StudyError: Names the field that asks for them, a cell, the device that made them, and the ways out.
    """
    for key, steps in find_gone_weights(store, record).items():
        training = TrainingMetadata.read(store, record.training_key(record.grid.cell(key)))
        device = str(((training and training.environment) or {}).get("device", "cpu"))
        if not device.startswith("cpu"):
            raise StudyError(
                f"the weights of cell {key} after step {', '.join(map(str, steps))} were pruned, and {device} would "
                "not make the same ones again; ask for the selected ones only (training.keep_checkpoints: selected, "
                "evaluation.checkpoints: selected), or train the cells anew with a repeat (clt run --repeat TEXT)",
                field=_asking(record),
            )


def _asking(record: StudyRecord) -> str:
    keeps = record.study.training.keep_checkpoints == "all"
    return "training.keep_checkpoints" if keeps else "evaluation.checkpoints"
