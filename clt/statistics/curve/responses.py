"""The response that tasks with different metrics have in common: a language's score relative to English, run by run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clt.statistics.inference.intervals import Z
from clt.statistics.scores.cell_means import cell_means
from clt.statistics.scores.curve_data import CurveData
from clt.study import METRICS

Array = np.ndarray
TRAINING_RUN = ["curve", "samples_per_language", "run"]  # one training run, evaluated on one task


def responses(curves: Sequence[CurveData]) -> pd.DataFrame:
    """Cell means of the languages other than English, and beside each the column `relative`.

    `relative` is score / English score of the same run and n (a share, 1.0: as good as English), NaN where the English
    score is 0 or, with scores per item, no further from 0 than 1.96 of its standard errors.
    """
    means = cell_means(curves)
    english = means[means["role"] == "english"].set_index(TRAINING_RUN)["score"].rename("english")
    joined = means[means["role"] != "english"].join(english, on=TRAINING_RUN)
    floors = pd.Series(
        {(data.id, n, run): floor for data in curves for (n, run), floor in _floors(data).items()}, dtype=float
    )
    floor = floors.reindex(pd.MultiIndex.from_frame(joined[TRAINING_RUN])).to_numpy()
    defined = joined["english"].abs() > np.fmax(floor, 1e-12)
    return joined.assign(relative=(joined["score"] / joined["english"].where(defined)).astype(float)).reset_index(
        drop=True
    )


def has_one_scale(curves: Sequence[CurveData]) -> bool:
    """Whether the scores of all curves can be compared as they are: one task, or one metric whose scale is known."""
    metrics = {data.identity["metric"] for data in curves}
    return len({data.identity["task"] for data in curves}) == 1 or (len(metrics) == 1 and metrics <= set(METRICS))


def _floors(data: CurveData) -> dict[tuple[int, str], float]:
    """For every n and run the English score that could be 0 by the choice of items."""
    if not data.has_items:
        return {}
    scores = data.sample.scores[:, :, int(data.has_base) :, 0][:, data.sample.mask[:, 0]]  # (runs, items, points)
    if scores.shape[1] < 2:
        return {}
    errors = scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])
    return {
        (n, run): float(Z * errors[r, p]) for p, n in enumerate(data.sample_sizes) for r, run in enumerate(data.runs)
    }
