"""A fit held against its own mixtures: what it cannot say is missed, what it can is not."""

from dataclasses import replace

import numpy as np
import pytest

from clt.statistics.analyses.donors.compute import Fit, fits_of
from clt.statistics.donors.check import too_many
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.sample import Sample
from tests.statistics.donors.simulated_donors import DONORS, LANGUAGES, PAIRS, SINGLES, risen, study

TARGETS = dict.fromkeys(LANGUAGES[1:], 1.0)


def fitted(curves: list[CurveData]) -> Fit:
    (one,) = fits_of(curves, find_run_noise(curves))
    return one


@pytest.mark.parametrize("half", [1e-6, 100.0, 700.0, 1e5])
def test_no_mixture_is_missed_however_early_a_curve_rises(half: float) -> None:
    """A step was taken for noise between runs."""
    one = fitted(study(np.random.default_rng(1), risen(1.0, 0.5, half), (DONORS,), runs=3))
    assert one.misses(TARGETS) == [] and one.posterior.noise < 0.3


def test_effects_that_do_not_add_up_are_missed() -> None:
    """Any mixture moves all languages by the same."""
    generator, truth = np.random.default_rng(2), risen(3.0, 3.0, 1e-6)
    curves = study(generator, truth, (DONORS,), runs=3)
    alone = study(generator, replace(truth, effects=4 * truth.effects), SINGLES, runs=3)
    pairs = study(generator, replace(truth, effects=2 * truth.effects), PAIRS, runs=3)
    shared = [replace(each, sample=_with_base(each, curves[0])) for each in (*alone, *pairs)]
    one = fitted([*curves, *shared])
    misses = one.misses(TARGETS)
    assert len(misses) > 3 and not one.holds(misses)


def _with_base(data: CurveData, first: CurveData) -> Sample:
    scores = data.sample.scores.copy()
    order = [first.roles.languages.index(code) for code in data.roles.languages]
    scores[:, :, 0] = first.sample.scores[:, :, 0][..., order]
    return replace(data.sample, scores=scores)


def test_one_miss_may_be_chance() -> None:
    assert not too_many(1, 3) and too_many(2, 3) and not too_many(2, 20) and too_many(3, 20)
