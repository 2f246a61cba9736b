"""Studies of the paper's size with a known truth: 3 tasks x 3 models x 8 n x 7 languages besides English."""

from collections.abc import Mapping, Sequence

import numpy as np

from clt.statistics.analyses.conditions.units import Units
from clt.study import is_latin

TASKS = ("instructions", "maths", "summaries")
MODELS = ("large", "medium", "other")
LANGUAGES = ("ar", "es", "fr", "ja", "ko", "pt", "zh")
TRAINED = ("es", "fr", "ja", "zh")
COUNTS = (100, 200, 400, 800, 1000, 2000, 5000)
# Run-to-run standard deviation of R in points: of one language, and of what all languages of a run share. The paper's
# (from differences between neighbouring n), the median of its models in every task.
NOISE = {"instructions": (2.0, 1.6), "maths": (6.0, 1.8), "summaries": (2.5, 1.5)}


def simulated(
    generator: np.random.Generator,
    planted: Mapping[str, str] | None = None,
    points: float = 0.0,
    *,
    seeds: Sequence[str] = ("0",),
    tasks: Sequence[str] = TASKS,
    models: Sequence[str] = MODELS,
    between_blocks: float = 0.0,
    between_languages: float = 0.0,
) -> Units:
    """Runs whose R rises by so many points, from the first n > 0 on, where all of `planted` (factor: level) holds.

    Without it nothing rises: levels differ, and every run has its noise. between_blocks and between_languages: standard
    deviation of what a (task, model) and a language rise by for no reason that a rule could name.
    """
    of_languages = between_languages * generator.normal(size=len(LANGUAGES))
    labels, values = [], []
    for task in tasks:
        for model in models:
            rise = between_blocks * generator.normal() + of_languages + points * _where(planted, task, model)
            start = generator.uniform(40, 90, len(LANGUAGES))
            each, common = NOISE[task]
            for seed in seeds:
                noise = each * generator.normal(size=(len(COUNTS) + 1, len(LANGUAGES)))
                noise += common * generator.normal(size=(len(COUNTS) + 1, 1))
                labels.append((task, model, seed))
                values.append(start + noise + np.append(0, np.ones(len(COUNTS)))[:, None] * rise)
    return Units(
        unit="percentage points of R",
        tasks=tuple(task for task, _, _ in labels),
        models=tuple(model for _, model, _ in labels),
        families=("",) * len(labels),
        runs=tuple(seed for _, _, seed in labels),
        languages=LANGUAGES,
        non_latin=np.array([not is_latin(code) for code in LANGUAGES]),
        trained=np.array([code in TRAINED for code in LANGUAGES]),
        sample_sizes=COUNTS,
        values=np.stack(values),
        settings=("single_task",),
        other_sample_sizes=(),
        other=np.full((len(labels), 1, len(LANGUAGES)), np.nan),
        design="single-task training on en+es+fr+ja+zh",
    )


def _where(planted: Mapping[str, str] | None, task: str, model: str) -> np.ndarray:
    """For every language 1 where the planted condition holds."""
    holds = planted is not None and planted.get("task", task) == task and planted.get("model", model) == model
    inside = np.full(len(LANGUAGES), holds)
    if planted and "script" in planted:
        inside &= np.array([is_latin(code) == (planted["script"] == "Latin") for code in LANGUAGES])
    if planted and "role" in planted:
        inside &= np.array([(code in TRAINED) == (planted["role"] == "trained") for code in LANGUAGES])
    return inside.astype(float)
