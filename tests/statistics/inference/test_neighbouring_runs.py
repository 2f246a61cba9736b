"""Neighbouring n tell the noise between runs: its size where curves are straight, more where they bend."""

from collections.abc import Callable

import numpy as np
import pytest

from clt.statistics.inference.neighbouring_runs import find_neighbouring_runs
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData

Make = Callable[..., CurveData]
COUNTS = (0, 100, 200, 400, 800, 1600, 3200, 6400)
SD = 0.03


def means(seed: int, shape: np.ndarray, curves: int = 60) -> list[np.ndarray]:
    """Printed means of curves of one shape (points,), each run with noise of its own."""
    generator = np.random.default_rng(seed)
    return [0.4 + shape[:, None] + SD * generator.normal(size=(len(COUNTS), 4)) for _ in range(curves)]


def spread(curve_of: Make, shape: np.ndarray) -> float:
    made = [
        curve_of(scores[None, None], means=True, counts=COUNTS, model=f"m{k}")
        for k, scores in enumerate(means(7, shape))
    ]
    found = find_run_noise(made).pooled_sd_over(made[0], ("es",))
    assert found is not None and found.df == 2 * len(made)  # two triples of n a curve: 0 and the largest are left out
    return found.sd


@pytest.mark.parametrize("slope", [0.0, 0.05])
def test_a_straight_line_over_log_n_leaves_the_noise_alone(curve_of: Make, slope: float) -> None:
    assert spread(curve_of, slope * np.log1p(np.array(COUNTS) / 100)) == pytest.approx(SD, rel=0.1)


def test_a_bend_makes_the_noise_larger_never_smaller(curve_of: Make) -> None:
    assert spread(curve_of, 0.3 * (np.array(COUNTS) >= 400)) > SD


def test_repeated_runs_that_are_enough_are_asked_alone(curve_of: Make) -> None:
    generator = np.random.default_rng(3)
    repeated = curve_of(0.5 + SD * generator.normal(size=(3, 1, 8, 4)), means=True, counts=COUNTS)
    noise = find_run_noise([repeated])
    assert find_neighbouring_runs([repeated]) == {}
    assert noise.used(repeated) == list(noise.groups[repeated.task])


def test_too_few_n_tell_nothing(curve_of: Make) -> None:
    few = curve_of(np.full((1, 1, 4, 4), 0.5), means=True, counts=(0, 10, 20, 30))
    assert find_neighbouring_runs([few]) == {}
