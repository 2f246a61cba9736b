"""Studies in which nothing changes anywhere: runs differ by chance, items by difficulty, and no mixture matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from clt.statistics.scores.table import COLUMNS

LANGUAGES = ("en", "es", "fr", "ja", "zh", "pt", "ar", "ko")
SAMPLE_SIZES = (0, 100, 200, 400, 800, 1000, 2000, 5000)
METRICS = {"right or wrong": "exact_match", "two-parameter": "exact_match", "overlap": "rouge_l", "judge": "judge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NullStudy:
    """A study's shape: every model is trained on every set of languages, for every task."""

    models: int = 1
    tasks: int = 1
    train: Sequence[tuple[str, ...]] = (("es", "fr", "ja", "zh"),)
    seeds: int = 1
    items: int = 200
    scores: Literal["right or wrong", "two-parameter", "overlap", "judge"] = "right or wrong"
    sample_sizes: Sequence[int] = SAMPLE_SIZES
    common_sd: float = 0.12  # between runs, in log-odds, of all languages together
    language_sd: float = 0.12  # the same, of each language apart
    rise: float = 0.0  # log-odds that any n > 0 adds in every language but English: 0 in a null study


def table_of(study: NullStudy, seed: int) -> pd.DataFrame:
    """Scores of items, with the columns of the one table. English-only runs are shared by the curves of a model."""
    generator = np.random.default_rng(seed)
    parts = []
    for task in range(study.tasks):
        level = generator.uniform(-1.5, 1.5, len(LANGUAGES))
        difficulty = 1.2 * generator.standard_t(3, study.items)  # heavy tails, shared by all languages
        for model in range(study.models):  # models are alike, too: comparisons of them are null
            odds = level - difficulty[:, None]
            runs = np.arange(study.seeds)
            english_only = [_scores(study, odds, generator) for _ in runs]
            for trained in study.train:
                for n in study.sample_sizes:
                    rise = np.where(np.array(LANGUAGES) == "en", 0.0, study.rise if n else 0.0)
                    for run in runs:
                        scores = _scores(study, odds + rise, generator) if n else english_only[run]
                        parts.append(_frame(study, f"task{task}", f"model{model}", trained, n, int(run), scores))
    return pd.concat(parts, ignore_index=True)


def _scores(study: NullStudy, odds: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Of one run, (items, languages)."""
    odds = odds + study.common_sd * generator.normal() + study.language_sd * generator.normal(size=len(LANGUAGES))
    if study.scores == "two-parameter":
        odds = odds * np.exp(0.4 * np.random.default_rng(0).normal(size=(study.items, 1)))  # discrimination
    share = 1 / (1 + np.exp(-odds))
    if study.scores == "overlap":
        zero = generator.random(share.shape) < 0.3 * (1 - share)
        return np.where(zero, 0.0, generator.beta(6 * share + 0.01, 6 * (1 - share) + 0.01))
    if study.scores == "judge":
        return 1.0 + generator.binomial(4, share)
    return (generator.random(share.shape) < share).astype(float)


def _frame(
    study: NullStudy, task: str, model: str, trained: tuple[str, ...], n: int, run: int, scores: np.ndarray
) -> pd.DataFrame:
    items, languages = scores.shape
    code = np.tile(np.array(LANGUAGES), items)
    seen = np.isin(code, trained) & (n > 0)
    facts = {
        "study": "made",
        "model": model,
        "family": "made",
        "size": np.nan,
        "setting": "single_task",
        "task": task,
        "metric": METRICS[study.scores],
        "higher_is_better": True,
        "mixture": "+".join(trained),
        "train_languages": "+".join(("en", *trained)),
        "english_samples": 1000.0,
        "other_samples": float(n * len(trained)),
        "samples_per_language": float(n),
        "exposure": np.where(code == "en", "english", np.where(seen, "seen", "unseen")),
        "seed": run,
        "repeat": "",
        "checkpoint": 100,
        "selected": True,
        "language": code,
        "item": np.repeat([f"{task}-{k:04d}" for k in range(items)], languages),
        "score": scores.reshape(-1),
        "n_items": np.nan,
    }
    return pd.DataFrame(facts)[list(COLUMNS)]
