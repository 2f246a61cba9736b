"""Contrasts against scipy's t tests, statsmodels' clustered errors and power, and literal sums."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.power import TTestPower

from clt.statistics.inference.contrasts import Contrast, Term, contrast, item_sum, run_error, trained_points
from clt.statistics.inference.intervals import detectable, t_factor
from clt.statistics.inference.run_noise import PooledSD, RunNoise, find_run_noise, joint_error
from clt.statistics.scores.curve_data import CurveData, curves

NONE = RunNoise({})
Make = Callable[..., CurveData]


@pytest.fixture
def two(make_rows: Callable) -> tuple[CurveData, CurveData]:
    """Two models' curves over the same 60 items."""
    rows = pd.concat([make_rows(), make_rows(model="large", seed=4)])
    first, second = curves(rows)
    return first, second


def p_of(found: Contrast) -> float:
    assert found.estimate.value is not None and found.error is not None
    return float(2 * stats.t.sf(abs(found.estimate.value) / found.error, found.df))


def difference(first: CurveData, second: CurveData, n: int) -> list[Term]:
    return [Term(first, first.point_index(n), -1.0), Term(second, second.point_index(n), 1.0)]


def test_one_language_at_one_n_is_the_paired_t_test(two: tuple[CurveData, CurveData]) -> None:
    first, second = two
    found = contrast([difference(first, second, 80)], {"ja": ("ja",)}, NONE)["ja"]
    scores = [
        data.sample.scores[0, :, data.point_index(80), data.roles.languages.index("ja")] for data in (second, first)
    ]
    expected = stats.ttest_rel(*scores)
    ends = expected.confidence_interval(0.95)
    assert p_of(found) == pytest.approx(expected.pvalue, rel=1e-3)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((ends.low, ends.high), abs=1e-6)
    assert found.items == 60 and found.estimate.method == "t: items"


def test_parallel_items_are_one_cluster_over_languages_and_n(two: tuple[CurveData, CurveData]) -> None:
    first, second = two
    found = contrast([difference(first, second, n) for n in (20, 80, 200)], {"seen": ("es", "ja")}, NONE)["seen"]
    places = [data.roles.languages.index(code) for data in (first,) for code in ("es", "ja")]
    item = [data.sample.scores[0, :, 2:][..., places].mean(axis=(1, 2)) for data in (second, first)]
    expected = stats.ttest_1samp(item[0] - item[1], 0)
    assert found.error == pytest.approx((item[0] - item[1]).std(ddof=1) / np.sqrt(60))
    assert p_of(found) == pytest.approx(expected.pvalue, rel=1e-3)


def test_languages_with_their_own_items_have_the_clustered_error_of_statsmodels(curve_of: Make) -> None:
    generator = np.random.default_rng(2)
    mask = np.ones((30, 4), dtype=bool)
    mask[:10, 1], mask[20:, 2] = False, False
    data = curve_of(generator.normal(size=(1, 30, 2, 4)), mask=mask)
    found = contrast([[Term(data, 0, -1.0), Term(data, 1, 1.0)]], {"seen": ("es", "ja")}, NONE)["seen"]
    change = data.sample.scores[0, :, 1] - data.sample.scores[0, :, 0]
    item, language = np.nonzero(mask[:, 1:3])
    frame = pd.DataFrame({"y": change[item, language + 1], "item": item, "language": language})
    fit = smf.ols("y ~ 0 + C(language)", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["item"], "use_correction": False}
    )
    mean = fit.t_test([0.5, 0.5])
    assert found.estimate.value == pytest.approx(mean.effect[0], abs=1e-6)
    assert found.error == pytest.approx(float(mean.sd[0, 0]) * np.sqrt(20 / 19))  # each language has 20


def test_languages_without_common_items_have_the_freedom_of_the_one_with_fewest(curve_of: Make) -> None:
    """Two samples of four items are no sample of eight: the error came out too small, with too many degrees."""
    mask = np.zeros((8, 4), dtype=bool)
    mask[:, [0, 3]], mask[:4, 1], mask[4:, 2] = True, True, True
    data = curve_of(np.random.default_rng(14).normal(size=(1, 8, 2, 4)), mask=mask)
    found = contrast([[Term(data, 0, -1.0), Term(data, 1, 1.0)]], {"seen": ("es", "ja")}, NONE)["seen"]
    change = data.sample.scores[0, :, 1] - data.sample.scores[0, :, 0]
    errors = [stats.sem(change[mask[:, k], k]) for k in (1, 2)]
    assert found.error == pytest.approx(np.hypot(*errors) / 2)
    assert found.df == 3 and found.items == 8


def test_terms_are_taken_on_the_items_that_all_of_them_have(curve_of: Make) -> None:
    scores = np.random.default_rng(3).normal(size=(1, 12, 2, 4))
    first = curve_of(scores)
    second = curve_of(scores[:, 4:] + 0.5, items=[f"{k:04d}" for k in range(4, 12)], model="b")
    found = contrast([difference(first, second, 10)], {"pt": ("pt",)}, NONE)["pt"]
    assert found.estimate.value == pytest.approx(0.5) and found.items == 8


def test_influence_of_an_item_sums_to_zero_and_is_what_leaving_it_out_changes(curve_of: Make) -> None:
    data = curve_of(np.random.default_rng(4).normal(size=(1, 9, 2, 4)))
    found = item_sum([Term(data, 1, 1.0)], ("es", "pt"))
    mean = data.sample.scores[0, :, 1][:, [1, 3]].mean(axis=1)
    left_out = [np.delete(mean, k).mean() for k in range(9)]
    assert found.influence.sum() == pytest.approx(0)
    assert found.influence * 9 / 8 == pytest.approx(mean.mean() - np.array(left_out))


def test_identical_items_say_nothing_about_certainty(curve_of: Make) -> None:
    data = curve_of(np.ones((1, 10, 2, 4)))
    found = contrast([[Term(data, 0, -1.0), Term(data, 1, 1.0)]], {"es": ("es",)}, NONE)["es"]
    assert found.estimate.value == 0 and found.estimate.low is None and found.error is None


def test_a_language_without_scores_leaves_only_its_groups_undefined(curve_of: Make) -> None:
    data = curve_of(np.random.default_rng(5).normal(size=(1, 10, 2, 4)))
    data.sample.present[1, 3] = False
    found = contrast([[Term(data, 1, 1.0)]], {"seen": ("es", "ja"), "unseen": ("pt",), "none": ()}, NONE)
    assert found["seen"].estimate.value is not None
    assert found["unseen"].estimate.reason == "a language has no score at a point"
    assert found["none"].estimate.reason == "no language"


def test_fewer_than_two_common_items_are_undefined(curve_of: Make) -> None:
    scores = np.zeros((1, 3, 2, 4))
    first, second = curve_of(scores, items="abc"), curve_of(scores, items="cde", model="b")
    found = contrast([difference(first, second, 10)], {"pt": ("pt",)}, NONE)["pt"]
    assert found.estimate.reason == "fewer than two items in common"


@pytest.mark.parametrize(("df", "tests"), [(6, 1), (6, 9), (14, 1), (59, 9), (249, 48)])
def test_detectable_difference_has_the_power_of_statsmodels(df: int, tests: int) -> None:
    found = detectable(0.02, df, tests)
    effect = TTestPower().solve_power(nobs=df + 1, alpha=0.05 / tests, power=0.8) * np.sqrt(df + 1)
    assert found == pytest.approx(0.02 * effect, rel=1e-3)


def test_run_noise_is_added_to_the_items_with_satterthwaites_degrees_of_freedom(curve_of: Make) -> None:
    generator = np.random.default_rng(7)
    data = curve_of(generator.normal(size=(2, 20, 3, 4)))
    repeats = find_run_noise([data])
    alone = contrast([[Term(data, 1, -1.0), Term(data, 2, 1.0)]], {"seen": ("es", "ja")}, NONE)["seen"]
    found = contrast([[Term(data, 1, -1.0), Term(data, 2, 1.0)]], {"seen": ("es", "ja")}, repeats)["seen"]
    seen = data.sample.scores[..., 1:3].mean(axis=-1)  # (runs, items, points)
    runs = seen.mean(axis=1).var(axis=0, ddof=1).mean() * (1 / 2 + 1 / 2)  # of a difference of two means over two runs
    rest = seen - seen.mean(axis=0) - seen.mean(axis=1, keepdims=True) + seen.mean(axis=(0, 1))
    counted = (rest**2).sum(axis=(0, 1)).mean() / 19 / 20  # is in the items' error already
    assert alone.error is not None and found.error is not None
    variance = alone.error**2 + max(runs - counted, 0.0)
    assert found.error**2 == pytest.approx(variance)
    assert found.df == pytest.approx(max(variance**2 / (alone.error**4 / 19 + runs**2 / 3), 3))
    assert found.estimate.method == "t: items and runs"


def test_an_english_only_run_that_curves_share_is_one_run(curve_of: Make) -> None:
    """Two changes from one run have its noise twice together, not once each."""
    means = np.random.default_rng(9).normal(size=(1, 1, 2, 4))
    means[:, :, 0] = 0.5
    first, second = curve_of(means, means=True), curve_of(means, means=True, trained=("es", "pt"), held_out=("ja",))
    other = means.copy()
    other[:, :, 0] += 0.1
    again = curve_of(other, means=True, trained=("ja", "pt"), held_out=("es",))
    repeats = find_run_noise([first, second, again])
    terms = [term for data in (first, second) for term in (Term(data, 1, 1.0), Term(data, 0, -1.0))]
    found = contrast([terms], {"en": ("en",)}, repeats)["en"]
    sd = 0.1 / np.sqrt(2)
    assert found.error == pytest.approx(sd * np.sqrt(1 + 1 + 2**2))
    assert found.df == 1


@pytest.mark.parametrize("means", [False, True])
def test_swapping_two_curves_turns_the_sign_and_nothing_else(curve_of: Make, means: bool) -> None:
    """With five seeds each curve has its own noise; the first curve's was once taken for both."""
    generator = np.random.default_rng(15)
    luck = generator.normal(0, 0.2, (1, 1 if means else 40, 1, 4))
    first, second = (
        curve_of(luck + generator.normal(0, sd, (5, 1, 3, 4)), model=name, means=means)
        for name, sd in (("a", 0.01), ("b", 0.3))
    )
    if not means:  # items differ between the curves as well
        second.sample.scores[:] += generator.normal(0, 0.1, (1, 40, 3, 4))
    codes = ("es", "ja")
    for order in ((first, second), (second, first)):
        repeats = find_run_noise(order)
        one = contrast([difference(first, second, 10)], {"seen": codes}, repeats)["seen"]
        other = contrast([difference(second, first, 10)], {"seen": codes}, repeats)["seen"]
        assert one.estimate.value == pytest.approx(-(other.estimate.value or 0.0))
        assert (one.error, one.df) == pytest.approx((other.error, other.df))
        found = run_error(list(trained_points(difference(first, second, 10)).values()),
                          repeats.pooled_sd_of_each([first, second], codes))  # fmt: skip
        means_of = [data.sample.scores[..., 1:3].mean(axis=(1, 3)) for data in (first, second)]
        parts = [runs.var(axis=0, ddof=1).mean() / 5 for runs in means_of]
        assert found.error**2 == pytest.approx(sum(parts))
        assert found.df == pytest.approx(sum(parts) ** 2 / sum(part**2 / 12 for part in parts))


def test_a_curve_without_repeats_borrows_the_noise_of_the_other(curve_of: Make) -> None:
    scores = np.random.default_rng(16).normal(size=(5, 1, 3, 4))
    repeated = curve_of(scores, means=True, study="a")
    single = curve_of(scores[:1], means=True, study="b", model="b")
    repeats = find_run_noise([repeated, single])
    own = repeats.pooled_sd_over(repeated, ("es",))
    found = contrast([difference(single, repeated, 10)], {"es": ("es",)}, repeats)["es"]
    assert own is not None and found.error == pytest.approx(own.sd * np.sqrt(1 + 1 / 5))
    assert found.df == pytest.approx(own.df)


def test_means_at_several_n_are_replicates_of_a_t_test(curve_of: Make) -> None:
    generator = np.random.default_rng(10)
    first, second = (curve_of(generator.normal(size=(1, 1, 8, 4)), means=True, model=name) for name in ("a", "b"))
    over = first.sample_sizes[1:]
    found = contrast([difference(first, second, n) for n in over], {"seen": ("es", "ja")}, NONE)["seen"]
    each = (second.sample.scores - first.sample.scores)[0, 0, 1:, 1:3].mean(axis=-1)
    expected = stats.ttest_1samp(each, 0)
    assert p_of(found) == pytest.approx(expected.pvalue, rel=1e-3)
    assert found.estimate.method == "t over 7 n" and found.items == 0


def test_means_that_share_english_only_runs_are_no_replicates(curve_of: Make) -> None:
    data = curve_of(np.random.default_rng(11).normal(size=(1, 1, 5, 4)), means=True)
    changes = [[Term(data, at, 1.0), Term(data, 0, -1.0)] for at in (1, 2, 3, 4)]
    found = contrast(changes, {"es": ("es",)}, NONE)["es"]
    assert found.error is None and found.estimate.method == "none: only means, no repeated runs"


def test_means_that_never_differ_have_no_interval(curve_of: Make) -> None:
    means = np.random.default_rng(12).normal(size=(1, 1, 5, 4))
    first, second = curve_of(means, means=True), curve_of(means + 0.01, means=True, model="b")
    found = contrast([difference(first, second, n) for n in (10, 20, 30)], {"es": ("es",)}, NONE)["es"]
    assert found.estimate.value == pytest.approx(0.01) and found.estimate.method == "none: the same at every n"


def test_joint_error_with_one_kind_of_noise_is_that_kind() -> None:
    error, df = joint_error(np.array(0.3), np.array(0.0), np.inf, item_df=59)
    assert (error, df) == (pytest.approx(0.3), pytest.approx(59))
    error, df = joint_error(np.array(0.0), np.array(0.2), 4)
    assert (error, df) == (pytest.approx(0.2), pytest.approx(4))
    assert joint_error(np.array(0.3), np.array(0.0), 2)[1] == np.inf


@pytest.mark.simulation
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("runs", "between"), [(2, 0.0), (2, 0.05), (3, 0.02), (3, 0.2)])
def test_items_and_runs_together_cover_the_truth(runs: int, between: float) -> None:
    """4,000 studies of 60 items and 8 points with 2 or 3 seeds, whose noise is pooled. A run's own luck with an item is
    counted with the items and with the runs, so coverage is above 95% where runs differ in nothing else."""
    generator = np.random.default_rng(13)
    hits, studies = 0, 4000
    for _ in range(studies):
        scores = generator.normal(0, 0.4, (1, 60, 1)) + generator.normal(0, between, (runs, 1, 8))
        scores = scores + generator.normal(0, 0.2, (runs, 60, 8))
        run_error = np.sqrt(scores.mean(axis=1).var(axis=0, ddof=1).mean() / runs)
        item_error = scores[..., 0].mean(axis=0).std(ddof=1) / np.sqrt(60)
        error, df = joint_error(item_error, run_error, 8 * (runs - 1), item_df=59)
        hits += abs(scores[..., 0].mean()) <= t_factor(df) * error
    assert 0.94 <= hits / studies <= 0.975, hits / studies


def test_half_width_is_the_t_interval_of_a_mean_over_runs() -> None:
    spread = PooledSD(sd=2.0, low=1.0, high=3.0, df=4, groups=1, runs=5, largest=4.0)
    assert spread.half_width(5) == pytest.approx(stats.t.ppf(0.975, 4) * 2 / np.sqrt(5))
