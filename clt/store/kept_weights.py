"""Which checkpoints of a training the studies of a store need: the strictest wish of all that name it holds.

A study needs the weights of a checkpoint to keep them (training.keep_checkpoints), or as long as answers that its
evaluation.checkpoints ask for are not complete. Who needs nothing but selected checkpoints says so in the manifest of
its plan: those are never pruned, and such a plan is not read.
"""

from collections.abc import Iterator

from clt.errors import StoreError
from clt.store.artifacts import StudyMetadata, TrainingMetadata
from clt.store.records import read_record
from clt.store.store import Store
from clt.study import Answer, Cell, Every, StudyRecord, checkpoint_key


def evaluated_steps(record: StudyRecord, training: TrainingMetadata) -> list[int]:
    """The optimizer steps whose checkpoints a study evaluates, rising; always with the selected one."""
    asked = record.study.evaluation.checkpoints
    if asked == "selected":
        return [training.selected]
    steps = [checkpoint.step for checkpoint in training.checkpoints]
    if isinstance(asked, Every):
        steps = steps[asked.every - 1 :: asked.every]
    return sorted({*steps, training.selected})


def missing_answers(store: Store, record: StudyRecord, cell: Cell, step: int) -> list[Answer]:
    """The answers of one checkpoint that the cell's metrics need and the store does not have."""
    return [answer for answer in record.answers(cell, step) if not _stands(store, answer.key)]


def gone_steps(store: Store, record: StudyRecord, cell: Cell) -> frozenset[int]:
    """The steps of a complete training whose weights this study needs and that were pruned: to be trained again."""
    if cell.is_base or not record.wants_other_weights:
        return frozenset()
    key = record.training_key(cell)
    training = TrainingMetadata.read(store, key)
    if training is None:
        return frozenset()
    needed = _needed_steps(store, record, cell, training)
    return frozenset(step for step in needed if not _stands(store, checkpoint_key(key, step)))


def wants_weights(store: Store, record: StudyRecord, cell: Cell) -> bool:
    """Whether a cell has to be trained although its scores are complete: weights that the study keeps are not there."""
    if cell.is_base or not record.wants_other_weights:
        return False
    if store.manifest(record.training_key(cell)) is None:  # let go as damaged, or by age
        return record.study.training.keep_checkpoints == "all"
    return bool(gone_steps(store, record, cell))


def wants_every_checkpoint(store: Store, record: StudyRecord, cell: Cell) -> bool:
    """Whether this study, or another one of the store that shares the training, asks for more than selected weights."""
    if record.wants_other_weights:
        return True
    training = record.training_key(cell)
    for other in _plans_that_want_more(store):
        if other is None or any(not each.is_base and other.training_key(each) == training for each in other.grid.cells):
            return True
    return False


def prune_weights(store: Store, record: StudyRecord, cell: Cell, selected: int) -> None:
    """Let go of the weights of a cell that no study of the store needs; the selected ones stay."""
    training = record.training_key(cell)
    kept = checkpoint_key(training, selected)
    others = [key for key in store.keys(f"{training}/checkpoints") if key != kept and _stands(store, key)]
    if not others:
        return
    needed = {checkpoint_key(training, step) for step in _needed_by_any(store, training)}
    for key in others:
        if key not in needed:
            store.prune(key, "scores are complete, and no study of the store asks to keep more than selected weights")


def _needed_by_any(store: Store, training_key: str) -> set[int]:
    training = TrainingMetadata.read(store, training_key)
    assert training is not None, "its evaluation has just been completed"
    needed: set[int] = set()
    for record in _plans_that_want_more(store):
        if record is None:
            return {checkpoint.step for checkpoint in training.checkpoints}
        cells = (cell for cell in record.grid.cells if not cell.is_base)
        same = next((cell for cell in cells if record.training_key(cell) == training_key), None)
        needed |= set() if same is None else _needed_steps(store, record, same, training)
    return needed


def _plans_that_want_more(store: Store) -> Iterator[StudyRecord | None]:
    """The plans that ask for more than selected weights; None for one that this version cannot read."""
    for key in store.keys("studies"):
        manifest = store.manifest(key)
        if manifest is None or manifest.pruned is not None or not StudyMetadata.of(manifest).wants_other_weights:
            continue
        try:
            record: StudyRecord | None = read_record(store, key.removeprefix("studies/"))
        except StoreError:  # nobody can say what it wants
            record = None
        yield record


def _needed_steps(store: Store, record: StudyRecord, cell: Cell, training: TrainingMetadata) -> set[int]:
    if record.study.training.keep_checkpoints == "all":
        return {checkpoint.step for checkpoint in training.checkpoints}
    if store.manifest(record.evaluation_key(cell)) is not None:
        return set()  # scores need no weights any more; asking for each of its answers would take minutes in a bucket
    return {step for step in evaluated_steps(record, training) if missing_answers(store, record, cell, step)}


def _stands(store: Store, key: str) -> bool:
    manifest = store.manifest(key)
    return manifest is not None and manifest.pruned is None
