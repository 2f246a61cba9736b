"""How much two runs differ that should not: per task, and which steps of the curves are inside it."""

from collections.abc import Sequence

import numpy as np

from components.transfer_statistics.curve.estimates import number
from components.transfer_statistics.curve.measures import relative
from components.transfer_statistics.curve.resampling import plain_means
from components.transfer_statistics.evidence.repeats import Measure, Repeats, Spread
from components.transfer_statistics.schema import Estimate, Noise, Steps
from components.transfer_statistics.scores.curve_data import CurveData

TASK = ("study", "task", "metric")
MEASURES: dict[str, Measure] = {  # of scores (runs, languages), English first
    "english": lambda scores: scores[:, 0],
    "non_english": lambda scores: scores[:, 1:].mean(axis=1),
    "relative": lambda scores: relative(scores[:, 1:].mean(axis=1), scores[:, 0]),
}


def noise_of(curves: Sequence[CurveData], repeats: Repeats) -> list[Noise]:
    """Noise of English, of the mean over the other languages, of R and of a single language, for every task."""
    first: dict[tuple[str, ...], CurveData] = {}
    for data in curves:  # the curve with most languages stands for its task
        task = tuple(data.identity[name] for name in TASK)
        if task not in first or len(data.roles.languages) > len(first[task].roles.languages):
            first[task] = data
    found = []
    for task, data in sorted(first.items()):
        spreads = {name: repeats.spread(data, measure) for name, measure in MEASURES.items()}
        spreads["language"] = repeats.spread_over(data, (data.roles.english,))
        identity = dict(zip(TASK, task, strict=True))
        found += [_document(one, identity, name) for name, one in spreads.items() if one is not None]
    return found


def steps_inside(curves: Sequence[CurveData], repeats: Repeats) -> list[Steps]:
    """For every curve whose task has repeated runs: the steps between neighbouring n that noise could have made."""
    found = []
    for data in curves:
        spread = repeats.spread(data, MEASURES["non_english"])
        start = int(data.has_base)
        steps = np.abs(np.diff(plain_means(data.sample)[start:, 1:].mean(axis=1)))
        if spread is None or not len(steps) or not np.isfinite(steps).all():
            continue
        threshold = np.sqrt(2) * spread.half_width(max(len(data.runs), 1))
        found.append(
            Steps(
                curve=data.id,
                steps=len(steps),
                inside=int((steps <= threshold).sum()),
                largest=round(float(steps.max()), 6),
                threshold=round(float(threshold), 6),
            )
        )
    return found


def _document(spread: Spread, identity: dict[str, str], measure: str) -> Noise:
    return Noise(
        **identity,
        measure=measure,
        sd=Estimate(
            value=number(spread.sd),
            low=number(spread.low),
            high=number(spread.high),
            method=f"chi-square, {spread.df} degrees of freedom",
        ),
        df=spread.df,
        groups=spread.groups,
        runs=spread.runs,
        largest_difference=round(spread.largest, 6),
        smallest_difference=round(float(np.sqrt(2)) * spread.half_width(1), 6),
    )
