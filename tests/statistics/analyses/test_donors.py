"""Whose rows help whom: what is said, what is left open, and the division of a budget."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from clt.errors import UserError
from clt.statistics.analyses.donors.allocate import allocations_of
from clt.statistics.analyses.donors.answer import worth_of
from clt.statistics.analyses.donors.compute import Fit, donors_of, fits_of
from clt.statistics.analyses.donors.schema import Allocation, Donors
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.wanted import checked
from clt.statistics.donors.exchange import MORE
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.inference.run_noise_prior import PRIOR_DF
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import undefined
from tests.statistics.conftest import array_curve
from tests.statistics.donors.simulated_donors import DONORS, LANGUAGES, PAIRS, SINGLES, Truth, nothing, study


def helping(donor: str, language: str, size: float = 1.0) -> Truth:
    effects = np.zeros((len(DONORS), len(LANGUAGES)))
    effects[DONORS.index(donor), LANGUAGES.index(language)] = size
    return Truth(effects)


@pytest.fixture(scope="module")
def curves() -> list[CurveData]:
    """es helps pt, and every language helps itself."""
    truth = helping("es", "pt")
    for code in DONORS:
        truth.effects[DONORS.index(code), LANGUAGES.index(code)] = 0.8
    return study(np.random.default_rng(1), truth, (*SINGLES, *PAIRS, DONORS), items=300, runs=2)


def donors(curves: Sequence[CurveData]) -> list[Donors]:
    return donors_of(fits_of(curves, find_run_noise(curves)))


def allocation(curves: Sequence[CurveData], **asked: object) -> Allocation:
    request = checked(RecommendationRequest(**asked), curves)  # type: ignore[arg-type]
    (found,) = allocations_of(fits_of(curves, find_run_noise(curves)), request)
    return found


def test_the_donor_that_helps_is_named_and_no_other(curves: list[CurveData]) -> None:
    (found,) = donors(curves)
    assert [(effect.donors, effect.language) for effect in found.effects if effect.named] == [(["es"], "pt")]
    assert found.pairs == 4 * 7 and found.not_identified == []


def test_a_worth_is_in_rows_of_the_language_itself_where_it_was_trained_on(curves: list[CurveData]) -> None:
    by_pair = {(*effect.donors, effect.language): effect for effect in donors(curves)[0].effects}
    assert by_pair["es", "ja"].against == ["ja"] and by_pair["es", "es"].against == []
    assert by_pair["fr", "pt"].against == ["es"]  # pt was not trained on: the donor that is surest to help it
    worth = by_pair["fr", "pt"].worth
    assert worth.value is not None and worth.high is not None and worth.value < 500 and worth.high < 1000


def test_one_set_of_languages_leaves_open_which_of_them_helps() -> None:
    (found,) = donors(study(np.random.default_rng(2), nothing(), (DONORS,), items=50))
    assert {tuple(effect.donors) for effect in found.effects} == {DONORS}
    assert found.not_identified == [
        "not identified: which of es, fr, ja, zh; their rows always rise together, and a mixture with es alone would "
        "tell it from the others"
    ]


def test_the_correction_counts_the_pairs_of_all_models(curves: list[CurveData]) -> None:
    other = [replace(data, identity=data.identity | {"model": "b"}) for data in curves]
    assert {one.pairs for one in donors([*curves, *other])} == {2 * 4 * 7}


def test_where_less_is_better_a_donor_that_helps_lowers_the_score(curves: list[CurveData]) -> None:
    turned = [
        replace(data, higher_is_better=False, sample=replace(data.sample, scores=1 - data.sample.scores))
        for data in curves
    ]
    straight, mirrored = (
        {(*effect.donors, effect.language): effect for effect in donors(each)[0].effects} for each in (curves, turned)
    )
    assert mirrored["es", "pt"].named and (mirrored["es", "pt"].change.value or 0.0) < 0
    assert mirrored["fr", "pt"].worth.value == pytest.approx(straight["fr", "pt"].worth.value, rel=0.05, abs=5)


def test_what_neighbouring_n_tell_counts_once_as_residuals_of_the_fit() -> None:
    single = study(np.random.default_rng(4), nothing(), SINGLES, items=20, counts=(0, 100, 200, 400, 800))
    (one,) = fits_of(single, find_run_noise(single))
    assert (one.response.factor, one.response.df) == (1.0, PRIOR_DF)


def losses(counts: Sequence[int], seed: int = 0) -> list[CurveData]:
    """Means of losses that no rows change; runs differ by 5%."""
    generator = np.random.default_rng(seed)
    codes = ("en", *DONORS)
    english = np.exp(0.05 * generator.normal(size=len(codes)))
    curves = []
    for trained in SINGLES:
        order = ("en", *trained, *(code for code in DONORS if code not in trained))
        points = np.stack([english, *np.exp(0.05 * generator.normal(size=(len(counts) - 1, len(codes))))])
        curves.append(
            array_curve(
                points[None, None][..., [codes.index(code) for code in order]],
                means=True,
                trained=trained,
                held_out=order[2:],
                counts=counts,
                rows=[(1000.0, float(n)) for n in counts],
                higher_is_better=False,
                metric="bits_per_byte",
            )
        )
    return curves


def test_the_residuals_alone_tell_how_runs_differ_in_losses() -> None:
    (one,) = fits_of(losses((0, 200, 800, 3200)), RunNoise({}))
    assert one.response.df == 0 and one.posterior.noise == pytest.approx(0.05, rel=0.4)


def test_where_nothing_tells_how_runs_differ_no_donor_is_named() -> None:
    """Five points and five levels and effects: one was named in 30 of 30 studies without any effect."""
    assert donors(losses((0, 800))) == []


def test_the_recommended_mixture_costs_no_more_than_the_budget_and_regrets_least(curves: list[CurveData]) -> None:
    found = allocation(curves, budget=13_000, prices={"ja": 2.0}, weights={"pt": 3.0})
    best, *others = found.mixtures
    assert best.cost <= 13_000 and best.english_rows == 10_000 and best.rows["es"] > best.rows["ja"]
    assert best.expected_regret == min(each.expected_regret for each in found.mixtures)
    assert sum(each.probability_best or 0.0 for each in found.mixtures) == pytest.approx(1, abs=0.02)
    assert all(each.tried and each.cost <= 13_000 for each in others)


def test_a_mixture_that_was_tried_has_what_its_runs_scored(curves: list[CurveData]) -> None:
    by_name = {each.name: each for each in allocation(curves, targets=("pt",)).mixtures}
    data = next(each for each in curves if each.roles.trained == ("es",))
    pt = data.sample.scores.mean(axis=(0, 1))[:, data.roles.languages.index("pt")]
    assert by_name["en+es at n = 3200"].measured == pytest.approx(pt[-1] - pt[0], abs=1e-5)


def test_a_margin_without_room_leaves_english_alone(curves: list[CurveData]) -> None:
    found = allocation(curves, english_margin=0.0, targets=("pt",))
    assert found.mixtures[0].english_falls == 0.0 and not any(found.mixtures[0].rows.values())


def test_a_margin_is_a_share_of_every_metrics_range(curves: list[CurveData]) -> None:
    judged = [
        replace(data, identity=data.identity | {"metric": "judge"},
                sample=replace(data.sample, scores=1 + 4 * data.sample.scores))
        for data in curves
    ]  # fmt: skip
    of_share, of_points = (allocation(each, english_margin=0.02, targets=("pt",)) for each in (curves, judged))
    assert (of_share.english_may_fall, of_points.english_may_fall) == (0.02, 0.08)
    assert of_points.mixtures[0].rows == of_share.mixtures[0].rows


def test_without_a_range_a_margin_is_a_share_of_english_only_training(curves: list[CurveData]) -> None:
    found = allocation(losses((0, 200, 800, 3200)), english_margin=0.02)
    assert found.english_may_fall == pytest.approx(0.02, rel=0.1)  # these losses are near 1


def test_a_target_that_some_points_lack_is_not_allocated_for(curves: list[CurveData]) -> None:
    curves[0].sample.present.flags.writeable = True
    lacking = replace(curves[0], sample=replace(curves[0].sample, present=curves[0].sample.present.copy()))
    lacking.sample.present[-1, lacking.roles.languages.index("ko")] = False
    found = allocation([lacking, *curves[1:]], weights={"ko": 1.0})
    assert found.mixtures == [] and found.statement == "nothing to allocate: ko is not scored at every point"


def test_a_margin_of_english_that_some_points_lack_is_not_held(curves: list[CurveData]) -> None:
    lacking = replace(curves[0], sample=replace(curves[0].sample, present=curves[0].sample.present.copy()))
    lacking.sample.present[-1, 0] = False
    found = allocation([lacking, *curves[1:]], english_margin=0.02, targets=("pt",))
    assert found.mixtures == [] and found.statement == "nothing to allocate: en is not scored at every point"


def test_a_budget_below_every_mixture_is_refused_with_the_cheapest(curves: list[CurveData]) -> None:
    with pytest.raises(UserError, match=r"budget: got 10100, expected 10200 or more, .*: en\+(es|fr|ja|zh) at n = 200"):
        allocation(curves, budget=10_100)


def test_a_division_that_is_not_told_from_english_alone_says_so(curves: list[CurveData]) -> None:
    without = study(np.random.default_rng(3), nothing(), SINGLES, items=60)
    assert "not told from English alone" in allocation(without, targets=("pt",)).statement
    assert "not told" not in allocation(curves, targets=("pt",)).statement


def test_a_fit_that_misses_its_mixtures_names_no_donor_and_divides_no_budget(
    curves: list[CurveData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fit, "misses", lambda *_: ["en+es at n = 200"] * 9)
    (found,) = donors(curves)
    assert not found.holds and not any(effect.named for effect in found.effects)
    assert found.not_identified == ["the fit misses 9 of 24 mixtures: no donor is named"]
    asked = allocation(curves)
    assert asked.mixtures == [] and asked.statement == "the fit misses 9 of 24 mixtures: no division"


def test_a_worth_beyond_the_rows_tried_is_no_number(curves: list[CurveData]) -> None:
    (one,) = donors(curves)
    effect = next(each for each in one.effects if each.donors == ["es"] and each.language == "pt")
    beyond = effect.model_copy(update={"worth": undefined(MORE)})
    assert worth_of(one, beyond) == "to pt, 1,000 rows of es are worth more than were tried of fr"


def test_nothing_is_allocated_unless_it_is_asked_for() -> None:
    assert not RecommendationRequest(targets=("pt",)).wants_allocation
    assert RecommendationRequest(budget=100).wants_allocation
