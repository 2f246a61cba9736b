"""Spearman's correlation against scipy, and its p-value against what permutations must give."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from clt.statistics.curve.measuring import measure
from clt.statistics.curve.summaries import spearman_of
from clt.statistics.inference.correlation import rank_correlation
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores

PAPER = Path(__file__).resolve().parents[3] / "studies" / "paper" / "scores.csv"


def points(values: object) -> list[np.ndarray]:
    """Every value as a run of its own."""
    return [np.array([value]) for value in np.asarray(values, dtype=float)]


@pytest.mark.parametrize("seed", range(5))
def test_the_value_is_scipys_with_ties(seed: int) -> None:
    x, y = np.random.default_rng(seed).integers(0, 5, (2, 12)) / 7
    assert rank_correlation(points(x), points(y)).value == pytest.approx(stats.spearmanr(x, y).statistic)


@pytest.mark.parametrize("seed", range(3))
def test_the_exact_p_is_scipys_permutation_test(seed: int) -> None:
    x, y = np.random.default_rng(seed).integers(0, 4, (2, 6)).astype(float)
    slow = stats.permutation_test(
        (y,), lambda moved: stats.spearmanr(x, moved).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    found = rank_correlation(points(x), points(y))
    assert found.p == pytest.approx(slow.pvalue) and found.method == "all 720 permutations of the runs"


def test_random_permutations_agree_with_the_exact_ones() -> None:
    x, y = np.arange(9.0), np.array([2.0, 0, 1, 5, 3, 8, 4, 7, 6])
    found = rank_correlation(points(x), points(y))
    assert found.method == "10000 random permutations of the runs"
    assert found.p == pytest.approx(stats.spearmanr(x, y).pvalue, abs=0.01)
    assert found == rank_correlation(points(x), points(y))


def test_the_partial_form_is_the_correlation_of_rank_residuals() -> None:
    x, y, n = np.random.default_rng(1).normal(size=(3, 7)) + np.arange(7)
    xy, xn, yn = (stats.spearmanr(a, b).statistic for a, b in ((x, y), (x, n), (y, n)))
    expected = (xy - xn * yn) / np.sqrt((1 - xn**2) * (1 - yn**2))
    assert rank_correlation(points(x), points(y), points(n)).value == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_p_of_the_partial_form_is_a_literal_freedman_lane_test_of_whole_runs(seed: int) -> None:
    generator, lengths = np.random.default_rng(seed), (3, 3, 2, 3, 2, 3)
    n = [np.full(length, generator.integers(0, 4), dtype=float) for length in lengths]
    x, y = ([values + generator.normal(0, 2, len(values)) for values in n] for _ in range(2))
    rx, ry, rn = (stats.rankdata(np.concatenate(values)) for values in (x, y, n))

    def residual(values: np.ndarray) -> np.ndarray:
        slope, intercept = np.polyfit(rn, values, 1)
        return np.asarray(values - (intercept + slope * rn))

    def correlation(values: np.ndarray) -> float:
        return float(np.corrcoef(residual(rx), residual(values))[0, 1])

    runs = np.split(residual(ry), np.cumsum(lengths)[:-1])
    orders = [order for order in permutations(range(6)) if all(lengths[k] == lengths[at] for at, k in enumerate(order))]
    fitted = ry - residual(ry)
    as_far = [
        abs(correlation(fitted + np.concatenate([runs[k] for k in order]))) >= abs(correlation(ry)) - 1e-9
        for order in orders
    ]
    found = rank_correlation(x, y, n)
    assert found.value == pytest.approx(correlation(ry))
    assert found.p == pytest.approx(np.mean(as_far)) and found.method == "all 48 permutations of the runs"


def test_what_n_alone_explains_has_no_partial_correlation() -> None:
    n = np.arange(6.0)
    assert rank_correlation(points(n**2), points(n**3)).p == pytest.approx(2 / 720)
    partial = rank_correlation(points(n**2), points(n**3), points(n))
    assert np.isnan(partial.value) and partial.reason is not None and "ranks of n" in partial.reason


def test_the_p_of_the_partial_form_holds_its_level_when_both_follow_n() -> None:
    generator, n = np.random.default_rng(0), np.arange(6.0)
    studies = [n + generator.normal(size=(2, 6)) for _ in range(400)]
    p = np.array([rank_correlation(points(x), points(y), points(n)).p for x, y in studies])
    plain = np.array([rank_correlation(points(x), points(y)).p for x, y in studies])
    assert 0.02 <= (p <= 0.05).mean() <= 0.09
    assert (plain <= 0.05).mean() > 0.2  # S and U both rise with n: that alone correlates them


def test_the_p_of_trajectories_holds_its_level_where_checkpoints_follow_each_other() -> None:
    generator = np.random.default_rng(0)
    walks = generator.normal(size=(300, 2, 6, 12)).cumsum(axis=-1)  # studies, S and U, runs, checkpoints
    p = np.array([rank_correlation(list(x), list(y)).p for x, y in walks])
    naive = np.array([stats.spearmanr(x.ravel(), y.ravel()).pvalue for x, y in walks])
    assert 0.02 <= (p <= 0.05).mean() <= 0.09
    assert (naive <= 0.05).mean() > 0.3


@pytest.mark.parametrize("runs", [3, 2])
def test_too_few_runs_have_a_value_and_no_p(runs: int) -> None:
    few = rank_correlation([np.arange(3.0)] * runs, [np.arange(3.0)] * runs)
    assert few.value == pytest.approx(1.0) and np.isnan(few.p)
    assert few.reason is not None and f"cannot get below {1 / {3: 6, 2: 2}[runs]:.2g}" in few.reason


def test_runs_change_places_only_with_runs_of_as_many_checkpoints() -> None:
    generator = np.random.default_rng(0)
    x = [generator.normal(size=length) for length in (3, 3, 3, 3, 5, 5)]
    assert rank_correlation(x, x).method == "all 48 permutations of the runs"


def test_constant_or_too_few_scores_are_undefined() -> None:
    assert np.isnan(rank_correlation(points([1, 1, 1, 1]), points([1, 2, 3, 4])).value)
    assert np.isnan(rank_correlation(points([1, 2]), points([1, 2])).value)
    assert np.isnan(rank_correlation(points([1, np.nan, 3]), points([1, 2, 3])).value)


def test_the_base_model_is_not_a_point_of_the_correlation(make_rows: Callable) -> None:
    (data,) = curves(make_rows(items=20))
    found = spearman_of(data, measure(data))
    assert found.n == len(data.sample_sizes) == 4 and found.method == "all 24 permutations of the runs"


def test_the_printed_correlations_stay_and_get_their_p() -> None:
    found = {data.identity["model"]: data for data in curves(read_scores(PAPER).rows) if _is_followed(data.identity)}
    aya, llama = (spearman_of(data, measure(data)) for data in (found["aya-23-7b"], found["llama-3.1-8b"]))
    assert (aya.value, llama.value) == (pytest.approx(0.667, abs=5e-4), pytest.approx(0.833, abs=5e-4))
    assert (aya.p, llama.p) == (pytest.approx(0.083, abs=5e-4), pytest.approx(0.015, abs=5e-4))
    assert aya.partial is not None and aya.partial.value == pytest.approx(0.402, abs=5e-4)


def _is_followed(identity: dict[str, str]) -> bool:
    return (
        identity["task"] == "instruction_following"
        and identity["setting"] == "single_task"
        and (identity["train_languages"] == "en+es+fr+ja+zh")
    )
