"""The open changes of one comparison: one after the other, each from the level that the one before led to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clt.baselines.alarms import open_alarms, same_change
from clt.baselines.comparisons import identity_of
from clt.baselines.detection import estimate_change, watch
from clt.baselines.document import Change, Comparison
from clt.baselines.history import History
from clt.hashing import short_hash


@dataclass(frozen=True, slots=True)
class Rule:
    """What is an alarm."""

    threshold: float  # of the evidence
    first_runs: int
    smallest_sd: float  # in the metric's unit


def open_changes(
    history: History, comparison: Comparison, values: np.ndarray, start: int, rule: Rule, seen: tuple[int, int] | None
) -> list[Change]:
    """Those that the runs show now and those that were found before and are not acknowledged, oldest first.

    Args:
        history: All runs.
        comparison: What is watched.
        values: (runs,), of the runs from `start` on; NaN where a run has none or is set aside.
        start: Index of the first run.
        rule: What is an alarm.
        seen: Of the first alarm in `values`: the first run after the change, and the run of the alarm; None: there is
            none.
    """
    order, identity = history.order, identity_of(comparison)
    kept = [alarm for alarm in history.alarms if identity_of(alarm.comparison) == identity]
    known = [alarm.change for alarm in open_alarms(kept, history.notes, order)]
    found = []
    for change in _found(history, identity, values, start, rule, seen):
        before = next((each for each in known if same_change(each, change, order)), None)
        if before is not None:  # what people were told stays what it is called; its size gets more exact
            known.remove(before)
            change = change.model_copy(update={"id": before.id, "found": before.found})
        found.append(change)
    return sorted([*known, *found], key=lambda change: order.get(change.since, 0))


def _found(
    history: History, identity: str, values: np.ndarray, start: int, rule: Rule, seen: tuple[int, int] | None
) -> Iterator[Change]:
    first = 0  # of the level that is watched
    while seen is not None:
        since, alarm = seen
        until = _until(values, first, since, alarm)
        estimate = estimate_change(values[first : until + 1], since=since - first)
        names = {
            name: history.runs[start + index].run
            for name, index in (("since", since), ("found", alarm), ("until", until))
        }
        yield Change(
            id=short_hash([identity, names["found"]]),
            before=estimate.before,
            after=estimate.after,
            size=estimate.size,
            low=estimate.low,
            high=estimate.high,
            **names,
        )
        first, seen = since, _next(values, since, rule)


def _next(values: np.ndarray, first: int, rule: Rule) -> tuple[int, int] | None:
    """The first run after the next change, and the run of its alarm, where the level begins at `first`."""
    watched = watch(
        values[first:, None],
        threshold=np.array([rule.threshold]),
        first_runs=rule.first_runs,
        smallest_sd=np.array([rule.smallest_sd]),
    )
    since, alarm = int(watched.since[0]), int(watched.alarm[0])
    return None if alarm < 0 else (first + since, first + alarm)


def _until(values: np.ndarray, first: int, since: int, alarm: int) -> int:
    """The last run before one that is nearer to the old level than to the new one."""
    before, after = np.nanmean(values[first:since]), np.nanmean(values[since : alarm + 1])
    until = alarm
    for index in range(alarm + 1, len(values)):
        if np.isnan(values[index]):
            continue
        if abs(values[index] - before) < abs(values[index] - after):
            break
        until = index
    return until
