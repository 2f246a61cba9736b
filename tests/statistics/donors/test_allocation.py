"""The division of a budget: within budget, margin and what was tried, and never below the best mixture tried."""

from dataclasses import replace

import numpy as np
import pytest

from clt.statistics.donors.allocation import LIKELY, Predictor, Terms, best_allocation, outlook, regrets
from clt.statistics.donors.design import design_of
from clt.statistics.donors.noise import response_of
from clt.statistics.donors.posterior import fit
from clt.statistics.inference.run_noise import RunNoise
from tests.statistics.donors.simulated_donors import COUNTS, DONORS, LANGUAGES, PAIRS, SINGLES, Truth, study

ZERO = np.zeros(len(DONORS))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    """Only es helps pt, only ja helps ko; zh costs English."""
    effects = np.zeros((len(DONORS), len(LANGUAGES)))
    effects[0, LANGUAGES.index("pt")] = effects[2, LANGUAGES.index("ko")] = 1.0
    effects[3, 0], effects[3, LANGUAGES.index("ar")] = -0.8, 1.0
    curves = study(np.random.default_rng(1), Truth(effects), (*SINGLES, *PAIRS, DONORS), items=400, runs=2)
    design = design_of(curves)
    assert design is not None and design.units == SINGLES
    response = response_of(design, RunNoise({}))
    made = Predictor.of(fit(design, response), response)
    assert design.languages == LANGUAGES
    return made


def terms(
    budget: float = 3000.0, *, margin: float | None = None, prices: np.ndarray | None = None, **weights: float
) -> Terms:
    each = np.array([weights.get(code, 0.0) for code in LANGUAGES])
    price = np.ones(len(DONORS)) if prices is None else prices
    return Terms(
        weights=each / each.sum(),
        most=budget,
        cost=lambda rows: float(rows @ price),
        least=ZERO,
        largest=np.full(len(DONORS), float(COUNTS[-1])),
        english=0,
        margin=margin,
        sign=1.0,
        base=ZERO,
    )


def test_the_budget_goes_to_the_donor_of_the_target(predictor: Predictor) -> None:
    best = best_allocation(predictor, terms(pt=1.0), [])
    assert best.rows[0] > 0.6 * best.rows.sum() and best.rows.sum() <= 3000


def test_no_more_rows_than_were_tried(predictor: Predictor) -> None:
    best = best_allocation(predictor, terms(1e6, pt=1.0), [])
    assert (best.rows <= COUNTS[-1]).all()


def test_weights_move_the_budget_between_donors(predictor: Predictor) -> None:
    to_pt, to_ko = (best_allocation(predictor, terms(pt=1.0, ko=weight), []) for weight in (0.1, 10.0))
    assert to_pt.rows[0] > to_ko.rows[0] and to_pt.rows[2] < to_ko.rows[2]


def test_a_price_moves_the_budget_to_the_cheaper_donor(predictor: Predictor) -> None:
    dear = best_allocation(predictor, terms(prices=np.array([20.0, 1.0, 1.0, 1.0]), pt=1.0, ko=1.0), [])
    even = best_allocation(predictor, terms(pt=1.0, ko=1.0), [])
    assert dear.rows[0] < even.rows[0]
    assert dear.rows @ [20, 1, 1, 1] <= 3000


def test_a_donor_that_costs_english_too_much_is_left_out(predictor: Predictor) -> None:
    free = best_allocation(predictor, terms(ar=1.0), [])
    kept = best_allocation(predictor, terms(ar=1.0, margin=0.02), [])
    assert free.rows[3] > 1000 > kept.rows[3]
    assert kept.risk <= LIKELY and outlook(predictor, terms(ar=1.0, margin=0.02), free.rows).risk > LIKELY


def test_no_mixture_tried_is_expected_to_be_better(predictor: Predictor) -> None:
    asked = terms(pt=1.0, ko=1.0, ar=1.0)
    tried = [outlook(predictor, asked, rows) for rows in 3000 * np.random.default_rng(3).dirichlet(np.ones(4), 20)]
    best = best_allocation(predictor, asked, tried)
    assert all(best.value.mean() >= each.value.mean() for each in tried)


def test_where_less_is_better_a_fall_of_the_score_is_english_gain(predictor: Predictor) -> None:
    asked = replace(terms(ar=1.0, margin=0.02), sign=-1.0)
    assert outlook(predictor, asked, np.array([0.0, 0.0, 0.0, 3000.0])).risk < LIKELY


def test_regrets_are_none_for_the_best_in_every_draw(predictor: Predictor) -> None:
    asked = terms(pt=1.0)
    probability, behind = regrets([outlook(predictor, asked, rows) for rows in (ZERO, np.array([3000.0, 0, 0, 0]))])
    assert probability.sum() == pytest.approx(1) and probability[1] > 0.99
    assert behind.min() == 0 and behind[:, 0].mean() > behind[:, 1].mean()


def test_equal_fits_give_equal_draws(predictor: Predictor) -> None:
    rows = np.array([100.0, 0, 0, 0])
    assert predictor.scores(rows).tobytes() == predictor.scores(rows.copy()).tobytes()
