"""Intervals against scipy, statsmodels' published formulas and simulated truth."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from components.transfer_statistics.curve.measuring import measure
from components.transfer_statistics.curve.resampling import (
    draw,
    jackknife_means,
    plain_means,
    resampled_means,
)
from components.transfer_statistics.curve.uncertainty import bootstrap_ends, newcombe, wilson
from components.transfer_statistics.scores.curve_data import CurveData, curves
from components.transfer_statistics.scores.roles import Roles
from components.transfer_statistics.scores.sample import Sample

Make = Callable[..., CurveData]


@pytest.fixture
def curve(made: Callable) -> Make:
    """The one curve of made-up rows; arguments as for `made`."""

    def make(**settings: object) -> CurveData:
        return next(iter(curves(made(**settings))))

    return make


def simple(scores: np.ndarray) -> Sample:
    """One run, one point, one language."""
    return Sample(
        items=tuple(f"{k:04d}" for k in range(len(scores))),
        scores=scores.reshape(1, -1, 1, 1),
        mask=np.ones((len(scores), 1), dtype=bool),
        present=np.ones((1, 1), dtype=bool),
    )


@pytest.mark.parametrize("method", ["BCa", "percentile"])
def test_interval_of_a_mean_agrees_with_scipy(method: str) -> None:
    scores = np.random.default_rng(3).exponential(1.0, 60)  # skewed: BCa and percentile differ
    sample = simple(scores)
    boot = resampled_means(sample, draw(sample, 20_000)).reshape(-1, 1)
    left_out = jackknife_means(sample).reshape(-1, 1) if method == "BCa" else None
    found = bootstrap_ends(plain_means(sample).reshape(-1), boot, left_out)
    expected = stats.bootstrap(
        (scores,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(1)
    ).confidence_interval
    spread = boot.std()
    assert found.low[0] == pytest.approx(expected.low, abs=0.06 * spread)
    assert found.high[0] == pytest.approx(expected.high, abs=0.06 * spread)
    assert found.method[0] == method.lower()


def test_bca_of_a_ratio_on_the_same_resamples_equals_scipys_positions() -> None:
    generator = np.random.default_rng(5)
    pairs = generator.exponential(1.0, (40, 2)) + 0.2
    drawn = generator.integers(0, 40, (5000, 40))
    boot = pairs[drawn].mean(axis=1)
    boot = (boot[:, 0] / boot[:, 1])[:, None]
    value = np.array([pairs[:, 0].mean() / pairs[:, 1].mean()])
    rest = (pairs.sum(axis=0) - pairs) / 39
    found = bootstrap_ends(value, boot, (rest[:, 0] / rest[:, 1])[:, None])
    given = stats.bootstrap(
        (pairs[:, 0], pairs[:, 1]),
        lambda a, b, axis=-1: a.mean(axis=axis) / b.mean(axis=axis),
        paired=True,
        n_resamples=0,
        method="BCa",
        bootstrap_result=type("Given", (), {"bootstrap_distribution": boot[:, 0]})(),
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert found.low[0] == pytest.approx(given.low, rel=1e-9)
    assert found.high[0] == pytest.approx(given.high, rel=1e-9)


def test_weights_times_scores_equal_a_slow_resampling(curve: Make) -> None:
    sample = curve(items=12, seeds=(0, 1)).sample
    weights = draw(sample, 20)
    fast = resampled_means(sample, weights)
    for b in range(20):
        chosen = np.repeat(np.arange(12), weights.items[b].astype(int))
        assert np.allclose(fast[b], sample.scores[:, chosen].mean(axis=(0, 1)))


def test_jackknife_equals_leaving_each_item_out(curve: Make) -> None:
    sample = curve(items=7).sample
    rest = jackknife_means(sample)
    for k in range(7):
        assert np.allclose(rest[k], np.delete(sample.scores, k, axis=1).mean(axis=(0, 1)))


def test_item_order_does_not_change_intervals(curve: Make, made: Callable) -> None:
    rows = made(items=30)
    shuffled = rows.sample(frac=1, random_state=1)
    one, other = (measure(next(iter(curves(table)))) for table in (rows, shuffled))
    for name in one.value:
        assert np.array_equal(one.low[name], other.low[name], equal_nan=True), name
        assert np.array_equal(one.high[name], other.high[name], equal_nan=True), name


def test_parallel_items_are_one_cluster(curve: Make) -> None:
    """The same scores in every language carry no more information than one language: the interval must not shrink."""
    data = curve(items=40)
    scores = data.sample.scores.copy()
    scores[..., :] = scores[..., 1:2]
    sample = Sample(items=data.sample.items, scores=scores, mask=data.sample.mask, present=data.sample.present)
    boot = resampled_means(sample, draw(sample, 4000))
    assert boot[..., 1:5].mean(axis=-1).std(axis=0) == pytest.approx(boot[..., 1].std(axis=0))


def test_pairing_makes_a_change_more_certain_than_two_separate_scores(curve: Make) -> None:
    found = measure(curve(items=60))
    separate = np.hypot(found.error["seen"][1], found.error["seen"][-1])
    assert found.error["change:seen"][-1] < separate


def test_five_seeds_are_resampled_and_two_are_not(curve: Make) -> None:
    two, five = curve(items=20, seeds=(0, 1)), curve(items=20, seeds=(0, 1, 2, 3, 4))
    assert draw(two.sample, 10).runs is None
    shares = draw(five.sample, 10).runs
    assert shares is not None and np.allclose(shares.sum(axis=1), 1)
    assert measure(five).method["seen"][1] == "percentile"


def test_wilson_and_newcombe_reproduce_published_examples() -> None:
    low, high = wilson(np.array([0.0, 81 / 263]), np.array([20, 263]))  # Newcombe (1998), Statistics in Medicine 17
    assert low == pytest.approx([0.0, 0.2553], abs=5e-5)
    assert high == pytest.approx([0.1611, 0.3662], abs=5e-5)
    assert newcombe(56 / 70, 48 / 80, 75)[0] < 0.2 < newcombe(56 / 70, 48 / 80, 75)[1]


def test_undefined_resamples_are_left_out_until_they_are_too_many() -> None:
    boot = np.random.default_rng(0).normal(1, 0.1, (1000, 2))
    boot[:10, 0], boot[:100, 1] = np.nan, np.nan
    found = bootstrap_ends(np.ones(2), boot, None)
    assert np.isfinite(found.low[0]) and np.isnan(found.low[1])


@pytest.mark.simulation
@pytest.mark.timeout(1800)
def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """400 studies of 60 items with known truth; 95% intervals of S, U, R and the change of S cover 92 to 98%."""
    generator = np.random.default_rng(11)
    probability = np.array([[0.85, 0.4, 0.3, 0.25], [0.84, 0.7, 0.6, 0.4]])  # points, languages: en es ja pt
    truth = {"seen": 0.65, "unseen": 0.4, "relative": probability[1, 1:].mean() / 0.84, "change:seen": 0.3}
    hits = dict.fromkeys(truth, 0)
    for _ in range(400):
        shared = generator.random((60, 1, 1))  # an item's luck is partly the same at every point and language
        luck = np.where(generator.random((60, 2, 4)) < 0.4, shared, generator.random((60, 2, 4)))
        found = measure(_simulated(luck < probability))
        for name, value in truth.items():
            hits[name] += found.low[name][1] <= value <= found.high[name][1]
    assert all(0.92 <= count / 400 <= 0.98 for count in hits.values()), hits


@pytest.mark.simulation
@pytest.mark.timeout(1800)
def test_cross_fitted_gain_is_not_biased_where_nothing_is_gained_and_the_raw_gain_is() -> None:
    generator = np.random.default_rng(12)
    raw, fitted, covered = [], [], 0
    for _ in range(300):
        found = measure(_simulated(generator.random((60, 6, 4)) < np.array([0.8, 0.5, 0.5, 0.5])))
        raw.append(found.value["gain:seen"][0])
        fitted.append(found.value["cross_fitted:seen"][0])
        covered += found.low["cross_fitted:seen"][0] <= 0 <= found.high["cross_fitted:seen"][0]
    assert np.mean(raw) > 0.04
    assert abs(np.mean(fitted)) < 0.01
    assert covered / 300 > 0.9


def _simulated(right: np.ndarray) -> CurveData:
    items, points, languages = right.shape
    roles = Roles(english="en", trained=("es", "ja"), held_out=("pt",))
    counts = tuple(10 * k for k in range(points))
    return CurveData(
        identity={"metric": "exact_match"},
        family="",
        higher_is_better=True,
        roles=roles,
        has_base=False,
        counts=counts,
        rows=((None, None),) * points,
        exposure=({},) * points,
        runs=("0",),
        left_out_runs=(),
        sample=Sample(
            items=tuple(f"{k:03d}" for k in range(items)),
            scores=right[None].astype(float),
            mask=np.ones((items, languages), dtype=bool),
            present=np.ones((points, languages), dtype=bool),
        ),
        has_items=True,
        available=dict.fromkeys(roles.languages, items),
    )
