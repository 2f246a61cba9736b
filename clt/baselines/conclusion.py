"""The end of a baseline's run: it is recorded if it is complete, what was found is kept, and the baseline is judged."""

import logging
from collections.abc import Iterable

from clt.baselines.alarms import keep_alarms
from clt.baselines.artifacts import PlannedRun, place
from clt.baselines.document import Verdict
from clt.baselines.recording import missing_cells, record_run
from clt.baselines.starting import planned_names, planned_runs
from clt.baselines.verdict import judge_baseline
from clt.errors import StoreError, UserError
from clt.store import Store, read_record

_LOG = logging.getLogger("clt.baselines")
LATE = 20  # runs before the last one that may still end: older ones have died


def conclude(store: Store, study_key: str) -> Verdict:
    """The verdict with the run that a planned study is, and earlier ones, if all of their cells have scores.

    Changes that the verdict finds are kept from here on.

    Args:
        store: Where it was planned and run.
        study_key: Of the run's study, whose `repeat` is the run's name.

    Raises:
        StoreError: It is no run of a baseline, or something of it is damaged.
        EndpointError: Its judge cannot be asked; call this again.
    """
    record = read_record(store, study_key)
    name, run = record.study.name, record.repeat
    names = planned_names(store, name)
    if run not in names:
        known = ", ".join(names) or "there is none"
        raise StoreError(f"got run {run!r}, expected one of baseline {name} in the store {store.uri}: {known}")
    recorded = {key.rpartition("/")[2] for key in store.keys(place(name, "runs"))}
    left = planned_runs(store, name, but=recorded | (set(names[:-LATE]) - {run}))
    if run in left:
        _record(store, left.pop(run))
    _record_late(store, left.values())
    verdict = judge_baseline(store, name)
    keep_alarms(store, verdict)
    return verdict


def _record(store: Store, planned: PlannedRun) -> None:
    record = read_record(store, planned.study_key)
    if not missing_cells(store, record):
        record_run(store, record, planned)


def _record_late(store: Store, left: Iterable[PlannedRun]) -> None:
    """Others that have ended meanwhile, or were not recorded when they did; a fault of theirs is not this run's."""
    for planned in left:
        try:
            _record(store, planned)
        except UserError as error:
            _LOG.warning(f"run {planned.run} cannot be recorded: {error}")
