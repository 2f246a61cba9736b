"""Response curves: forms, their fit and their predictions, against closed forms and other code."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from clt.statistics.inference.link import Link
from clt.statistics.inference.response_fit import LEVEL_SD, RISE_SD, ResponsePoints, fit_response
from clt.statistics.inference.response_forms import FORMS, SETTLED, shapes_for
from clt.statistics.inference.response_prediction import draw_responses

N = np.array([0.0, 100, 200, 400, 1000, 5000])


def points(value: np.ndarray, sd: float = 0.1, df: float = 6.0, **changed: float) -> ResponsePoints:
    return ResponsePoints(N, value, np.full(len(N), sd**2), sd**2, df, "made", Link(0, 1), changed.get("sign", 1.0))


def rising(seed: int = 0, sd: float = 0.1) -> ResponsePoints:
    noise = np.random.default_rng(seed).normal(0, sd, len(N))
    return points(-1 + 0.2 * np.log1p(N / 50) + noise, sd)


def test_every_form_goes_from_0_to_1_and_never_back() -> None:
    shapes = shapes_for(N)
    bends = shapes.bends(np.array([*N, 20_000.0]))
    assert set(shapes.form) == set(FORMS)
    assert (bends[:, shapes.form == "flat"] == 0).all()
    others = bends[:, shapes.form != "flat"]
    assert others[0] == pytest.approx(0) and others[len(N) - 1] == pytest.approx(1)
    assert (np.diff(others, axis=0) >= 0).all()


@pytest.mark.parametrize("first", [0.0, 100.0])
def test_95_percent_of_the_way_to_the_asymptote_are_made_where_it_says(first: float) -> None:
    shapes = shapes_for(N)
    settled, saturating = shapes.settled_at(first), shapes.form == "saturating"
    assert np.isinf(settled[~saturating]).all()
    for k in np.flatnonzero(saturating):
        start, there, end = shapes.bends(np.array([first, settled[k], 1e12]))[:, k]
        if end - start > 1e-6:  # where nothing is left of the way from the first n, any n has made it
            assert (there - start) / (end - start) == pytest.approx(SETTLED, abs=1e-4)


def test_the_density_of_all_points_is_that_of_the_multivariate_t() -> None:
    """The weights within a form, from innovations, against scipy's density of all points at once."""
    fit = fit_response(rising())
    design = np.stack((np.ones((len(fit.shapes), len(N))), fit.shapes.bends(N).T), axis=-1)
    centred = fit.points.value - fit.points.value.mean()
    saturating = np.flatnonzero(fit.shapes.form == "saturating")
    density = [
        stats.multivariate_t(
            shape=np.diag(fit.points.variance) + design[k] @ np.diag([LEVEL_SD**2, RISE_SD**2]) @ design[k].T, df=6
        ).logpdf(centred)
        for k in saturating
    ]
    expected = np.exp(density - np.max(density))
    found = fit.weights[saturating]
    assert found / found.sum() == pytest.approx(expected / expected.sum(), rel=1e-6)
    assert fit.weights.sum() == pytest.approx(1)


def test_a_fit_is_generalised_least_squares_where_the_prior_says_nothing() -> None:
    values = rising()
    uneven = replace(values, variance=values.variance * np.array([1, 2, 1, 3, 1, 0.5]) / 100)
    fit = fit_response(uneven)
    k = int(np.flatnonzero(fit.shapes.form == "power")[0])
    design = np.column_stack((np.ones(len(N)), fit.shapes.bends(N)[:, k]))
    weight = np.diag(1 / uneven.variance)
    expected = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ uneven.value)
    assert fit.mean[k] == pytest.approx(expected, abs=2e-3)
    assert fit.root[k] @ fit.root[k].T == pytest.approx(np.linalg.inv(design.T @ weight @ design), rel=0.05)


def test_points_without_a_rise_are_flat_and_steep_ones_are_not() -> None:
    flat = fit_response(points(np.array([0.02, -0.05, 0.03, 0.01, -0.04, 0.02]))).form_weights()
    steep = fit_response(points(-1 + 0.4 * np.log1p(N / 50), sd=0.05)).form_weights()
    assert flat["flat"] > 0.6 and steep["flat"] < 0.01 and steep["power"] > 0.2


def test_a_largest_n_that_jumps_off_its_curve_is_noticed() -> None:
    smooth = points(-1 + 0.2 * np.log1p(N / 50))
    jumped = replace(smooth, value=smooth.value + np.array([0, 0, 0, 0, 0, 3]))
    assert not fit_response(smooth).misses_largest and fit_response(jumped).misses_largest


def test_draws_are_of_the_posterior_and_a_new_run_adds_its_noise() -> None:
    draws = draw_responses(fit_response(rising()))
    fit, logit = draws.fit, draws.fit.points.link.of
    mean = fit.weights @ (fit.mean[:, 0] + fit.mean[:, 1] * fit.shapes.bends(np.array([10_000.0]))[0])
    assert logit(draws.expected(10_000)).mean() == pytest.approx(mean, abs=0.02)
    added = logit(draws.new_run(10_000)) - logit(draws.expected(10_000))
    variance = fit.points.new_run * (fit.weights @ fit.squares) / (fit.points.df + len(N) - 2)
    assert added.var() == pytest.approx(variance, rel=0.1)


def test_an_improvement_of_a_loss_is_a_fall() -> None:
    falling = points(1 - 0.2 * np.log1p(N / 50), sign=-1.0)
    assert np.median(draw_responses(fit_response(falling)).improvement(0, 5000)) > 0


def test_an_unknown_scale_may_be_in_any_unit() -> None:
    """Percent of an unknown metric: the prior of a rise was one of log-odds."""
    shares = replace(rising(), link=Link(-np.inf, np.inf))
    percent = replace(shares, value=100 * shares.value, variance=1e4 * shares.variance, new_run=1e4 * shares.new_run)
    found, scaled = (draw_responses(fit_response(each)).new_run(10_000) for each in (shares, percent))
    assert scaled == pytest.approx(100 * found)


def test_nothing_is_said_beyond_four_times_the_largest_n() -> None:
    draws = draw_responses(fit_response(rising()))
    assert np.isfinite(draws.new_run(20_000)).all()
    with pytest.raises(ValueError, match="beyond 4 times the largest n"):
        draws.new_run(20_001)


def test_equal_points_give_equal_draws() -> None:
    first, second = (draw_responses(fit_response(rising())).new_run(10_000) for _ in range(2))
    assert first.tobytes() == second.tobytes()
