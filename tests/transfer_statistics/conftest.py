"""Made-up per-item scores with a known truth: items differ in difficulty, and parallel items share it."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from components.transfer_statistics.scores.table import COLUMNS, ScoreTable

TRAINED = ("es", "fr", "ja", "zh")
HELD_OUT = ("pt", "ar", "ko")
COUNTS = (0, 20, 80, 200)


def truth(language: str, n: int) -> float:
    """The log-odds of a right answer: languages start apart, trained ones rise, held-out ones rise less."""
    start = {"en": 2.0, "es": 0.5, "fr": 0.6, "pt": 0.2, "ja": -2.0, "zh": -1.8, "ar": -2.5, "ko": -3.0}[language]
    slope = 0.0 if language == "en" else 0.9 if language in TRAINED else 0.45
    return start + slope * np.log1p(n / 10)


def made_rows(
    *,
    model: str = "small",
    task: str = "math",
    metric: str = "exact_match",
    setting: str = "single_task",
    counts: Sequence[int] = COUNTS,
    seeds: Sequence[int] = (0,),
    items: int = 60,
    trained: Sequence[str] = TRAINED,
    held_out: Sequence[str] = HELD_OUT,
    seed: int = 0,
    base: bool = True,
    only: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Rows of one curve and its base model; `only` names the items of languages that lack some."""
    generator = np.random.default_rng(seed)
    difficulty = generator.normal(0, 1.2, items)
    names = [f"item-{k:03d}" for k in range(items)]
    languages = ("en", *trained, *held_out)
    made = []
    runs = [(n, run) for run in seeds for n in counts] + ([(None, 0)] if base else [])
    for n, run in runs:
        for language in languages:
            odds = truth(language, n or 0) - (3.0 if n is None else 0.0) + difficulty
            score = generator.random(items) < 1 / (1 + np.exp(-odds))
            values = (
                score.astype(float) if metric != "bits_per_byte" else 3 - odds / 2 + generator.normal(0, 0.2, items)
            )
            made.append(_frame(model, task, metric, setting, n, run, language, tuple(trained), names, values))
    table = pd.concat(made, ignore_index=True)
    for language, kept in (only or {}).items():
        table = table[(table["language"] != language) | table["item"].isin(list(kept))]
    return table.reset_index(drop=True)


def _frame(
    model: str,
    task: str,
    metric: str,
    setting: str,
    n: int | None,
    run: int,
    language: str,
    trained: tuple[str, ...],
    names: list[str],
    values: np.ndarray,
) -> pd.DataFrame:
    seen = language in trained and bool(n)
    return pd.DataFrame(
        {
            "study": "made-0",
            "model": model,
            "family": "made",
            "size": np.nan,
            "setting": "base" if n is None else setting,
            "task": task,
            "metric": metric,
            "higher_is_better": metric != "bits_per_byte",
            "mixture": "" if n is None else "mixture",
            "train_languages": "en" if n is None else "+".join(("en", *trained)),
            "english_samples": np.nan if n is None else 300.0,
            "other_samples": np.nan if n is None else float(n * len(trained)),
            "samples_per_language": np.nan if n is None else float(n),
            "exposure": "english" if language == "en" else "seen" if seen else "unseen",
            "seed": run,
            "repeat": "",
            "checkpoint": 100,
            "selected": True,
            "language": language,
            "item": names,
            "score": values,
            "n_items": np.nan,
        }
    )[list(COLUMNS)]


def made_table(frame: pd.DataFrame) -> ScoreTable:
    """The rows as a table whose first metric of each task is the main one."""
    first = frame.drop_duplicates("task")[["task", "metric"]]
    return ScoreTable(rows=frame, source="made", main_metrics=dict(first.itertuples(index=False)))


@pytest.fixture(scope="session")
def made() -> Callable[..., pd.DataFrame]:
    """Makes the rows of one curve; see made_rows."""
    return made_rows


@pytest.fixture(scope="session")
def table_of() -> Callable[[pd.DataFrame], ScoreTable]:
    """Rows as a table whose first metric of each task is the main one."""
    return made_table
