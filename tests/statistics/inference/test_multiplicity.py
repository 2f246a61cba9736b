"""Corrections of p-values against statsmodels."""

from collections.abc import Callable

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from clt.statistics.inference.multiplicity import benjamini_hochberg, holm

CORRECTIONS = [(holm, "holm"), (benjamini_hochberg, "fdr_bh")]


@pytest.mark.parametrize(("correct", "name"), CORRECTIONS)
@pytest.mark.parametrize("tests", [1, 2, 30])
def test_corrections_are_those_of_statsmodels(
    correct: Callable[[np.ndarray], np.ndarray], name: str, tests: int
) -> None:
    generator = np.random.default_rng(tests)
    for p in (generator.random(tests) ** 3, generator.random(tests).round(1)):  # the second with ties, 0 and 1
        np.testing.assert_allclose(correct(p), multipletests(p, method=name)[1], atol=1e-15)


@pytest.mark.parametrize(("correct", "name"), CORRECTIONS)
def test_no_p_gives_none(correct: Callable[[np.ndarray], np.ndarray], name: str) -> None:
    assert len(correct(np.array([]))) == 0
