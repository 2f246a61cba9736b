"""MakeRows-up per-item scores with a known truth: items differ in difficulty, and parallel items share it.

Also tables of means, and curves straight from arrays where a simulation makes thousands of them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clt.statistics.analyses.recommendation.mixtures import competitions, targets_of
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.family import Family
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample
from clt.statistics.scores.table import COLUMNS, ScoreTable

PAPER = Path(__file__).resolve().parents[2] / "studies" / "paper" / "scores.csv"

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
def make_rows() -> Callable[..., pd.DataFrame]:
    """Makes the rows of one curve; see made_rows."""
    return made_rows


@pytest.fixture(scope="session")
def table_of() -> Callable[[pd.DataFrame], ScoreTable]:
    """Rows as a table whose first metric of each task is the main one."""
    return made_table


@pytest.fixture(scope="session")
def paper_curves() -> list[CurveData]:
    """The curves of the paper's tables."""
    return list(curves(read_scores(PAPER).rows))


def array_curve(
    scores: np.ndarray,
    *,
    means: bool = False,
    trained: Sequence[str] = ("es", "ja"),
    held_out: Sequence[str] = ("pt",),
    counts: Sequence[int] | None = None,
    rows: Sequence[tuple[float | None, float | None]] | None = None,
    higher_is_better: bool = True,
    family: str = "",
    size: float | None = None,
    mask: np.ndarray | None = None,
    items: Sequence[str] | None = None,
    **identity: str,
) -> CurveData:
    """A curve of scores (runs, items, points, languages), or of means (one item); n is 0, 10, 20, ... by default."""
    runs, count, points, languages = scores.shape
    mask = np.ones((count, languages), dtype=bool) if mask is None else mask
    roles = Roles(english="en", trained=tuple(trained), held_out=tuple(held_out))
    names = {"study": "", "task": "math", "metric": "score", "model": "a", "setting": "single_task", "mixture": ""}
    return CurveData(
        identity=names | {"train_languages": "+".join(("en", *trained))} | identity,
        family=family,
        size=size,
        higher_is_better=higher_is_better,
        roles=roles,
        has_base=False,
        sample_sizes=tuple(counts if counts is not None else range(0, 10 * points, 10)),
        rows=tuple(rows if rows is not None else [(None, None)] * points),
        exposure=({},) * points,
        runs=tuple(str(run) for run in range(runs)),
        left_out_runs=(),
        sample=Sample(
            items=tuple(items if items is not None else (f"{k:04d}" for k in range(count))),
            scores=np.where(mask[None, :, None], scores, 0.0),
            mask=mask,
            present=np.ones((points, languages), dtype=bool),
        ),
        has_items=not means,
        available=dict.fromkeys(roles.languages, count),
    )


def family_of(curves: Sequence[CurveData], run_noise: RunNoise, request: RecommendationRequest | None = None) -> Family:
    """The family of contrasts of the curves, with the mixtures that a request considers."""
    return Family.of(curves, targets_of(competitions(curves, request or RecommendationRequest())), run_noise)


@pytest.fixture(scope="session")
def curve_of() -> Callable[..., CurveData]:
    """Makes one curve of an array; see array_curve."""
    return array_curve
