"""Fieller's interval holds exactly the ratios that a t test does not reject."""

import numpy as np
import pytest

from clt.statistics.inference.fieller import fieller_bounds

COVARIANCE = np.array([[0.04, 0.015], [0.015, 0.09]])


def rejected(ratio: float, numerator: float, denominator: float, factor: float) -> bool:
    variance = COVARIANCE[0, 0] - 2 * ratio * COVARIANCE[0, 1] + ratio**2 * COVARIANCE[1, 1]
    return abs(numerator - ratio * denominator) > factor * np.sqrt(variance)


@pytest.mark.parametrize("numerator", [-0.5, 0.0, 0.3, 2.0])
@pytest.mark.parametrize("denominator", [-1.0, 0.8, 3.0])
def test_the_bounds_are_where_the_test_begins_to_reject(numerator: float, denominator: float) -> None:
    low, high = fieller_bounds(np.array(numerator), np.array(denominator), COVARIANCE, 2.0)
    assert low < numerator / denominator < high
    for end, inside in ((low, 1), (high, -1)):
        assert not rejected(end + inside * 1e-6, numerator, denominator, 2.0)
        assert rejected(end - inside * 1e-6, numerator, denominator, 2.0)


def test_a_denominator_within_its_noise_has_no_interval() -> None:
    assert np.isnan(fieller_bounds(np.array(0.4), np.array(0.59), COVARIANCE, 2.0)).all()
