"""How much two runs differ that should not: per task, and which steps of the curves are inside it."""

from collections.abc import Sequence

import numpy as np

from clt.statistics.analyses.noise.schema import Noise, Steps
from clt.statistics.curve.measures import relative
from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.run_noise import Array, Measurement, PooledSD, RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number


def noise_of(curves: Sequence[CurveData], run_noise: RunNoise) -> list[Noise]:
    """Noise of English, of the mean over the other languages, of R and of a single language, for every task."""
    first: dict[tuple[str, str, str], CurveData] = {}
    for data in curves:  # the curve with most languages stands for its task
        if data.task not in first or len(_others(data)) > len(_others(first[data.task])):
            first[data.task] = data
    documents = []
    repeats = RunNoise(run_noise.groups)
    for task, data in sorted(first.items()):
        spreads, repeated = _spreads(data, run_noise), _spreads(data, repeats)
        identity = dict(zip(("study", "task", "metric"), task, strict=True))
        sources = _sources(data, repeats)
        documents += [
            _document(pooled_sd, repeated[name], identity, name, sources)
            for name, pooled_sd in spreads.items()
            if pooled_sd is not None
        ]
    return documents


def _spreads(data: CurveData, run_noise: RunNoise) -> dict[str, PooledSD | None]:
    """Of English, A, R and a single language."""
    spreads = {name: run_noise.pooled_sd(data, measure) for name, measure in _measures(data).items()}
    return spreads | {"language": run_noise.pooled_sd_over(data, data.roles.languages[1:2])}


def steps_inside(curves: Sequence[CurveData], run_noise: RunNoise) -> list[Steps]:
    """For every curve whose task has repeated runs: the steps between neighbouring n that noise could have made."""
    documents = []
    for data in curves:
        non_english = _measures(data)["non_english"]
        spread = run_noise.pooled_sd(data, non_english)
        steps = np.abs(np.diff(non_english(plain_means(data.sample)[int(data.has_base) :])))
        if spread is None or not len(steps) or not np.isfinite(steps).all():
            continue
        threshold = np.sqrt(2) * spread.half_width(max(len(data.runs), 1))
        documents.append(
            Steps(
                curve=data.id,
                steps=len(steps),
                inside=int((steps <= threshold).sum()),
                largest=round(float(steps.max()), 6),
                threshold=round(float(threshold), 6),
            )
        )
    return documents


def _measures(data: CurveData) -> dict[str, Measurement]:
    """Measures of scores whose columns are the curve's languages, English first; those scored nowhere are left out."""
    others = _others(data)

    def non_english(scores: Array) -> Array:
        return np.asarray(scores[:, others].mean(axis=1)) if others else np.full(len(scores), np.nan)

    return {
        "english": lambda scores: scores[:, 0],
        "non_english": non_english,
        "relative": lambda scores: relative(non_english(scores), scores[:, 0]),
    }


def _others(data: CurveData) -> list[int]:
    """Columns of the scored languages other than English."""
    return [data.roles.languages.index(code) for code in data.roles.groups()["non_english"]]


def _sources(data: CurveData, run_noise: RunNoise) -> list[str]:
    """Where the repeated runs are from: "a-model, single_task, n = 0, 20", one for each model and setting."""
    counts: dict[tuple[str, str], set[int]] = {}
    for group in run_noise.used(data):
        counts.setdefault(group.point[:2], set()).add(group.point[2])
    return [
        f"{model}, {setting}, n = {', '.join(str(n) for n in sorted(sizes))}"
        for (model, setting), sizes in sorted(counts.items())
    ]


def _document(
    spread: PooledSD, repeated: PooledSD | None, identity: dict[str, str], measure: str, sources: list[str]
) -> Noise:
    """`repeated` is what the repeated runs alone say."""
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
        neighbours=spread.groups - (repeated.groups if repeated else 0),
        sources=sources,
        runs=spread.runs,
        largest_difference=round(repeated.largest, 6) if repeated else None,
        smallest_difference=round(float(np.sqrt(2)) * spread.half_width(1), 6),
    )
