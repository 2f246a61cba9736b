"""The values that the paper's own tables give, through the same path as per-item scores."""

from pathlib import Path

import pytest

from clt.statistics.compute import compute_statistics
from clt.statistics.curve.schema import Curve
from clt.statistics.document import Statistics
from clt.statistics.scores.from_csv import read_scores

SCORES = Path(__file__).resolve().parents[2] / "studies" / "paper" / "scores.csv"
ALL = ("en", "es", "fr", "ja", "zh")


@pytest.fixture(scope="module")
def paper() -> Statistics:
    return compute_statistics(read_scores(SCORES))


def curve(paper: Statistics, model: str, setting: str, task: str, languages: tuple[str, ...] = ALL) -> Curve:
    found = [
        c
        for c in paper.curves
        if (c.model, c.setting, c.task, tuple(c.train_languages)) == (model, setting, task, languages)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("model", "task", "gain"),
    [
        ("aya-23-7b", "instruction_following", 6.8),
        ("llama-3.1-8b", "instruction_following", 12.2),
        ("aya-23-7b", "summarization", 8.7),
        ("llama-3.1-8b", "summarization", 14.2),
        ("llama-3.1-8b", "math", 40.6),
        ("aya-23-7b", "math", 25.2),  # the text prints +22.7, its table gives this
    ],
)
def test_gain_of_relative_performance_is_the_printed_one(paper: Statistics, model: str, task: str, gain: float) -> None:
    found = curve(paper, model, "single_task", task).gain
    assert found.value is not None and round(found.value, 1) == gain


def test_gain_peaks_where_the_table_has_its_best_point(paper: Statistics) -> None:
    assert curve(paper, "aya-23-7b", "single_task", "math").gain.at == 5000


@pytest.mark.parametrize(("model", "rho"), [("aya-23-7b", 0.667), ("llama-3.1-8b", 0.833)])
def test_spearman_of_seen_and_unseen_is_the_printed_one(paper: Statistics, model: str, rho: float) -> None:
    found = curve(paper, model, "single_task", "instruction_following").spearman
    assert found.value is not None and round(found.value, 3) == rho
    assert found.p is not None and found.n == 8


@pytest.mark.parametrize(
    ("setting", "languages", "best"),
    [
        ("single_task", ALL, 0.384),
        ("single_task", ("en", "es", "fr"), 0.374),
        ("single_task", ("en", "ja", "zh"), 0.366),
        ("multi_task", ALL, 0.300),
    ],
)
def test_best_maths_mean_of_the_non_english_languages(
    paper: Statistics, setting: str, languages: tuple[str, ...], best: float
) -> None:
    points = curve(paper, "aya-23-7b", setting, "math", languages).points
    assert round(max(p.non_english.value for p in points if p.non_english.value is not None), 3) == best


def test_every_printed_average_has_its_point(paper: Statistics) -> None:
    assert len(paper.curves) == 21  # tables 3 to 23
    assert sum(len(c.points) for c in paper.curves) == 216


def test_printed_means_have_the_interval_of_repeated_runs_and_say_so(paper: Statistics) -> None:
    for c in paper.curves:
        assert c.items is None
        for point in c.points:
            assert point.seen.low is not None and point.seen.method == "t: runs"
    assert "no interval" not in {finding.answer for finding in paper.findings}
