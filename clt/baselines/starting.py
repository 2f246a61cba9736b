"""How a run of a baseline begins: it gets its number and its seeds, once, however often it is started."""

from collections.abc import Collection
from datetime import UTC, datetime

from clt.baselines.artifacts import PlannedRun, manifests_below, place, run_slug
from clt.baselines.comparisons import comparisons_of, identity_of
from clt.errors import StudyError
from clt.store import Store, read_record
from clt.study import Study


def begin_run(store: Store, study: Study, run: str) -> Study:
    """The study with the seeds of this run.

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
    planned = planned_runs(store, study.name)
    if planned:
        _require_same_primary(store, study, [*planned.values()][-1])
    known = next((each for each in planned.values() if each.run == run_slug(run)), None)
    if known is not None and not set(known.seeds) <= set(study.seeds):
        raise StudyError(
            f"run {run} was begun with {known.seeds}, expected them among the study's; take another name for a run",
            field="seeds",
        )
    if known is not None and baseline.seeds == "rotate":
        return study.model_copy(update={"seeds": tuple(known.seeds)})
    return study.of_run(len(planned))


def note_planned(store: Store, study: Study, run: str, study_key: str) -> PlannedRun:
    """Say in the store that the run has begun; of two that begin at once the second has the higher number."""
    with store.lock(f"baseline-{study.name}", wait=True):
        planned = planned_runs(store, study.name)
        if run in planned:
            return planned[run]
        begun = PlannedRun(
            run=run_slug(run),
            number=1 + max((each.number for each in planned.values()), default=0),
            study_key=study_key,
            seeds=list(study.seeds),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with store.writer(place(study.name, "planned", run)) as attempt:
            begun.write(attempt)
    return begun


def planned_runs(store: Store, name: str, *, but: Collection[str] = ()) -> dict[str, PlannedRun]:
    """All runs that have begun, by name, in the order of their numbers; those of `but` are not looked at."""
    found = [PlannedRun.of(manifest) for manifest in manifests_below(store, name, "planned", but=but).values()]
    return {each.run: each for each in sorted(found, key=lambda each: each.number)}


def _require_same_primary(store: Store, study: Study, last: PlannedRun) -> None:
    """A baseline goes on with other data, mixtures and settings, but not with another question."""
    before = comparisons_of(read_record(store, last.study_key).study)[0]
    now = comparisons_of(study)[0]
    if identity_of(before) != identity_of(now):
        raise StudyError(
            f"got {now.name}, expected that of run {last.run}, {before.name}: the runs of baseline {study.name} would "
            "not be comparable; give the study another name, or take another store",
            field="baseline.primary",
        )
