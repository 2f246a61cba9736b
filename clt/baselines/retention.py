"""Which runs of a baseline are so old that what is big of them may go: their scores stay for good."""

from collections.abc import Collection, Iterator, Sequence

from clt.baselines.artifacts import CompleteRun, baselines_in
from clt.baselines.history import pinned_run, read_history
from clt.store import Store, read_record
from clt.study import Keep


def old_runs(store: Store) -> Iterator[str]:
    """The study keys of the runs of all baselines of a store that are outside of retention, by baseline and by number.

    What is kept is what the newest run's study says.

    Raises:
        StoreError: Something of a baseline is damaged, or its study cannot be read.
    """
    for name in baselines_in(store):
        history = read_history(store, name)
        baseline = read_record(store, history.study_key).study.baseline
        assert baseline is not None, "a baseline's run is planned from a study with `baseline`"
        pinned = pinned_run(history.notes, history.runs)
        old = outside_of(baseline.keep, history.runs, [pinned] if pinned else [])
        yield from (run.study_key for run in old)


def outside_of(keep: Keep, runs: Sequence[CompleteRun], pinned: Collection[str]) -> list[CompleteRun]:
    """The complete runs that nothing asks to keep, by number.

    Args:
        keep: The last `runs` stay and, with `monthly`, the first of every calendar month (UTC, by the clock of whoever
            began it).
        runs: All complete ones, in any order; what is incomplete is never old.
        pinned: The names of those that stay whatever their age.
    """
    ordered = sorted(runs, key=lambda run: run.number)
    kept = {run.run for run in ordered[-keep.runs :]}.union(pinned)
    months: dict[str, str] = {}
    for run in ordered:
        months.setdefault(run.started[: len("2026-01")], run.run)
    if keep.monthly:
        kept |= set(months.values())
    return [run for run in ordered if run.run not in kept]
