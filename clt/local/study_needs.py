"""What a study needs of a store: the keys that it names, of whatever age."""

from collections.abc import Mapping

from clt.models import model_key
from clt.store import Manifest, Store, TrainingMetadata, evaluated_steps
from clt.study import StudyRecord, judgement_key


def needed_by(record: StudyRecord) -> set[str]:
    """The keys of all outputs that a study names, but for its answers: those are its checkpoints'."""
    keys = {record.items_key(task) for task in record.study.tasks}
    keys |= {model_key(model) for model in record.study.models}
    for cell in record.grid.cells:
        keys.add(record.evaluation_key(cell))
        if not cell.is_base:
            keys |= {record.mixture_key(cell), record.training_key(cell)}
    return keys


def answers_of(record: StudyRecord, manifests: Mapping[str, Manifest]) -> set[str]:
    """The keys of the answers, and of what a judge said to them, that a study needs of complete trainings."""
    keys: set[str] = set()
    for cell in record.grid.cells:
        if cell.is_base:
            steps = [0]
        elif (training := manifests.get(record.training_key(cell))) is not None:
            steps = evaluated_steps(record, TrainingMetadata.of(training))
        else:
            steps = []
        answers = {answer.key for step in steps for answer in record.answers(cell, step)}
        judged = answers if record.study.judge is not None else ()
        keys |= answers | {judgement_key(record.study, key) for key in judged}
    return keys


def is_busy(store: Store, record: StudyRecord) -> bool:
    """Whether a living process works on something that the study names."""
    return any(state.state == "running" for state in store.states(needed_by(record)).values())
