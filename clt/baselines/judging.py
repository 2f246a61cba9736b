"""From the runs of a baseline to a word for each comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clt.baselines.alarms import open_alarms
from clt.baselines.artifacts import EVERYTHING, How
from clt.baselines.changes import Rule, open_changes
from clt.baselines.comparisons import comparisons_of, identity_of
from clt.baselines.detection import Watched, thresholds, visible_drop, watch
from clt.baselines.document import Change, Comparison, Paired, Series, Word
from clt.baselines.history import History, pinned_run
from clt.statistics import number, numbers
from clt.study import METRICS, Baseline, Study

FLOOR = 0.125  # of the drop worth an alarm: what differs by less is no evidence where runs hardly differ
Z = 1.959964  # two-sided 95%


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watching:
    """A comparison and the runs that its evidence comes from."""

    comparison: Comparison
    identity: str
    start: int  # index of the first run
    set_aside: tuple[int, ...]  # indexes
    values: np.ndarray  # of the runs from `start`
    items: int


def judge_series(history: History, study: Study) -> list[Series]:
    """A series for every comparison of the study, the primary one first.

    Args:
        history: With one complete run at least.
        study: Of the last run.
    """
    baseline = study.baseline
    assert baseline is not None, "a baseline's run is planned from a study with `baseline`"
    comparisons = _watched(history, study)
    watching = [_watching(history, comparison) for comparison in comparisons]
    groups: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for index, each in enumerate(watching):
        groups.setdefault((each.start, each.set_aside), []).append(index)
    series: dict[int, Series] = {}
    for members in groups.values():
        group = [watching[index] for index in members]
        for index, judged in zip(members, _judge_group(history, study, baseline, group), strict=True):
            series[index] = judged
    return [series[index] for index in range(len(watching))]


def unit_of(study: Study, metric: str) -> float:
    """What one of the primary metric's units is in another metric's; metrics without ends are taken as they are."""
    baseline = study.baseline
    assert baseline is not None, "checked by the caller"
    own = METRICS[metric]
    primary = METRICS[baseline.primary.metric or study.tasks[baseline.primary.task].metrics[0]]
    if own.high is None or primary.high is None:
        return 1.0
    return (own.high - own.low) / (primary.high - primary.low)


def set_aside(history: History, comparison: Comparison) -> tuple[int, ...]:
    """The runs, by index, that a person has said had a fault that is repaired; only those since the last new level."""
    return _acknowledged(history, comparison)[1]


def _watched(history: History, study: Study) -> list[Comparison]:
    """Those of the study, and those that it no longer has but that have an open change."""
    found = {identity_of(each): each for each in comparisons_of(study)}
    for alarm in open_alarms(history.alarms, history.notes, history.order):
        found.setdefault(identity_of(alarm.comparison), alarm.comparison.model_copy(update={"primary": False}))
    return list(found.values())


def _acknowledged(history: History, comparison: Comparison) -> tuple[int, tuple[int, ...]]:
    """The first run of the level that a person acknowledged last, and the runs that were set aside since."""
    order, identity = history.order, identity_of(comparison)
    start, aside = 0, set[int]()
    for note in history.notes:
        since = order.get(note.since, 0)
        if note.kind == "acknowledge" and note.how is How.REPAIRED:
            aside |= set(range(since, order.get(note.until, since) + 1))
        elif note.kind == "acknowledge" and note.key in (identity, EVERYTHING):
            start = since
    return start, tuple(sorted(index for index in aside if index >= start))


def _watching(history: History, comparison: Comparison) -> _Watching:
    start, aside = _acknowledged(history, comparison)
    values, items = history.values(comparison, range(start, len(history.runs)))
    return _Watching(
        comparison=comparison,
        identity=identity_of(comparison),
        start=start,
        set_aside=aside,
        values=values,
        items=items,
    )


def _judge_group(history: History, study: Study, baseline: Baseline, group: Sequence[_Watching]) -> list[Series]:
    """Comparisons that start at the same run and have the same runs set aside."""
    start, count = group[0].start, len(history.runs)
    excluded = np.zeros(count - start, dtype=bool)
    excluded[[index - start for index in group[0].set_aside]] = True
    worth = np.array([baseline.worth * unit_of(study, each.comparison.metric) for each in group])
    threshold = thresholds(np.array([each.comparison.weight for each in group]), baseline.horizon, baseline.alpha)
    values = np.column_stack([each.values for each in group])
    values[excluded] = np.nan
    watched = watch(values, threshold=threshold, first_runs=baseline.first_runs, smallest_sd=FLOOR * worth)
    judged = []
    for column, each in enumerate(group):
        rule = Rule(float(threshold[column]), baseline.first_runs, float(FLOOR * worth[column]))
        ordinary = values[watched.in_reference[:, column] & ~watched.stands_out[:, column], column]
        drop = _visible_drop(ordinary, rule)
        since, alarm = int(watched.since[column]), int(watched.alarm[column])
        seen = None if alarm < 0 else (since, alarm)
        changes = open_changes(history, each.comparison, values[:, column], each.start, rule, seen)
        unsure = drop is None or drop > worth[column] or np.isnan(values[-1, column]) or watched.stands_out[-1, column]
        judged.append(_series(history, each, watched, column, rule, changes, drop, unsure=bool(unsure)))
    return judged


def _series(
    history: History,
    each: _Watching,
    watched: Watched,
    column: int,
    rule: Rule,
    changes: Sequence[Change],
    drop: float | None,
    *,
    unsure: bool,
) -> Series:
    before = [None] * each.start
    worse = [change for change in changes if (change.size > 0) != each.comparison.higher_is_better]
    told = worse[-1] if worse else changes[-1] if changes else None
    word = Word.REGRESSED if worse else Word.IMPROVED if changes else Word.CANNOT_TELL if unsure else Word.UNCHANGED
    return Series(
        comparison=each.comparison,
        word=word,
        items=each.items,
        values=[*before, *numbers(each.values)],
        low=[*before, *numbers(watched.low[:, column])],
        high=[*before, *numbers(watched.high[:, column])],
        evidence=[*before, *numbers(watched.evidence[:, column])],
        stands_out=[*[False] * each.start, *watched.stands_out[:, column].tolist()],
        threshold=rule.threshold,
        change=told,
        others=[change for change in changes if change is not told],
        visible_drop=None if drop is None else number(drop),
        paired=_paired(history, each.comparison),
    )


def _visible_drop(ordinary: np.ndarray, rule: Rule) -> float | None:
    """From the values of the runs in control, but for those that stand out."""
    if len(ordinary) < 2:
        return None
    sd = float(ordinary.std(ddof=1))
    return visible_drop(
        len(ordinary), sd, threshold=rule.threshold, first_runs=rule.first_runs, smallest_sd=rule.smallest_sd
    )


def _paired(history: History, comparison: Comparison) -> Paired | None:
    """The last run beside the pinned one; None if they are the same, or have no item in common."""
    reference = pinned_run(history.notes, history.runs)
    last = len(history.runs) - 1
    if reference is None or history.order.get(reference, last) == last:
        return None
    return paired_difference(history.paired(comparison, history.order[reference], last), reference)


def paired_difference(added: pd.Series, reference: str) -> Paired | None:
    """The sum of what items add to a difference, with its interval over items as clusters; None without any."""
    count = len(added)
    if not count:
        return None
    half = Z * np.sqrt(count * added.var()) if count > 1 else np.nan
    difference = float(added.sum())
    return Paired(
        reference=reference,
        difference=difference,
        low=number(difference - half),
        high=number(difference + half),
        items=count,
    )
