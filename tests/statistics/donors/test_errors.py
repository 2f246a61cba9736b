"""The errors' covariance against the matrix written out."""

import numpy as np
import pytest

from clt.statistics.donors.design import design_of
from clt.statistics.donors.errors import Errors
from clt.statistics.donors.noise import Response, response_of
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.inference.run_noise_prior import COMMON_SD, LANGUAGE_SD
from tests.statistics.donors.simulated_donors import SINGLES, nothing, study


def made(items: int) -> Response:
    design = design_of(study(np.random.default_rng(1), nothing(), SINGLES[:2], items=items, runs=2))
    assert design is not None
    return response_of(design, RunNoise({}))


def written_out(response: Response, size: float) -> np.ndarray:
    languages = len(response.value) // len(response.runs)
    one = COMMON_SD**2 + LANGUAGE_SD**2 * np.eye(languages)
    return response.influence.T @ response.influence + size**2 * np.kron(np.diag(1 / response.runs), one)


@pytest.mark.parametrize("items", [1, 20, 200], ids=["none", "fewer than scores", "more than scores"])
@pytest.mark.parametrize("size", [0.3, 2.0])
def test_products_are_those_of_the_covariance_written_out(items: int, size: float) -> None:
    response = made(items)
    columns = np.random.default_rng(2).normal(size=(len(response.value), 3))
    found = Errors.of(response).products(columns).at(size)
    assert found == pytest.approx(columns.T @ np.linalg.solve(written_out(response, size), columns), rel=1e-6)


def test_the_determinant_changes_with_the_size_as_that_of_the_covariance() -> None:
    response = made(20)
    small, large = (np.linalg.slogdet(written_out(response, size))[1] / 2 for size in (0.3, 2.0))
    errors = Errors.of(response)
    assert errors.log_determinant(2.0) - errors.log_determinant(0.3) == pytest.approx(large - small)


def test_an_item_moves_every_mean_by_what_leaving_it_out_does() -> None:
    """The sum of squares of the influence is the variance of the paired mean."""
    curves = study(np.random.default_rng(3), nothing(), SINGLES[:1], items=50)
    design = design_of(curves)
    assert design is not None
    response = response_of(design, RunNoise({}))
    scores = curves[0].sample.scores[0, :, 0, 0]
    slope = scores.mean() * (1 - scores.mean())
    error = scores.std(ddof=1) / np.sqrt(50) / slope
    assert np.sqrt((response.influence[:, 0] ** 2).sum()) == pytest.approx(error)
