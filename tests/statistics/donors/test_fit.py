"""Effects of donors on simulated studies: what is planted is found, what is not there is not named."""

from collections.abc import Sequence

import numpy as np
import pytest

from clt.statistics.donors.affinity import prior_covariance
from clt.statistics.donors.design import design_of
from clt.statistics.donors.exchange import exchange_rate
from clt.statistics.donors.naming import simultaneous_factor
from clt.statistics.donors.noise import response_of
from clt.statistics.donors.posterior import Posterior, fit
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData
from tests.statistics.donors.simulated_donors import DONORS, LANGUAGES, PAIRS, SINGLES, Truth, nothing, planted, study


def fitted(curves: Sequence[CurveData]) -> Posterior:
    design = design_of(curves)
    assert design is not None
    return fit(design, response_of(design, find_run_noise(curves)))


@pytest.fixture(scope="module")
def strong() -> tuple[Truth, Posterior]:
    truth = planted(np.random.default_rng(1), size=0.5)
    return truth, fitted(study(np.random.default_rng(2), truth, items=400, runs=3))


def test_planted_effects_are_found(strong: tuple[Truth, Posterior]) -> None:
    truth, posterior = strong
    mean, error = posterior.effects()
    columns = [LANGUAGES.index(code) for code in posterior.design.languages]
    base = truth.linked({})
    effects = np.array([(truth.linked({code: 3200.0}) - base)[columns] for code in DONORS])
    assert np.corrcoef(mean.ravel(), effects.ravel())[0, 1] > 0.9
    assert (np.abs(mean - effects) < 3.5 * error).all()


def test_the_order_of_curves_changes_nothing() -> None:
    curves = study(np.random.default_rng(3), nothing(), items=30)
    assert fitted(curves).effects()[0].tobytes() == fitted(curves[::-1]).effects()[0].tobytes()


def test_shrinking_keeps_no_effect_near_none() -> None:
    posterior = fitted(study(np.random.default_rng(4), nothing(), items=100))
    mean, error = posterior.effects()
    others = [[code not in unit for code in posterior.design.languages] for unit in posterior.design.units]
    assert (np.abs(mean) < simultaneous_factor([posterior]) * error)[np.array(others)].all()


def test_repeated_runs_narrow_the_effects() -> None:
    truth = planted(np.random.default_rng(5))
    once, thrice = (fitted(study(np.random.default_rng(6), truth, items=100, runs=runs)) for runs in (1, 3))
    assert thrice.effects()[1].mean() < once.effects()[1].mean()


def test_noise_beyond_what_is_expected_is_learned_from_the_residuals() -> None:
    quiet = fitted(study(np.random.default_rng(7), nothing(), items=400, common=0.1, each=0.12))
    loud = fitted(study(np.random.default_rng(7), nothing(), items=400, common=0.3, each=0.4))
    assert quiet.noise == pytest.approx(0.156, rel=0.4) and loud.noise == pytest.approx(0.5, rel=0.4)


def test_the_prior_expects_alike_of_languages_that_are_alike() -> None:
    """es on pt and fr on pt share script and family; es on ko shares neither."""
    units, languages = (("es",), ("fr",)), ("pt", "ko")
    prior = prior_covariance(units, languages, sd=0.3, explained=0.8, english="en")
    correlation = prior / np.sqrt(np.outer(np.diag(prior), np.diag(prior)))
    assert correlation[0, 2] > 0.5 > correlation[0, 1]  # es -> pt with fr -> pt, and with es -> ko


def test_rows_of_a_language_are_worth_as_many_of_its_own(strong: tuple[Truth, Posterior]) -> None:
    _, posterior = strong
    rate = exchange_rate(posterior, ("es",), ("es",), "es", 1000.0, 1.0)
    assert rate.value == pytest.approx(1000, rel=0.05)


def test_a_rate_against_rows_that_do_not_help_is_undefined() -> None:
    posterior = fitted(study(np.random.default_rng(8), nothing(), items=60))
    rate = exchange_rate(posterior, ("es",), ("ja",), "ja", 1000.0, 1.0)
    assert rate.value is None and rate.reason == "the effect of ja on ja is not told from none"


def test_more_pairs_need_wider_intervals() -> None:
    few = fitted(study(np.random.default_rng(9), nothing(), SINGLES[:1], items=20))
    assert 1.96 < simultaneous_factor([few]) < simultaneous_factor([few, few]) < 3.5


def test_means_without_items_are_fitted_too() -> None:
    curves = study(np.random.default_rng(10), planted(np.random.default_rng(11), size=0.5), (*SINGLES, *PAIRS), items=1)
    assert np.isfinite(fitted(curves).effects()[0]).all()
