"""The end of a baseline's run: it is recorded if it is complete, and the baseline is judged."""

from clt.baselines.artifacts import PlannedRun
from clt.baselines.document import Verdict
from clt.baselines.recording import missing_cells, record_run
from clt.baselines.starting import planned_runs
from clt.baselines.verdict import judge_baseline
from clt.errors import StoreError
from clt.store import Store, read_record


def conclude(store: Store, study_key: str) -> Verdict:
    """The verdict with the run that a planned study is, if all of its cells have scores; without it otherwise.

    Args:
        store: Where it was planned and run.
        study_key: Of the run's study, whose `repeat` is the run's name.

    Raises:
        StoreError: It is no run of a baseline, or something of it is damaged.
    """
    record = read_record(store, study_key)
    planned = _planned(store, record.study.name, record.repeat)
    if not missing_cells(store, record):
        record_run(store, record, planned)
    return judge_baseline(store, record.study.name)


def _planned(store: Store, name: str, run: str) -> PlannedRun:
    planned = planned_runs(store, name)
    if run not in planned:
        known = ", ".join(planned) or "there is none"
        raise StoreError(f"got run {run!r}, expected one of baseline {name} in the store {store.uri}: {known}")
    return planned[run]
