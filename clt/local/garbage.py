"""What can go of a store by what its studies need: resume states of complete trainings, the big parts of a baseline's
old runs (see `old_runs`) and, by age, what none names.

A study that was planned, run or reported within the time stays, and so does everything that it names. Indexes of
sources stay: they are small, and a study does not say which ones it used. Conversions of data on this machine go once
nobody has used them for a week.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from clt.data import unused_conversions
from clt.local.old_runs import find_old_runs
from clt.local.removal import by_root, created, guarded, root_of, whole
from clt.local.stored_study import PREFIX, plans_in
from clt.local.study_needs import answers_of, is_busy, needed_by
from clt.store import Garbage, Manifest, Store, read_record
from clt.study import StudyRecord

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
        StoreError: Something may go by age, or with an old run of a baseline, and a study cannot be read: nobody can
            say what it needs.
    """
    going = {each.place: each for each in find_old_runs(store)}
    if older_than is not None:
        going |= {each.place: each for each in _outdated(store, datetime.now(UTC) - older_than)}
    states = [each for each in _finished_states(store) if root_of(each.place) not in going]
    return [*store.garbage(), *unused_conversions(), *states, *going.values()]


def _finished_states(store: Store) -> Iterator[Garbage]:
    keys = set(store.keys("trainings"))
    states = [key for key in sorted(keys) if "/states/" in key and root_of(key) in keys]
    manifests = store.manifests([*states, *dict.fromkeys(map(root_of, states))])
    since = datetime.now(UTC) - AT_WORK
    for key in states:
        state, training = manifests.get(key), manifests.get(root_of(key))
        if state is None or training is None:
            continue  # damaged: `clt verify` names it
        if created(state) <= max(created(training), since) or state.pruned is not None:
            yield whole(store, "resume state of a complete training", key, {key: state})


def _outdated(store: Store, since: datetime) -> Iterator[Garbage]:
    plans, manifests = plans_in(store), store.manifests(store.keys(""))
    known = {PREFIX.rstrip("/"): [PREFIX + study for study in plans]}
    records = {key: read_record(store, key) for key in plans}
    busy = {key for key in plans if is_busy(store, records[key])}
    baselines = _baselines(plans, manifests)
    used = _last_uses(plans, records, manifests, baselines)
    recorded = set().union(*baselines)  # their records say what a baseline watches, and are small
    old = {key for key in plans if used[key] < since} - busy
    kept = [records[study] for study in plans.keys() - old]
    needed = {key for record in kept for key in needed_by(record) | answers_of(record, manifests)}
    for root, below in by_root(manifests).items():
        if any(created(manifest) >= since for manifest in below.values()):
            continue
        kind, _, name = root.partition("/")
        if kind == "studies" and name in old and name not in recorded:
            yield guarded(store, whole(store, "study", root, below), known)
        elif kind in STEPS and root not in needed:
            yield guarded(store, whole(store, "output that no study names", root, below), known)
        elif kind == "replies" and not busy:  # judgements and answers have them; they spare who asks the same again
            yield guarded(store, whole(store, "reply of an endpoint", root, below), known)
        elif kind == "runs" and not any(each.metadata.get("study_key") in busy for each in below.values()):
            yield guarded(store, whole(store, "run", root, below), known)
        elif kind == "statistics" and _is_superseded(root, manifests, old):
            yield guarded(store, whole(store, "statistics", root, below), known)


def _last_uses(
    plans: Mapping[str, Manifest],
    records: Mapping[str, StudyRecord],
    manifests: Mapping[str, Manifest],
    baselines: Collection[Collection[str]],
) -> dict[str, datetime]:
    """When each study was last planned, run, evaluated or reported; all runs of a baseline are used while it is."""
    naming: dict[str, list[datetime]] = defaultdict(list)
    for key, manifest in manifests.items():
        facts = manifest.metadata
        for study in [facts.get("study_key"), *(facts.get("studies") or [])]:
            naming[str(study)].append(created(manifest))
        naming[key].append(created(manifest))
    used = {
        study: max(
            [created(plan), *naming[study], *(when for key in needed_by(records[study]) for when in naming[key])]
        )
        for study, plan in plans.items()
    }
    for runs in baselines:
        used |= dict.fromkeys(runs, max(used[study] for study in runs))
    return used


def _baselines(plans: Mapping[str, Manifest], manifests: Mapping[str, Manifest]) -> list[set[str]]:
    """The planned studies of the runs of each baseline."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, manifest in manifests.items():
        if key.startswith("baselines/") and (study := manifest.metadata.get("study_key")) in plans:
            found[root_of(key)].add(str(study))
    return list(found.values())


def _is_superseded(key: str, manifests: Mapping[str, Manifest], old: Collection[str]) -> bool:
    """Whether statistics are of a study that goes, or newer ones are there of the same studies."""
    own = manifests[key]
    of = own.metadata.get("studies")
    return not set(of or old).isdisjoint(old) or any(
        other.metadata.get("studies") == of and created(other) > created(own)
        for name, other in manifests.items()
        if name.startswith("statistics/")
    )
