"""How a run of a baseline begins: it gets its number and its seeds, once, however often it is started."""

from collections.abc import Collection
from datetime import UTC, datetime

from clt.baselines.artifacts import BegunRun, PlannedRun, manifests_of, place, run_slug
from clt.baselines.comparisons import comparisons_of, identity_of
from clt.errors import StudyError, UserError
from clt.store import Store, read_record
from clt.study import Study


def begin_run(store: Store, study: Study, run: str) -> Study:
    """The study with the seeds of this run, which has its number from here on.

    Args:
        store: Where the baseline's runs are.
        study: With a `baseline`.
        run: The run's name; its cells' repeat. The same name again goes on with that run.

    Raises:
        StudyError: The study has no `baseline`, or another primary comparison than the runs before; or the run was
            begun with seeds that the study no longer has.
    """
    baseline = study.baseline
    if baseline is None:
        raise StudyError("is missing, expected what is an alarm (clt baseline init makes one)", field="baseline")
    key = place(study.name, "begun", run_slug(run))
    with store.lock(f"baseline-{study.name}", wait=True):  # of two that begin at once each has seeds of its own
        begun = BegunRun.read(store, key)
        if begun is None:
            earlier = len(store.keys(place(study.name, "begun")))
            _require_same_primary(store, study)
            begun = BegunRun(
                run=run,
                number=earlier + 1,
                seeds=list(study.of_run(earlier).seeds),
                started=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            with store.writer(key) as attempt:
                begun.write(attempt)
    if not set(begun.seeds) <= set(study.seeds):
        raise StudyError(
            f"run {run} was begun with {begun.seeds}, expected them among the study's; take another name for a run",
            field="seeds",
        )
    return study.model_copy(update={"seeds": tuple(begun.seeds)})


def note_planned(store: Store, study: Study, run: str, study_key: str) -> PlannedRun:
    """Say in the store which planned study a run that has begun is.

    Raises:
        UserError: It was planned as another one before: another study, or other data.
    """
    begun = BegunRun.read(store, place(study.name, "begun", run))
    assert begun is not None, "a run is begun before it is planned"
    key = place(study.name, "planned", f"{begun.number:06d}-{run}")
    with store.writer(key) as attempt:
        PlannedRun(**begun.model_dump(), study_key=study_key).write(attempt)
    planned = PlannedRun.read(store, key)
    assert planned is not None, "it has just been written"
    if planned.study_key != study_key:
        raise UserError(
            f"run {run} of baseline {study.name} was planned as {planned.study_key}, and the study or its data have "
            f"changed since: this is {study_key}; give the run another name, or put back what it was planned with"
        )
    return planned


def planned_runs(store: Store, name: str, *, but: Collection[str] = ()) -> dict[str, PlannedRun]:
    """All runs that were planned, by name, in the order of their numbers; those of `but` are not looked at."""
    keys = [key for run, key in _planned_keys(store, name).items() if run not in but]
    found = [PlannedRun.of(manifest) for manifest in manifests_of(store, keys).values()]
    return {each.run: each for each in found}


def planned_names(store: Store, name: str) -> list[str]:
    """The names of all runs that were planned, in the order of their numbers; by one listing."""
    return list(_planned_keys(store, name))


def _planned_keys(store: Store, name: str) -> dict[str, str]:
    """Run -> key; keys begin with the number, so that their order is that of the runs."""
    return {key.rpartition("/")[2].partition("-")[2]: key for key in sorted(store.keys(place(name, "planned")))}


def _require_same_primary(store: Store, study: Study) -> None:
    """A baseline goes on with other data, mixtures and settings, but not with another question."""
    if not (names := planned_names(store, study.name)):
        return
    (last,) = planned_runs(store, study.name, but=names[:-1]).values()
    before, now = (comparisons_of(each)[0] for each in (read_record(store, last.study_key).study, study))
    if identity_of(before) != identity_of(now):
        raise StudyError(
            f"got {now.name} in {', '.join(now.languages)}, expected that of run {last.run}: {before.name} in "
            f"{', '.join(before.languages)}; the runs of baseline {study.name} would not be comparable: give the "
            "study another name, or take another store",
            field="baseline.primary",
        )
