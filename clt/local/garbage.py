"""What can go of a store by what its studies need: resume states of complete trainings and, by age, what none names.

A study that was planned, run or reported within the time stays, and so does everything that it names. Indexes of
sources stay: they are small, and a study does not say which ones it used. Conversions of data on this machine go once
nobody has used them for a week.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from clt.data import unused_conversions
from clt.local.stored_study import PREFIX, plans_in
from clt.models import model_key
from clt.store import Garbage, Manifest, Store, TrainingMetadata, evaluated_steps, read_record
from clt.study import StudyRecord, judgement_key

AT_WORK = timedelta(days=1)  # within which a process saves again that makes pruned weights of a complete training
STEPS = (
    "models",
    "items",
    "mixtures",
    "trainings",
    "answers",
    "judgements",
    "evaluations",
)  # whose outputs studies name by key


def find_garbage(store: Store, *, older_than: timedelta | None = None) -> list[Garbage]:
    """Everything in a store that can go, from what no reader can see to what no study needs.

    Args:
        store: Which.
        older_than: Also studies, runs and statistics that were not used for so long, and what only such studies name;
            None: nothing by age.

    Raises:
        StoreError: A study cannot be read, so nobody can say what it needs.
    """
    found = [*store.garbage(), *unused_conversions(), *_finished_states(store)]
    return found if older_than is None else [*found, *_outdated(store, datetime.now(UTC) - older_than)]


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


def _finished_states(store: Store) -> Iterator[Garbage]:
    keys = set(store.keys("trainings"))
    states = [key for key in sorted(keys) if "/states/" in key and _root(key) in keys]
    manifests = store.manifests([*states, *dict.fromkeys(map(_root, states))])
    since = datetime.now(UTC) - AT_WORK
    for key in states:
        state, training = manifests.get(key), manifests.get(_root(key))
        if state is None or training is None:
            continue  # damaged: `clt verify` names it
        if _created(state) <= max(_created(training), since) or state.pruned is not None:
            yield _whole(store, "resume state of a complete training", key, {key: state})


def _outdated(store: Store, since: datetime) -> Iterator[Garbage]:
    plans, manifests = plans_in(store), store.manifests(store.keys(""))
    records = {key: read_record(store, key) for key in plans}
    busy = {key for key in plans if _is_busy(store, records[key])}
    used = _last_uses(plans, records, manifests)
    old = {key for key in plans if used[key] < since} - busy
    kept = [records[study] for study in plans.keys() - old]
    needed = {key for record in kept for key in needed_by(record) | answers_of(record, manifests)}
    for root, below in _by_root(manifests).items():
        if any(_created(manifest) >= since for manifest in below.values()):
            continue
        kind, _, name = root.partition("/")
        if kind == "studies" and name in old:
            yield _guarded(store, plans, "study", root, below)
        elif kind in STEPS and root not in needed:
            yield _guarded(store, plans, "output that no study names", root, below)
        elif kind == "replies" and not busy:  # judgements and answers have them; they spare who asks the same again
            yield _guarded(store, plans, "reply of an endpoint", root, below)
        elif kind == "runs" and not any(each.metadata.get("study_key") in busy for each in below.values()):
            yield _guarded(store, plans, "run", root, below)
        elif kind == "statistics" and _is_superseded(root, manifests, old):
            yield _guarded(store, plans, "statistics", root, below)


def _by_root(manifests: Mapping[str, Manifest]) -> dict[str, dict[str, Manifest]]:
    found: dict[str, dict[str, Manifest]] = defaultdict(dict)
    for key, manifest in manifests.items():
        found[_root(key)][key] = manifest
    return found


def _last_uses(
    plans: Mapping[str, Manifest], records: Mapping[str, StudyRecord], manifests: Mapping[str, Manifest]
) -> dict[str, datetime]:
    """When each study was last planned, run, evaluated or reported."""
    naming: dict[str, list[datetime]] = defaultdict(list)
    for key, manifest in manifests.items():
        facts = manifest.metadata
        for study in [facts.get("study_key"), *(facts.get("studies") or [])]:
            naming[str(study)].append(_created(manifest))
        naming[key].append(_created(manifest))
    return {
        study: max(
            [_created(plan), *naming[study], *(when for key in needed_by(records[study]) for when in naming[key])]
        )
        for study, plan in plans.items()
    }


def _is_busy(store: Store, record: StudyRecord) -> bool:
    return any(state.state == "running" for state in store.states(needed_by(record)).values())


def _is_superseded(key: str, manifests: Mapping[str, Manifest], old: Collection[str]) -> bool:
    """Whether statistics are of a study that goes, or newer ones are there of the same studies."""
    own = manifests[key]
    of = own.metadata.get("studies")
    return not set(of or old).isdisjoint(old) or any(
        other.metadata.get("studies") == of and _created(other) > _created(own)
        for name, other in manifests.items()
        if name.startswith("statistics/")
    )


def _guarded(
    store: Store, plans: Mapping[str, Manifest], kind: str, root: str, below: Mapping[str, Manifest]
) -> Garbage:
    """Goes only if no study has been planned since it was found."""
    whole = _whole(store, kind, root, below)

    def remove() -> bool:
        known = {PREFIX + study for study in plans}
        return known.issuperset(store.keys(PREFIX.rstrip("/"))) and whole.remove()

    return Garbage(kind=kind, place=root, size=whole.size, remove=remove)


def _whole(store: Store, kind: str, place: str, manifests: Mapping[str, Manifest]) -> Garbage:
    """A key and those below it, the key itself first: what is below is of no use without it."""
    size = sum(facts.size for each in manifests.values() if each.pruned is None for facts in each.files.values())
    removals = [partial(store.remove, key, only=manifest) for key, manifest in sorted(manifests.items())]
    return Garbage(kind=kind, place=place, size=size, remove=lambda: all(remove() for remove in removals))


def _root(key: str) -> str:
    """The key of the step's output that a key belongs to."""
    return "/".join(key.split("/")[:2])


def _created(manifest: Manifest) -> datetime:
    return datetime.fromisoformat(manifest.created)
