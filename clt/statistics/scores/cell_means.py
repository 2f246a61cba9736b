"""Mean scores of every run, point and language: what is computed across curves starts from this frame."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clt.statistics.scores.curve_data import CurveData

COLUMNS: dict[str, str] = {
    "curve": "the curve's id, as in statistics.json",
    "study": "study key; empty for a table of scores",
    "model": "the model's name",
    "family": "the model's family; empty if not given",
    "setting": "single_task or multi_task",
    "task": "the evaluated task",
    "metric": "name of the metric",
    "mixture": "name of the mixture family",
    "train_languages": "joined by +, English first; the same at every n",
    "samples_per_language": "n, a whole number (base models are not here)",
    "run": "seed; repeats of one seed are averaged",
    "language": "language code",
    "role": "english, trained or held_out in this curve",
    "score": "mean over the curve's items",
    "items": "items that the mean is over; 0 where the input holds only means",
}


def cell_means(curves: Sequence[CurveData]) -> pd.DataFrame:
    """One row a curve, n, run and language, with COLUMNS; without base models and without missing scores."""
    parts = [_means(data) for data in curves if data.sample_sizes]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _means(data: CurveData) -> pd.DataFrame:
    sample, start = data.sample, int(data.has_base)
    counts = sample.mask.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sample.scores.sum(axis=1) / counts
    means[:, ~sample.present] = np.nan
    run, point, language = np.indices((means.shape[0], len(data.sample_sizes), means.shape[2])).reshape(3, -1)
    codes, roles = data.roles.languages, data.roles
    role_of = dict.fromkeys(roles.trained, "trained") | dict.fromkeys(roles.held_out, "held_out")
    frame = pd.DataFrame(
        {
            "curve": data.id,
            **{name: data.identity[name] for name in ("study", "model")},
            "family": data.family,
            **{name: data.identity[name] for name in ("setting", "task", "metric", "mixture", "train_languages")},
            "samples_per_language": np.array(data.sample_sizes, dtype=int)[point],
            "run": np.array(data.runs, dtype=object)[run],
            "language": np.array(codes, dtype=object)[language],
            "role": [role_of.get(codes[k], "english") for k in language],
            "score": means[run, point + start, language],
            "items": counts[language] if data.has_items else 0,
        },
        columns=list(COLUMNS),
    )
    return frame[frame["score"].notna()]
