"""Studies of the paper's size with a known truth: 3 tasks x 3 models x 8 n x 8 languages, means only."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from components.transfer_statistics.scores.curve_data import CurveData, curves
from components.transfer_statistics.scores.table import COLUMNS

TASKS = ("instructions", "maths", "summaries")
MODELS = ("large", "medium", "other")
LANGUAGES = ("en", "es", "fr", "ja", "zh", "ar", "ko", "pt")
TRAINED = ("es", "fr", "ja", "zh")
NON_LATIN = ("ja", "zh", "ar", "ko")
COUNTS = (0, 100, 200, 400, 800, 1000, 2000, 5000)
# Run-to-run standard deviation of one language's R and of all together, in points: the paper's median in each task
# (from differences between neighbouring n; up to twice as much in a single curve).
NOISE = {"instructions": (2.0, 1.6), "maths": (6.0, 1.8), "summaries": (2.5, 1.5)}


def simulated(
    generator: np.random.Generator,
    planted: Mapping[str, str] | None = None,
    points: float = 0.0,
    *,
    seeds: Sequence[int] = (0,),
    tasks: Sequence[str] = TASKS,
    models: Sequence[str] = MODELS,
    between_blocks: float = 0.0,
    between_languages: float = 0.0,
) -> list[CurveData]:
    """Curves whose R rises by so many points, from the first n > 0 on, where all of `planted` (factor: level) holds.

    Without it nothing rises: levels differ by task, model and language, and every run has its noise. between_blocks
    and between_languages: standard deviation of what a (task, model) and a language rise by for no reason.
    """
    of_languages = generator.normal(0, between_languages or 1e-9, len(LANGUAGES))
    made = []
    for task in tasks:
        for model in models:
            of_block = generator.normal(0, between_blocks or 1e-9)
            start = generator.uniform(40, 90, len(LANGUAGES))
            each, common = NOISE[task]
            for seed in seeds:
                noise = generator.normal(0, each, (len(COUNTS), len(LANGUAGES))) + generator.normal(
                    0, common, (len(COUNTS), 1)
                )
                for p, n in enumerate(COUNTS):
                    rise = of_block + of_languages if n else np.zeros(len(LANGUAGES))
                    if planted is not None and n:
                        rise = rise + points * _where(planted, task, model)
                    made += [
                        (model, task, n, seed, code, 0.6 if code == "en" else 0.006 * (start + noise[p] + rise)[k])
                        for k, code in enumerate(LANGUAGES)
                    ]
    frame = pd.DataFrame(made, columns=["model", "task", "samples_per_language", "seed", "language", "score"])
    frame["samples_per_language"] = frame["samples_per_language"].astype(float)
    fixed = {
        "study": "",
        "family": "",
        "size": np.nan,
        "setting": "single_task",
        "metric": "score",
        "higher_is_better": True,
        "mixture": "",
        "train_languages": "+".join(("en", *TRAINED)),
        "english_samples": np.nan,
        "other_samples": np.nan,
        "exposure": "unseen",
        "repeat": "",
        "checkpoint": np.nan,
        "selected": True,
        "item": None,
        "n_items": np.nan,
    }
    return list(curves(frame.assign(**fixed)[list(COLUMNS)]))


def _where(planted: Mapping[str, str], task: str, model: str) -> np.ndarray:
    """For every language whether the planted condition holds."""
    inside = np.array([code != "en" for code in LANGUAGES])
    if planted.get("task", task) != task or planted.get("model", model) != model:
        inside[:] = False
    if "script" in planted:
        inside &= np.array([(code in NON_LATIN) == (planted["script"] == "non-Latin") for code in LANGUAGES])
    if "role" in planted:
        inside &= np.array([(code in TRAINED) == (planted["role"] == "trained") for code in LANGUAGES])
    return inside.astype(float)
