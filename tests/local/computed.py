"""Studies whose outputs are there in name: what is kept and what goes is decided by keys and manifests alone."""

from datetime import timedelta
from pathlib import Path

from clt.local import find_garbage
from clt.local.study_needs import answers_of, needed_by
from clt.planning import plan_study, read_study
from clt.store import Store
from clt.study import StudyRecord

LONG = timedelta(days=30)


def plan(store: Store, study: Path, name: str, seed: int) -> StudyRecord:
    """A plan of the small study with another name and seed."""
    text = study.read_text().replace("name: sums", f"name: {name}").replace("mixtures:", f"seeds: [{seed}]\nmixtures:")
    other = study.with_name(f"{name}.yaml")
    other.write_text(text)
    return plan_study(store, read_study(other))


def publish(store: Store, key: str, **metadata: object) -> None:
    """An artifact of a file of 4 bytes."""
    with store.writer(key) as attempt:
        (attempt.path / "data").write_text("data")
        attempt.metadata.update(metadata)


def compute(store: Store, record: StudyRecord) -> None:
    """Publish all that a study names, as if its cells had run."""
    trained = {"selected": 2, "checkpoints": [{"step": 2, "validation_loss": 0.5, "validation": {}}], "tokens": 9}
    for key in needed_by(record):
        publish(store, key, **(trained if key.startswith("trainings/") else {}))
    for key in answers_of(record, store.manifests(store.keys("trainings"))):
        publish(store, key)


def outputs(store: Store, record: StudyRecord) -> set[str]:
    """All that `compute` makes; answers are known while the trainings are there."""
    answers = answers_of(record, store.manifests(store.keys("trainings")))
    assert answers
    return needed_by(record) | answers


def places(store: Store, older_than: timedelta | None = LONG) -> set[str]:
    """What would go."""
    return {each.place for each in find_garbage(store, older_than=older_than)}
