"""The closed form against the integrals that it stands for, and against what makes it an e-process."""

import numpy as np
import pytest
from scipy import integrate, stats

from clt.baselines.detection.clipped_runs import ClippedRuns
from clt.baselines.detection.shift_evidence import SHIFT_SD, shift_evidence

Array = np.ndarray
TINY = 1e-6  # a floor that does not matter


def evidence(values: Array, after: int, floor: float = TINY) -> Array:
    """Of a shift before the last `after` runs of (runs, comparisons), nothing drawn in."""
    before, later = values[:-after], values[-after:]
    within = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in (before, later))
    between = ((values - values.mean(axis=0)) ** 2).sum(axis=0) - within
    places, floors = np.array([[after]]), np.full(values.shape[1], floor)
    return shift_evidence(between[None], within[None], len(values), places, floors)[0]


def test_the_closed_form_is_the_ratio_of_integrated_likelihoods() -> None:
    values, after = np.array([0.3, -0.8, 0.5, 0.1, 2.1, 1.4]), 2
    step = np.r_[np.zeros(len(values) - after), np.ones(after)]

    def density(log_sd: float, shift: float) -> float:
        """Of the values, with a flat level integrated out, for a shift in sd."""
        sd = np.exp(log_sd)
        rest = values - shift * sd * step
        return sd ** (1 - len(values)) * np.exp(-((rest - rest.mean()) ** 2).sum() / (2 * sd**2))

    def with_shift(shift: float, log_sd: float) -> float:
        return density(log_sd, shift) * stats.norm.pdf(shift, scale=SHIFT_SD)

    shifted = integrate.dblquad(with_shift, -4, 4, -20, 20)[0]
    alike = integrate.quad(density, -4, 4, args=(0.0,))[0]
    assert evidence(values[:, None], after)[0] == pytest.approx(shifted / alike, rel=1e-4)


@pytest.mark.parametrize(("runs", "after"), [(7, 2), (12, 4), (30, 3)])
def test_its_mean_is_1_where_nothing_changes(runs: int, after: int) -> None:
    """Under the shift its reciprocal has a mean of 1: the same, where large values are not the rare ones."""
    random = np.random.default_rng(0)
    values = random.standard_normal((runs, 200_000))
    values[-after:] += SHIFT_SD * random.standard_normal(200_000)
    assert np.mean(1 / evidence(values, after)) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("sd", [0.001, 0.5, 1.0])
def test_runs_that_differ_by_less_than_the_floor_are_no_evidence_on_average(sd: float) -> None:
    values = sd * np.random.default_rng(0).standard_normal((12, 200_000))
    assert evidence(values, 3, floor=1.0).mean() <= 1.02


def test_a_larger_floor_is_less_evidence() -> None:
    values = np.random.default_rng(0).standard_normal((20, 1))
    values[15:] += 4
    found = [evidence(values, 5, floor)[0] for floor in (0.1, 1.0, 2.0)]
    assert found[0] >= found[1] > found[2]


def test_sums_over_runs_are_those_of_the_definition() -> None:
    """Also after many runs, when limits are no longer found anew with each."""
    values = np.random.default_rng(0).standard_normal((200, 3)) + 1e3
    clipped = ClippedRuns(values, np.full(3, 10.0))  # worth 40: nothing is drawn in
    for runs in range(5, 201):
        clipped.take(runs)
    between, within = clipped.split(np.array([[7]]))
    parts = values[:193], values[193:]
    expected = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in parts)
    np.testing.assert_allclose(within[0], expected)
    np.testing.assert_allclose(between[0], ((values - values.mean(axis=0)) ** 2).sum(axis=0) - expected)
    np.testing.assert_allclose(clipped.mean, values.mean(axis=0))
    np.testing.assert_allclose(clipped.sd, values.std(axis=0, ddof=1))
