"""Verdicts hold together: closed forms, any order of the curves, and what stands for runs that are not repeated."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from clt.planning.quantiles import maximum_modulus
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.family import ITEMS_ALONE, Family, change_key, language_members, mixture_key, resolved
from clt.statistics.family.joint import JointNull, deviate, joint_null
from clt.statistics.inference.link import link_of
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.inference.run_noise_prior import prior_sd
from clt.statistics.scores.curve_data import CurveData, curves
from tests.statistics.conftest import family_of
from tests.statistics.family.null_studies import NullStudy, table_of

NONE = RunNoise({})
Make = Callable[..., CurveData]
ONE = NullStudy(items=60, sample_sizes=(0, 100))


def curve_with(study: NullStudy = ONE, seed: int = 1) -> CurveData:
    (found,) = curves(table_of(study, seed))
    return found


def test_the_p_value_of_one_contrast_of_items_alone_is_the_paired_t_tests(curve_of: Make) -> None:
    """A metric whose scale is not known: nothing stands for the noise between runs."""
    scores = np.random.default_rng(3).normal(5, 2, (1, 80, 2, 4))
    data = curve_of(scores)
    verdict = family_of([data], NONE).verdict(change_key(data.id, "held_out"))
    assert verdict is not None and verdict.basis == ITEMS_ALONE
    assert verdict.p == pytest.approx(stats.ttest_rel(scores[0, :, 1, 3], scores[0, :, 0, 3]).pvalue, rel=1e-3)


def test_equal_contrasts_are_corrected_for_one() -> None:
    data = curve_with()
    (member,) = [member for member in language_members(data, 100) if member.key.measure == "pt"]
    copies = [replace(member, key=member.key._replace(measure=f"pt-{copy}")) for copy in range(9)]
    one, nine = (Family.of_members(members, NONE) for members in (copies[:1], copies))
    df = one.noises[copies[0].key].df
    assert nine.null.factor(df) == pytest.approx(one.null.factor(df), rel=0.03)
    assert one.null.factor(df) == pytest.approx(stats.t.ppf(0.975, df), rel=0.05)


@pytest.mark.parametrize(("contrasts", "df"), [(4, 6), (30, 6), (30, 16)])
def test_independent_contrasts_with_one_estimate_of_their_noise_are_the_maximum_modulus(
    contrasts: int, df: int
) -> None:
    """Runs alone, no items: independent of one another, wrong about the noise together."""
    family = family_of([curve_with()], NONE)
    first = next(iter(family.noises.values()))
    alone = [
        replace(
            first, items={}, item_sd=0.0, item_df=np.inf, run_sd=1.0, run_total=1.0, item_component=0.0, error=1.0,
            df=float(df), run_df=float(df), pool="one", run_parts={k: 1.0},
        )
        for k in range(contrasts)
    ]  # fmt: skip
    assert joint_null(alone).factor(df) == pytest.approx(maximum_modulus(contrasts, df), rel=0.03)


def test_a_verdict_is_resolved_where_its_simultaneous_interval_excludes_0() -> None:
    rising = NullStudy(items=120, sample_sizes=(0, 100), rise=1.5)
    data = curve_with(rising)
    family = family_of([data], NONE)
    verdicts = [family.verdict(key) for key in family.noises]
    assert any(resolved(verdict) for verdict in verdicts) and not all(resolved(verdict) for verdict in verdicts)
    for verdict in verdicts:
        assert verdict is not None and verdict.low is not None and verdict.high is not None
        assert resolved(verdict) == (verdict.low > 0 or verdict.high < 0)


@pytest.mark.parametrize("df", [6.0, 14.0, 200.0])
def test_the_factor_of_a_single_contrast_is_that_of_students_t(df: float) -> None:
    generator = np.random.default_rng(5)
    t = generator.standard_t(df, 200_000)
    null = JointNull(np.sort(deviate(t, df)))
    assert null.factor(df) == pytest.approx(stats.t.ppf(0.975, df), rel=0.02)
    assert null.corrected_p(2.5, df) == pytest.approx(2 * stats.t.sf(2.5, df), rel=0.05)
    assert null.tests(df) == pytest.approx(1.0, rel=0.05)


def test_without_repeated_runs_the_papers_stand_for_them() -> None:
    data = curve_with()
    noise = family_of([data], NONE).noises[change_key(data.id, "held_out")]
    means = data.sample.scores[0].mean(axis=0)[:, [data.roles.languages.index(code) for code in data.roles.held_out]]
    assert noise.basis == "items, the paper's repeated runs"
    assert noise.run_sd == pytest.approx(np.hypot(*(prior_sd(link_of(data), mean) for mean in means)))
    assert noise.error == pytest.approx(np.hypot(noise.item_sd, noise.run_sd))


def test_what_would_overturn_a_verdict_is_told_where_no_run_is_repeated() -> None:
    data = curve_with(NullStudy(items=200, sample_sizes=(0, 100), rise=1.5))
    family = family_of([data], NONE)
    key = change_key(data.id, "trained")
    verdict, noise = family.verdict(key), family.noises[key]
    assert verdict is not None and resolved(verdict) and verdict.overturned_by is not None
    at_the_limit = np.hypot(noise.item_sd, verdict.overturned_by * noise.one_run)
    assert abs(noise.value) == pytest.approx(family.null.factor(noise.df) * at_the_limit, rel=1e-3)
    repeated = list(curves(table_of(NullStudy(items=60, seeds=4, rise=1.5, sample_sizes=(0, 100, 200)), 1)))
    told = family_of(repeated, find_run_noise(repeated)).verdict(change_key(repeated[0].id, "trained"))
    assert told is not None and told.basis == "items, repeated runs" and told.overturned_by is None


def test_the_order_of_the_curves_changes_no_verdict() -> None:
    made = list(curves(table_of(NullStudy(items=40, models=2, sample_sizes=(0, 100)), 2)))
    first, second = (family_of(order, NONE) for order in (made, made[::-1]))
    assert [(key, first.verdict(key)) for key in first.noises] == [(key, second.verdict(key)) for key in second.noises]


def test_english_only_runs_that_curves_share_are_one_source_of_noise() -> None:
    """Mixtures of two sets of training languages are held against the same English-only run."""
    sets = (("es", "fr"), ("ja", "zh"))
    made = list(curves(table_of(NullStudy(items=40, train=sets, sample_sizes=(0, 100)), 2)))
    targets = ("pt", "ar", "ko")
    family = Family.of(made, {(data.id, 100): targets for data in made}, NONE)
    _, covariance, _ = family.covariance([mixture_key(data, 100) for data in made])
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert 0.35 < correlation < 0.75  # half, but for what the items share


def test_no_basis_says_repeated_where_no_run_of_the_study_is() -> None:
    made = list(curves(table_of(NullStudy(items=40, models=2), 3)))
    family = family_of(made, find_run_noise(made))
    bases = {noise.basis for noise in family.noises.values()}
    assert bases == {"items, runs at neighbouring n, the paper's repeated runs"}
    assert not any(noise.is_repeated for noise in family.noises.values())


def test_a_budget_changes_no_verdict() -> None:
    (data,) = curves(table_of(NullStudy(items=40, sample_sizes=(0, 100, 200)), 3))
    key = change_key(data.id, "trained")
    free, tight = (family_of([data], NONE, RecommendationRequest(budget=budget)) for budget in (None, 1400))
    assert len(free) == len(tight) and free.verdict(key) == tight.verdict(key)
