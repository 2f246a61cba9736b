"""Run-to-run noise beside that of the items: against the mean squares of a crossed design."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clt.statistics.curve.estimates import CHANGED
from clt.statistics.curve.measure import ENGLISH, RELATIVE, TRAINED_CHANGE, TRANSFER_SHARE, Kind, Measure
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.run_noise_intervals import GAIN_OF_RELATIVE, with_run_noise
from clt.statistics.inference.contrasts import Term, contrast
from clt.statistics.inference.fieller import fieller_bounds
from clt.statistics.inference.intervals import t_factor
from clt.statistics.inference.run_noise import find_run_noise, joint_error
from clt.statistics.scores.curve_data import CurveData, curves

FITTED = Measure(Kind.CROSS_FITTED, "trained")
Make = Callable[..., CurveData]


@pytest.fixture
def curve(make_rows: Callable) -> Make:
    """The one curve of made-up rows without a base model; arguments as for `made`."""

    def make(**settings: object) -> CurveData:
        return next(iter(curves(make_rows(base=False, **settings))))

    return make


def test_spread_and_its_items_part_are_the_mean_squares_of_runs_by_items(curve: Make) -> None:
    data = curve(items=15, seeds=(0, 1, 2), counts=(0,))
    scores = data.sample.scores[:, :, 0, 1:].mean(axis=-1)  # (runs, items)
    runs, items = scores.shape
    rest = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
    of_runs = items * ((scores.mean(axis=1) - scores.mean()) ** 2).sum() / (runs - 1)
    of_rest = (rest**2).sum() / ((runs - 1) * (items - 1))
    spread = find_run_noise([data]).pooled_sd_over(data, data.roles.languages[1:])
    assert spread is not None
    assert spread.sd**2 == pytest.approx(of_runs / items)
    assert spread.item_component**2 == pytest.approx(of_rest / items)


def test_joint_variance_is_that_of_crossed_random_effects() -> None:
    """(items + runs - items x runs) / (their numbers): what both mean squares hold is counted once."""
    items, runs = 40, 5
    of_items, of_runs, of_rest = 0.5, 0.9, 0.2
    error, df = joint_error(
        np.sqrt([of_items / (items * runs)]),
        np.sqrt([of_runs / (items * runs)]),
        4,
        item_component=np.sqrt(of_rest / (items * runs)),
    )
    expected = (of_items + of_runs - of_rest) / (items * runs)
    assert error[0] ** 2 == pytest.approx(expected)
    assert df[0] == pytest.approx(max(4 * (expected / (of_runs / (items * runs))) ** 2, 4))


def test_runs_that_agree_beyond_their_items_leave_the_items_error() -> None:
    error, _ = joint_error(np.array([0.1]), np.array([0.05]), 4, item_component=0.06)
    assert error[0] == 0.1


def test_degrees_of_freedom_stay_usable_where_the_items_account_for_most_of_the_runs_spread() -> None:
    # They fell below 1 once, which made every interval endless.
    assert joint_error(np.array([0.01]), np.array([0.05]), 3, item_component=0.0499)[1][0] == 3


def test_a_curve_with_five_seeds_is_judged_by_its_own_runs(curve: Make) -> None:
    five = curve(items=20, seeds=range(5))
    other = curve(items=20, seeds=range(4), model="other", seed=9)
    one, both = find_run_noise([five]), find_run_noise([five, other])
    codes = five.roles.languages[1:]
    assert both.pooled_sd_over(five, codes) == one.pooled_sd_over(five, codes)
    assert both.pooled_sd_over(other, codes) != one.pooled_sd_over(other, codes)


def test_cross_fitted_gains_get_wider_by_the_noise_of_two_runs(curve: Make) -> None:
    data = curve(items=30, seeds=(0, 1))
    measured = measure(data, 200)
    found = with_run_noise(measured, data, find_run_noise([data]))
    assert found.error[FITTED][0] >= measured.error[FITTED][0]
    assert found.method[FITTED][0] == "t: items and runs"
    assert found.method[Measure(Kind.GAIN, "trained")][0] == "percentile"


def test_run_noise_never_makes_an_interval_narrower_even_with_six_items(curve: Make) -> None:
    for seed in range(4):
        data = curve(items=6, seeds=(0, 1), seed=seed)
        alone = measure(data, 500)
        found = with_run_noise(alone, data, find_run_noise([data]))
        for name in alone.value:
            is_level = name.kind is Kind.LEVEL and name.group in CHANGED
            if is_level or name.kind in (Kind.CHANGE, Kind.CROSS_FITTED):
                changed = found.method[name] == "t: items and runs"
                # a level's ends may be cut at the ends of the metric's range, as those of the items are
                before = (alone.high[name] - alone.low[name])[changed]
                after = 2 * (found.error[name] * t_factor(found.df[name]))[changed]
                assert (after >= before * (1 - 1e-9)).all(), name
                assert (found.df[name][changed] >= 1).all()


def test_ends_of_levels_stay_within_the_metrics_range_and_those_of_changes_do_not(curve: Make) -> None:
    data = curve(items=6, seeds=(0, 1))
    found = with_run_noise(measure(data, 500), data, find_run_noise([data]))
    for name in (ENGLISH, Measure(Kind.LEVEL, "trained"), Measure(Kind.LANGUAGE, "ko")):
        assert (found.low[name] >= 0).all() and (found.high[name] <= 1).all()
    assert found.low[Measure(Kind.LANGUAGE, "ko")].min() == 0


def test_relative_is_undefined_where_run_noise_brings_0_into_the_interval_of_english(curve_of: Callable) -> None:
    scores = np.full((2, 1, 3, 4), 0.5)
    scores[:, 0, 1, 0] = 0.01, 0.09  # English at the second n
    scores[:, 0, 0, 0] = 0.5, 0.6
    data = curve_of(scores, means=True)
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    assert found.low[ENGLISH][1] < 0 < found.low[ENGLISH][2]
    assert np.isfinite(measure(data).value[RELATIVE]).all()
    assert np.isnan(found.value[RELATIVE]).tolist() == [False, True, False]
    assert np.isnan(found.value[Measure(Kind.CHANGE, "relative")]).tolist() == [False, True, False]
    # it stood at the second n, where R is largest
    assert found.gain_at[GAIN_OF_RELATIVE] == 1 and np.isnan(found.value[GAIN_OF_RELATIVE]).all()


def test_without_n_zero_of_relative_there_is_no_gain_of_it(curve_of: Callable) -> None:
    scores = np.random.default_rng(4).normal(0.5, 0.01, (2, 1, 3, 4))
    scores[:, 0, 0, 0] = 0.01, 0.09  # English at n = 0
    data = curve_of(scores, means=True)
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    assert (
        np.isnan(found.value[Measure(Kind.CHANGE, "relative")]).all() and np.isnan(found.value[GAIN_OF_RELATIVE]).all()
    )
    assert np.isfinite(found.value[RELATIVE]).tolist() == [False, True, True]


def test_noise_of_relative_grows_with_relative(curve_of: Callable) -> None:
    scores = np.random.default_rng(1).normal(0.5, 0.01, (2, 1, 4, 4))
    scores[:, :, :2, 1:] /= 5
    data = curve_of(scores, means=True)
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    width = found.high[RELATIVE] - found.low[RELATIVE]
    assert width / found.value[RELATIVE] == pytest.approx(width[0] / found.value[RELATIVE][0])


def test_bounds_of_later_improvements_hold_the_noise_of_two_runs(curve: Make, curve_of: Callable) -> None:
    data = curve(items=30, seeds=(0, 1))
    alone = measure(data, 500)
    found = with_run_noise(alone, data, find_run_noise([data]))
    assert all(found.step_bounds["trained"][pair] >= bound for pair, bound in alone.step_bounds["trained"].items())
    assert found.step_bounds["trained"] != alone.step_bounds["trained"]

    scores = np.random.default_rng(2).normal(0.5, 0.001, (2, 1, 3, 4))
    means = curve_of(scores, means=True)
    repeats = find_run_noise([means])
    spread = repeats.pooled_sd_over(means, means.roles.trained)
    assert spread is not None and measure(means).step_bounds["trained"] == {}
    noisy = with_run_noise(measure(means), means, repeats)
    step = noisy.value[Measure(Kind.LEVEL, "trained")][2] - noisy.value[Measure(Kind.LEVEL, "trained")][0]
    assert noisy.step_bounds["trained"][0, 2] == pytest.approx(step + np.sqrt(2) * spread.half_width(2))
    worse = replace(means, higher_is_better=False)
    other = with_run_noise(measure(worse), worse, repeats).step_bounds["trained"][0, 2]
    assert other == pytest.approx(-step + np.sqrt(2) * spread.half_width(2))


def test_scores_on_another_scale_than_their_metrics_keep_their_ends(curve_of: Callable) -> None:
    scores = 100 * np.random.default_rng(3).normal(0.5, 0.05, (2, 1, 3, 4))  # percent
    data = curve_of(scores, means=True, metric="rouge_l")
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    assert (found.high[Measure(Kind.LEVEL, "trained")] > found.value[Measure(Kind.LEVEL, "trained")]).all()


@pytest.mark.parametrize("means", [True, False])
def test_a_group_of_one_language_has_the_noise_of_that_language_everywhere(curve_of: Callable, means: bool) -> None:
    """The paper's Portuguese "improved" as the Latin part of U, and did not as a language."""
    scores = np.random.default_rng(11).normal(0.5, [0.01, 0.02, 0.05, 0.002], (3, 1 if means else 20, 3, 4))
    data = curve_of(scores, means=means)
    repeats = find_run_noise([data])
    found = with_run_noise(measure(data, 500), data, repeats)
    language = Measure(Kind.LANGUAGE, "pt")
    for group in ("held_out", "held_out_latin"):
        assert found.error[Measure(Kind.LEVEL, group)] == pytest.approx(found.error[language])
    for group, code in (("held_out", "pt"), ("english", "en")):
        change = contrast([[Term(data, 0, -1.0), Term(data, 2, 1.0)]], {code: (code,)}, repeats)[code]
        assert change.error == pytest.approx(found.error[Measure(Kind.CHANGE, group)][2], rel=0.02 if means else 0.1)


def test_one_language_takes_the_noise_of_all_but_english_and_english_its_own(curve_of: Callable) -> None:
    data = curve_of(np.random.default_rng(12).normal(0.5, [0.01, 0.1, 0.1, 0.1], (4, 1, 3, 4)), means=True)
    variance = data.sample.scores[:, 0].var(axis=0, ddof=1).mean(axis=0)
    for code, expected in (("en", variance[0]), ("es", variance[1:].mean()), ("pt", variance[1:].mean())):
        spread = find_run_noise([data]).pooled_sd_over(data, (code,))
        assert spread is not None and spread.sd**2 == pytest.approx(expected)


def test_the_transfer_share_of_means_is_fiellers_of_both_changes_by_hand(curve_of: Callable) -> None:
    """It had no interval, or that of its items: repeated runs counted for both changes and not for their ratio."""
    generator = np.random.default_rng(14)
    scores = np.array([0.3, 0.5, 0.6])[:, None] + generator.normal(0, 0.01, (3, 1, 3, 5))
    data = curve_of(scores, means=True, held_out=("pt", "ko"))
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    groups = np.stack([scores[:, 0, :, 3:].mean(axis=-1), scores[:, 0, :, 1:3].mean(axis=-1)])  # U and S (runs, points)
    left = groups - groups.mean(axis=1, keepdims=True)
    covariance = np.einsum("grp,hrp->gh", left, left) / 6 * 2 / 3
    changes = groups.mean(axis=1)[:, 2] - groups.mean(axis=1)[:, 0]
    low, high = fieller_bounds(changes[0], changes[1], covariance, t_factor(6))
    assert found.low[TRANSFER_SHARE][2] == pytest.approx(low) and found.high[TRANSFER_SHARE][2] == pytest.approx(high)
    assert found.method[TRANSFER_SHARE][2] == "fieller: runs"


def test_the_transfer_share_gets_wider_by_the_runs_and_is_undefined_where_they_cover_the_rise(
    curve_of: Callable,
) -> None:
    generator = np.random.default_rng(15)
    runs = generator.normal(0, 0.05, (2, 1, 3, 5))
    for rise, defined in ((0.9, True), (0.08, False)):
        scores = np.array([0.0, rise, rise])[:, None] + runs + generator.normal(0, 0.1, (2, 40, 3, 5))
        data = curve_of(scores, held_out=("pt", "ko"))
        alone = measure(data, 500)
        found = with_run_noise(alone, data, find_run_noise([data]))
        assert alone.resolved(TRAINED_CHANGE, 2)
        assert np.isfinite(found.value[TRANSFER_SHARE][2]) == defined == found.resolved(TRAINED_CHANGE, 2)
        if defined:
            width = found.high[TRANSFER_SHARE] - found.low[TRANSFER_SHARE]
            assert width[2] > (alone.high[TRANSFER_SHARE] - alone.low[TRANSFER_SHARE])[2]
            assert found.method[TRANSFER_SHARE][2] == "fieller: items and runs"
