"""What a finding claims to detect belongs to its own interval."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from clt.statistics.compute import compute_statistics
from clt.statistics.inference.intervals import detectable
from clt.statistics.scores.from_csv import read_scores
from tests.statistics.conftest import PAPER


@pytest.mark.parametrize(("df", "tests"), [(6, 1), (14, 9)])
def test_detectable_difference_has_the_power_of_statsmodels(df: int, tests: int) -> None:
    effect = TTestPower().solve_power(nobs=df + 1, alpha=0.05 / tests, power=0.8) * np.sqrt(df + 1)
    assert detectable(0.02, df, tests) == pytest.approx(0.02 * effect, rel=1e-3)


def test_detectable_difference_of_a_normal_is_that_of_the_textbook() -> None:
    assert detectable(1.0, np.inf) == pytest.approx(2.8016, abs=1e-4)


def test_no_finding_of_the_paper_claims_to_detect_less_than_half_its_interval() -> None:
    findings = [one for one in compute_statistics(read_scores(PAPER)).findings if one.change.low is not None]
    assert findings
    for one in findings:
        assert one.change.low is not None and one.change.high is not None and one.detectable is not None
        assert one.detectable > (one.change.high - one.change.low) / 2
