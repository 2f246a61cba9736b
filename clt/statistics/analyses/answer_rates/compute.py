"""Rates of answers at the ends of every curve, and the gains that they could explain.

An answer in the wrong language, or without anything to read, scores nothing whatever the model knows. Where its rate
falls by r, the score can rise by r of its range without one answer being better: so a fall by more than half of the
gain is named. A choice, not a test: items that change both ways are not told apart.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from clt.statistics.analyses.answer_rates.schema import AnswerRate, AnswerShift
from clt.statistics.curve.schema import Curve, Point
from clt.statistics.scores.curve_data import run_labels
from clt.statistics.scores.table import COUNTS, CURVE
from clt.statistics.values import Estimate, number
from clt.study import METRICS, MetricKind

RATES = COUNTS[COUNTS.index("items") + 1 :]
EXPLAINING = ("no_answer", "wrong_language")
SHARE = 0.5  # of the gain

Frames = Mapping[tuple[str, ...], pd.DataFrame]  # by curve


def by_curve(answers: pd.DataFrame) -> Frames:
    """The rows of `ScoreTable.answers` by what tells curves apart, each with its run."""
    if answers.empty:
        return {}
    frames = answers.assign(run=run_labels(answers)).groupby(CURVE)
    return {tuple(map(str, identity)): frame for identity, frame in frames}


def rates_of(curve: Curve, frames: Frames) -> Iterator[AnswerRate]:
    """The rates of a curve at the base model, the smallest and the largest n, of the runs that the curve rests on."""
    languages = (*curve.train_languages, *curve.held_out_languages)
    own = frames.get((*_task(curve), curve.setting, curve.mixture, "+".join(curve.train_languages)))
    base = frames.get((*_task(curve), "base", "", curve.train_languages[0]))
    if base is not None:
        first = base[base["run"] == base["run"].min()]  # the curve's base model is its first run, too
        yield from _rates(curve, None, first, languages)
    if own is None:
        return
    sizes = [point.samples_per_language for point in curve.points if point.samples_per_language is not None]
    for n in dict.fromkeys((sizes[0], sizes[-1])):
        complete = own["seed"].astype("str").isin(curve.runs) & ~own["run"].isin(curve.left_out_runs)
        rows = own[(own["samples_per_language"] == n) & complete]
        yield from _rates(curve, n, rows, languages)


def shifts_of(curve: Curve, rates: list[AnswerRate]) -> Iterator[AnswerShift]:
    """The gains of S and U from n = 0 to the largest n that one of the rates could explain by more than half."""
    last = curve.points[-1]
    if last.change is None:
        return
    groups = {"seen": curve.train_languages[1:], "unseen": curve.held_out_languages}
    for group, languages in groups.items():
        gain = _gain(curve, last, group)
        for rate in EXPLAINING:
            before, after = (group_mean(rates, n, languages, rate) for n in (0, last.samples_per_language))
            if gain is not None and before is not None and after is not None and before - after > SHARE * gain:
                yield AnswerShift(
                    curve=curve.id, group=group, rate=rate, before=before, after=after, gain=round(gain, 6)
                )


def group_mean(rates: list[AnswerRate], n: int | None, languages: list[str], rate: str) -> float | None:
    """The mean of a rate over those of some languages that have one, as S and U are means over languages."""
    values = [getattr(each, rate) for each in rates if each.samples_per_language == n and each.language in languages]
    return number(sum(values) / len(values)) if values else None


def _task(curve: Curve) -> tuple[str, str, str, str]:
    return curve.study, curve.task, curve.metric, curve.model


def _rates(curve: Curve, n: int | None, rows: pd.DataFrame, languages: tuple[str, ...]) -> Iterator[AnswerRate]:
    sums: dict[Any, dict[Any, int]] = rows.groupby("language")[["items", *RATES]].sum().to_dict("index")
    for code in languages:
        if code in sums:
            items = int(sums[code]["items"])
            shares = {name: round(sums[code][name] / items, 6) for name in RATES}
            yield AnswerRate(curve=curve.id, language=code, samples_per_language=n, items=items, **shares)


def _gain(curve: Curve, last: Point, group: str) -> float | None:
    """A rise that its interval, if there is one, does not put down to chance; as a share of the metric's range."""
    facts = METRICS.get(curve.metric)
    change: Estimate = getattr(last.change, group)
    if facts is None or facts.high is None or change.value is None or facts.kind != MetricKind.GENERATED_TEXT:
        return None  # a likelihood is in no language
    sign = 1 if curve.higher_is_better else -1
    ends = [sign * end for end in (change.low, change.high) if end is not None]
    if sign * change.value <= 0 or min(ends, default=1) <= 0:
        return None
    return sign * change.value / (facts.high - facts.low)
