"""Recommendations: simultaneous intervals against scipy, planted effects, budgets, targets and directions."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from langcodes import Language
from scipy.stats import multivariate_t

from clt.errors import UserError
from clt.statistics.analyses.recommendation.compute import recommend
from clt.statistics.analyses.recommendation.mixtures import competitions
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.schema import Recommendation
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.inference.simultaneous import maybe_best
from clt.statistics.scores.curve_data import CurveData
from tests.statistics.conftest import family_of

NONE = RunNoise({})
ROWS = [(100.0, 0.0), (100.0, 20.0), (100.0, 40.0), (100.0, 60.0)]
Make = Callable[..., CurveData]


def planted(rise: tuple[float, ...] = (0.0, 0.1, 0.4, 0.4), *, seed: int = 1, items: int = 80) -> np.ndarray:
    """Scores of items with the same rise in every language but English."""
    generator = np.random.default_rng(seed)
    level = np.array(rise)[:, None] * np.array([0.0, 1.0, 1.0, 1.0])
    return generator.normal(0.5, 0.2, (1, items, 1, 4)) + level + generator.normal(0, 0.1, (1, items, len(rise), 4))


def only_recommendation(
    curve: CurveData, *others: CurveData, run_noise: RunNoise = NONE, **wanted: object
) -> Recommendation:
    found = recommended([curve, *others], run_noise, RecommendationRequest(**wanted))  # type: ignore[arg-type]
    assert len(found) == 1
    return found[0]


def recommended(curves: list[CurveData], run_noise: RunNoise, request: RecommendationRequest) -> list[Recommendation]:
    return recommend(competitions(curves, request), family_of(curves, run_noise, request), run_noise, request.budget)


def test_the_last_that_may_be_best_is_one_sided_dunnetts_bound_behind() -> None:
    """Three independent estimates: the first may be best up to the factor times the error of a difference."""
    equal = np.full((2, 2), 0.5) + np.eye(2) / 2
    bounds = np.linspace(2, 3, 201)
    inside = np.array([multivariate_t(shape=equal, df=8).cdf([bound] * 2, random_state=1) for bound in bounds[::20]])
    factor = np.interp(0.95, inside, bounds[::20])
    kept = [maybe_best(np.array([0.0, bound * np.sqrt(2), 0.0]), np.eye(3), 8)[0] for bound in bounds]
    assert bounds[np.flatnonzero(kept)[-1]] == pytest.approx(factor, abs=0.03)


def test_clearly_worse_estimates_cannot_be_the_best() -> None:
    assert maybe_best(np.array([0.0, 5.0, 5.1]), np.eye(3) * 0.01, 20).tolist() == [False, True, True]
    assert maybe_best(np.array([1.0, 2.0]), np.ones((2, 2)), 20).tolist() == [False, True]  # differ by a constant
    assert maybe_best(np.array([1.0]), np.eye(1), 20).tolist() == [True]


def test_a_single_mixture_is_held_against_english_only_training(curve_of: Make) -> None:
    found = only_recommendation(curve_of(planted((0.0, 0.2)), rows=ROWS[:2]), targets=("pt",))
    assert found.statement == "en+es+ja at n = 10: better than English-only training; there was no other to choose from"


def test_the_cheapest_of_those_that_cannot_be_told_apart_is_named(curve_of: Make) -> None:
    found = only_recommendation(curve_of(planted(), rows=ROWS))
    assert found.best is not None and found.cheapest is not None
    assert found.resolvable and found.considered == 3 and found.not_worse == 2
    assert found.cheapest.samples_per_language == 20 and found.cheapest.rows == 140
    assert found.improvement.low is not None and found.improvement.low > 0.3
    assert found.english.low is not None and found.english.high is not None
    assert found.english.low < 0 < found.english.high
    assert found.targets == ["es", "ja", "pt"] and found.budget_counts == "all rows"


def test_a_budget_leaves_out_what_costs_more(curve_of: Make) -> None:
    data = curve_of(planted(), rows=ROWS)
    found = only_recommendation(data, budget=120)
    assert found.considered == 1 and found.best is not None and found.best.samples_per_language == 10
    nothing = only_recommendation(data, budget=119)
    assert nothing.best is None and nothing.improvement.value is None
    assert nothing.statement == "no mixture within the budget: the smallest has 120 rows"


def test_with_prices_the_budget_is_what_the_rows_cost(curve_of: Make) -> None:
    """It counted rows beside a division that counted prices, and recommended what cost more than the budget."""
    data = curve_of(planted(), rows=ROWS)  # n = 10, 20, 30 in each of es and ja
    found = only_recommendation(data, budget=140, prices={"ja": 2.0})
    assert found.considered == 1 and found.best is not None
    assert (found.best.samples_per_language, found.best.rows, found.best.cost) == (10, 120, 100 + 10 + 2 * 10)
    assert found.prices == {"ja": 2.0}
    nothing = only_recommendation(data, budget=129, prices={"jpn": 2.0})
    assert nothing.statement == "no mixture within the budget: the cheapest costs 130"


def test_the_cheapest_is_the_one_that_costs_least(curve_of: Make) -> None:
    dear = curve_of(planted((0.0, 0.4), seed=2), rows=ROWS[:2], trained=("ja",), held_out=("es", "pt"))
    cheap = curve_of(planted((0.0, 0.4), seed=3), rows=[ROWS[0], ROWS[2]], trained=("es",), held_out=("ja", "pt"))
    by_rows, by_price = (
        only_recommendation(dear, cheap, targets=("pt",), budget=300, prices=prices) for prices in ({}, {"ja": 3.0})
    )
    assert by_rows.not_worse == by_price.not_worse == 2
    assert by_rows.cheapest is not None and by_rows.cheapest.train_languages == ["en", "ja"]
    assert by_price.cheapest is not None and by_price.cheapest.train_languages == ["en", "es"]


def test_rows_of_languages_that_are_not_told_apart_cost_what_they_may_at_most(curve_of: Make) -> None:
    data = curve_of(planted((0.0, 0.4)), rows=[(100.0, 0.0), (100.0, 30.0)])  # 30 rows, and n = 10 in es and ja
    found = only_recommendation(data, budget=200, prices={"ja": 2.0})
    assert found.best is not None and found.best.cost == 100 + 2 * 30


def test_unknown_english_rows_leave_rows_in_other_languages_to_count(curve_of: Make) -> None:
    found = only_recommendation(curve_of(planted(), rows=[(None, other) for _, other in ROWS]), budget=40)
    assert found.budget_counts == "rows in other languages" and found.considered == 2


def test_a_trained_language_without_scores_is_no_target(curve_of: Make) -> None:
    data = curve_of(planted(), rows=ROWS)
    data.sample.present[:, 2] = False
    found = only_recommendation(replace(data, roles=replace(data.roles, unscored=("ja",))))
    assert found.targets == ["es", "pt"] and found.resolvable


def test_unknown_rows_fit_no_budget(curve_of: Make) -> None:
    """They once counted as none, and passed for the cheapest."""
    curve = curve_of(planted(), rows=[(None, None)] * 4)
    found = only_recommendation(curve, budget=40)
    assert found.best is None and found.statement == "no mixture within the budget: rows are not known"
    free = only_recommendation(curve)
    assert free.considered == 3 and free.best is not None and (free.best.rows, free.best.other_rows) == (None, None)
    some = only_recommendation(
        curve_of(planted(), rows=[(100.0, other) for other in (0.0, None, 40.0, None)]), budget=200
    )
    assert some.considered == 1 and some.best is not None and some.best.rows == 140
    assert some.budget_counts == "all rows"


def test_at_a_fixed_budget_the_mixture_with_more_english_is_the_cheaper(curve_of: Make) -> None:
    rows = [(100.0 - 20 * k, 20.0 * k) for k in range(4)]
    found = only_recommendation(curve_of(planted(), rows=rows), budget=100)
    assert found.considered == 3 and found.cheapest is not None
    assert (found.cheapest.rows, found.cheapest.other_rows) == (100, 40)


def test_targets_choose_the_curve(curve_of: Make) -> None:
    latin, other = planted(seed=2), planted(seed=3)
    latin[:, :, 1:, 2] -= 0.5  # the columns of a curve: en, trained, held out
    first = curve_of(latin, rows=ROWS, trained=("es",), held_out=("ja", "pt"))
    second = curve_of(other, rows=ROWS, trained=("ja",), held_out=("es", "pt"))
    found = only_recommendation(first, second, targets=("ja",))
    assert found.best is not None and found.best.train_languages == ["en", "ja"] and found.considered == 6


def test_english_may_be_a_target(curve_of: Make) -> None:
    """It used to be dropped without a word."""
    found = only_recommendation(curve_of(planted(), rows=ROWS), targets=("en",))
    assert found.targets == ["en"] and found.resolvable is False
    assert found.statement.startswith("not resolvable")


def test_curves_without_a_target_do_not_compete(curve_of: Make) -> None:
    full = curve_of(planted(), rows=ROWS)
    part = curve_of(planted(seed=5), rows=ROWS, trained=("es",), held_out=("fr", "ko"))
    found = only_recommendation(full, part, targets=("pt",))
    assert found.considered == 3 and found.best is not None and found.best.curve == full.id
    neither = only_recommendation(full, part, targets=("pt", "ko"))
    assert neither.statement == "nothing to recommend: no curve evaluates all of pt, ko"


def test_an_unknown_target_is_refused_with_what_there_is(curve_of: Make) -> None:
    with pytest.raises(UserError, match=r"targets: got 'sw', expected evaluated languages: en, es, ja, pt"):
        recommended([curve_of(planted())], NONE, RecommendationRequest(targets=("sw",)))


def test_a_target_may_be_named_by_any_of_its_codes(curve_of: Make) -> None:
    code = curve_of(planted()).roles.held_out[0]
    three = Language.get(code).to_alpha3()
    assert three != code
    found = [recommended([curve_of(planted())], NONE, RecommendationRequest(targets=(name,))) for name in (code, three)]
    assert found[0] == found[1]


def test_lower_is_better_turns_the_improvement(curve_of: Make) -> None:
    found = only_recommendation(curve_of(1 - planted(), rows=ROWS, higher_is_better=False))
    higher = only_recommendation(curve_of(planted(), rows=ROWS))
    assert found.improvement.value == higher.improvement.value and found.resolvable
    assert found.improvement.low == pytest.approx(higher.improvement.low, rel=0.01)


def test_english_is_given_as_the_change_of_its_score(curve_of: Make) -> None:
    """Where lower is better a rise of English bits per byte once had a minus."""
    scores = planted()
    scores[:, :, 1:, 0] += 0.2  # English scores rise
    for higher in (True, False):
        sign = 1 if higher else -1
        scores[..., 1:] *= sign
        english = only_recommendation(curve_of(scores, rows=ROWS, higher_is_better=higher)).english
        assert english.value == pytest.approx(0.2, abs=0.03)
        assert english.low is not None and english.high is not None and 0 < english.low < english.value < english.high


def test_harm_is_said_to_be_harm(curve_of: Make) -> None:
    found = only_recommendation(curve_of(-planted((0.0, 0.3, 0.4, 0.5)), rows=ROWS))
    assert found.resolvable and found.improvement.high is not None and found.improvement.high < 0
    assert found.statement.startswith("English-only training: even the best mixture")


def test_of_equal_mixtures_the_cheaper_is_best(curve_of: Make) -> None:
    scores = planted((0.0, 0.3, 0.3, 0.3))
    scores[:, :, 2:] = scores[:, :, 1:2]
    found = only_recommendation(curve_of(scores, rows=ROWS))
    assert found.best is not None and found.best.samples_per_language == 10
    assert found.best == found.cheapest and found.not_worse == 3


def test_means_without_repeats_make_no_claim(curve_of: Make) -> None:
    found = only_recommendation(curve_of(planted(items=1), means=True, rows=ROWS))
    assert found.resolvable is None and found.improvement.low is None
    assert found.improvement.method == "none: only means, no repeated runs"
    assert "this may be chance" in found.statement


def test_mixtures_without_scores_of_a_target_are_not_considered(curve_of: Make) -> None:
    data = curve_of(planted(), rows=ROWS)
    data.sample.present[3, 3] = False
    assert only_recommendation(data).considered == 2


def test_order_of_the_curves_changes_nothing_of_the_numbers(curve_of: Make) -> None:
    first = curve_of(planted(seed=2), rows=ROWS)
    second = curve_of(planted(seed=3), rows=ROWS, trained=("ja",), held_out=("es", "pt"))
    a, b = only_recommendation(first, second), only_recommendation(second, first)
    assert (a.best, a.cheapest, a.not_worse) == (b.best, b.cheapest, b.not_worse)
    assert a.improvement.low == pytest.approx(b.improvement.low, abs=0.01)


def test_order_of_curves_with_noise_of_their_own_changes_nothing(curve_of: Make) -> None:
    """Five seeds each and unequal noise: the first curve's was once taken for both."""
    generator = np.random.default_rng(17)
    level = np.array([0.0, 0.2, 0.4, 0.4])[:, None]
    first, second = (
        curve_of(level + generator.normal(0.5, sd, (5, 1, 4, 4)), means=True, rows=ROWS, trained=trained, held_out=rest)
        for sd, trained, rest in ((0.01, ("es",), ("ja", "pt")), (0.2, ("es", "ja"), ("pt",)))
    )
    found = [
        only_recommendation(*curves, run_noise=find_run_noise(curves)) for curves in ((first, second), (second, first))
    ]
    assert found[0].not_worse == found[1].not_worse and found[0].best == found[1].best
    ends = [(each.improvement.low, each.improvement.high) for each in found]
    assert ends[0] == pytest.approx(ends[1], abs=0.01)


def test_what_the_papers_tables_can_tell(paper_curves: list[CurveData]) -> None:
    """Runs at neighbouring n tell the noise; mixtures improve on English-only training in half of the combinations."""
    found = recommended(paper_curves, find_run_noise(paper_curves), RecommendationRequest())
    assert len(found) == 15 and {one.budget_counts for one in found} == {"rows in other languages"}
    resolved = {(one.model, one.setting, one.task) for one in found if one.resolvable}
    assert {("llama-3.1-8b", "single_task", task) for task in ("math", "summarization")} <= resolved
    assert ("aya-23-35b", "single_task", "math") not in resolved  # outliers of its Spanish make the noise of maths


@pytest.mark.simulation
@pytest.mark.timeout(900)
@pytest.mark.parametrize("items", [1, 60])
def test_without_any_effect_few_recommendations_find_one(curve_of: Make, items: int) -> None:
    """300 studies with two curves of seven mixtures each and two seeds; runs differ. Means: the runs' noise alone."""
    generator = np.random.default_rng(30)
    studies, false = 300, 0
    for _ in range(studies):
        luck = generator.normal(0.5, 0.3, (1, items, 1, 4))
        curves = [
            curve_of(
                luck + generator.normal(0, 0.03, (2, 1, 8, 1)) + generator.normal(0, 0.02, (2, items, 8, 4)),
                means=items == 1,
                study="s",
                rows=[(100.0, 10.0 * k) for k in range(8)],
                trained=trained,
                held_out=held_out,
            )
            for trained, held_out in ((("es",), ("ja", "pt")), (("es", "ja"), ("pt",)))  # the same order of the columns
        ]
        curves[1].sample.scores[:, :, 0] = curves[0].sample.scores[:, :, 0]  # one English-only cell
        false += bool(only_recommendation(*curves, run_noise=find_run_noise(curves)).resolvable)
    print(f"{items} items: an effect in {false / studies:.1%} of studies without one")
    assert false / studies <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / studies), false / studies


@pytest.mark.simulation
@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", [0.0, 0.5, 3.0])
def test_the_truly_best_is_among_those_that_may_be(step: float) -> None:
    """1,000 draws of five estimates that share a control, `step` standard errors apart, with 8 degrees of freedom."""
    generator = np.random.default_rng(31)
    truth = step * np.arange(5.0)
    kept = 0
    for _ in range(1000):
        runs = generator.normal(size=6)
        sd = np.sqrt(generator.chisquare(8) / 8)
        kept += maybe_best(truth + runs[1:] - runs[0], sd**2 * (np.eye(5) + 1), 8)[4]
    print(f"{step} apart: the best is kept in {kept / 10:.1f}%")
    assert kept / 1000 >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / 1000), kept
