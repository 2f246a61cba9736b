"""Which runs of a table of scores repeat each other: seeds of one cell, and English-only runs trained again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class RunScores:
    """One run at one point: means by language, and the same with each item left out once, arrays (items,)."""

    items: tuple[str, ...]
    means: Mapping[str, float]
    left_out: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class RepeatedRuns:
    """Repeated runs of one point: means by language, one mapping a run, and the same with each item left out once."""

    curves: frozenset[str]  # that have any of them
    point: tuple[str, str, int]  # model, setting and n
    means: tuple[Mapping[str, float], ...]
    left_out: tuple[Mapping[str, Array], ...]  # arrays (items,); empty where the runs do not share their items


def find_repeated_runs(curves: Sequence[CurveData]) -> dict[tuple[str, str, str], tuple[RepeatedRuns, ...]]:
    """Repeated runs of the curves by (study, task, metric); a run that several curves share counts once."""
    runs_at: dict[tuple[str, str, str], dict[tuple[object, ...], dict[object, RunScores]]] = {}
    having: dict[tuple[object, ...], set[str]] = {}
    points: dict[tuple[object, ...], tuple[str, str, int]] = {}
    for data in curves:
        for n in data.sample_sizes:
            mixture = _mixture(data, n)
            runs = runs_at.setdefault(data.task, {}).setdefault(mixture, {})
            having.setdefault((data.task, mixture), set()).add(data.id)
            points[data.task, mixture] = data.identity["model"], data.identity["setting"], n
            for key, run in _by_name(data, n).items():
                runs.setdefault(key, run)
    return {
        task: tuple(
            _group(tuple(runs.values()), frozenset(having[task, mixture]), points[task, mixture])
            for mixture, runs in groups.items()
            if len(runs) > 1
        )
        for task, groups in runs_at.items()
    }


def same_run(data: CurveData, point_index: int) -> tuple[object, ...]:
    """Equal for points that are the same trained runs: an English-only run stands in several curves."""
    if point_index != data.baseline_index:
        return data.id, point_index
    return (*_mixture(data, 0), *_by_scores(runs_at(data, point_index)))


def _group(runs: tuple[RunScores, ...], curves: frozenset[str], point: tuple[str, str, int]) -> RepeatedRuns:
    alike = len({run.items for run in runs}) == 1 and len(runs[0].items) > 1
    return RepeatedRuns(
        curves=curves,
        point=point,
        means=tuple(run.means for run in runs),
        left_out=tuple(run.left_out for run in runs) if alike else (),
    )


def _mixture(data: CurveData, n: int) -> tuple[object, ...]:
    """What repeated runs share. At n = 0 that is no matter of the curve: only English was trained on."""
    if n > 0:
        return data.id, n
    return data.identity["model"], data.identity["setting"], data.rows[data.sample_sizes.index(0)]


def _by_name(data: CurveData, n: int) -> dict[object, RunScores]:
    """Every run at one n by a name that curves with the same run share.

    Within a curve a run has its label. English-only runs of several curves are the same if their scores are: a table
    has no labels that hold across curves. With scores per item the label tells more, as an item that one curve lacks
    changes the means.
    """
    runs = runs_at(data, data.point_index(n))
    labelled = n > 0 or (data.has_items and data.identity["study"])
    return dict(zip(data.runs if labelled else _by_scores(runs), runs, strict=True))


def _by_scores(runs: Sequence[RunScores]) -> list[object]:
    """Names of one curve's runs by their means; runs with the same means are counted, and stay apart."""
    means = [tuple(sorted(run.means.items())) for run in runs]
    return [(run_means, means[:index].count(run_means)) for index, run_means in enumerate(means)]


def runs_at(data: CurveData, point_index: int) -> list[RunScores]:
    """Every run at one point."""
    sample = data.sample
    counts, scores = sample.mask.sum(axis=0), sample.scores[:, :, point_index]
    totals = scores.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (totals / counts).round(12)
        left_out = (totals[:, None] - scores) / (counts - sample.mask)
    scored = [(k, code) for k, code in enumerate(data.roles.languages) if sample.present[point_index, k]]
    return [
        RunScores(
            items=sample.items,
            means={code: float(mean[k]) for k, code in scored},
            left_out={code: without[:, k] for k, code in scored},
        )
        for mean, without in zip(means, left_out, strict=True)
    ]
