"""The end of a baseline's run: it is recorded if it is complete, and the baseline is judged."""

from clt.baselines.artifacts import place
from clt.baselines.document import Verdict
from clt.baselines.recording import missing_cells, record_run
from clt.baselines.starting import planned_runs
from clt.baselines.verdict import judge_baseline
from clt.errors import StoreError
from clt.store import Store, read_record


def conclude(store: Store, study_key: str) -> Verdict:
    """The verdict with the run that a planned study is, and earlier ones, if all of their cells have scores.

    Args:
        store: Where it was planned and run.
        study_key: Of the run's study, whose `repeat` is the run's name.

    Raises:
        StoreError: It is no run of a baseline, or something of it is damaged.
    """
    record = read_record(store, study_key)
    name, run = record.study.name, record.repeat
    planned = planned_runs(store, name)
    if run not in planned:
        known = ", ".join(planned) or "there is none"
        raise StoreError(f"got run {run!r}, expected one of baseline {name} in the store {store.uri}: {known}")
    recorded = {key.rpartition("/")[2] for key in store.keys(place(name, "runs"))}
    for each in planned.values():  # an earlier one may have ended before it was recorded, or end only now
        if each.run not in recorded:
            own = read_record(store, each.study_key)
            if not missing_cells(store, own):
                record_run(store, own, each)
    return judge_baseline(store, name)
