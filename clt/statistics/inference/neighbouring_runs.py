"""What runs at neighbouring n tell of the noise between runs, where none is repeated.

A score bends little from one n to the next: a run differs from what the runs before and after it lead to expect, on the
line between them over log n, by noise (pseudo-residuals: Gasser, Sroka and Jennen-Steinmetz 1986, Biometrika 73).
Where the curve does bend, the noise comes out too large, never too small. Triples of n are disjoint, so their residuals
are independent, and leave out n = 0 and the largest n: changes between these two are judged by other runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from clt.statistics.inference.repeated_runs import RepeatedRuns, runs_at
from clt.statistics.scores.curve_data import CurveData

Score = TypeVar("Score", float, np.ndarray)


def find_neighbouring_runs(curves: Sequence[CurveData]) -> dict[tuple[str, str, str], tuple[RepeatedRuns, ...]]:
    """Triples of runs of curves with a single run, as if each were a run made twice, by (study, task, metric).

    The two runs of such a pair differ as much as two runs of one training do.
    """
    found: dict[tuple[str, str, str], list[RepeatedRuns]] = {}
    for data in curves:
        if len(data.runs) == 1:
            found.setdefault(data.task, []).extend(_pairs(data))
    return {task: tuple(pairs) for task, pairs in found.items() if pairs}


def _pairs(data: CurveData) -> Iterator[RepeatedRuns]:
    trained_on = [n for n in data.sample_sizes if n > 0][:-1]
    for start in range(0, len(trained_on) - 2, 3):
        before, n, after = trained_on[start : start + 3]
        share = float(np.log(n / before) / np.log(after / before))  # of the way from one neighbour to the other
        as_two_runs = np.sqrt(2 / (1 + share**2 + (1 - share) ** 2))
        (first,), (run,), (last,) = (runs_at(data, data.point_index(each)) for each in (before, n, after))
        yield RepeatedRuns(
            curves=frozenset({data.id}),
            point=(data.identity["model"], data.identity["setting"], n),
            means=(run.means, _other(first.means, run.means, last.means, share, as_two_runs)),
            left_out=(run.left_out, _other(first.left_out, run.left_out, last.left_out, share, as_two_runs))
            if len(run.items) > 1
            else (),
        )


def _other(
    first: Mapping[str, Score], run: Mapping[str, Score], last: Mapping[str, Score], share: float, factor: float
) -> dict[str, Score]:
    """The run that differs from `run` as another one of the same training would."""
    return {
        code: run[code] - factor * (run[code] - (1 - share) * first[code] - share * last[code])
        for code in run
        if code in first and code in last
    }
