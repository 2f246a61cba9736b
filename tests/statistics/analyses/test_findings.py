"""What a finding claims to detect belongs to its own interval."""

import numpy as np
import pytest

from clt.statistics.compute import compute_statistics
from clt.statistics.inference.intervals import detectable
from clt.statistics.scores.from_csv import read_scores
from tests.statistics.conftest import PAPER


def test_detectable_difference_of_a_normal_is_that_of_the_textbook() -> None:
    assert detectable(1.0, np.inf) == pytest.approx(2.8016, abs=1e-4)


def test_no_finding_of_the_paper_claims_to_detect_less_than_half_its_interval() -> None:
    findings = [one for one in compute_statistics(read_scores(PAPER)).findings if one.change.low is not None]
    assert findings
    for one in findings:
        assert one.verdict is not None and one.verdict.detectable is not None
        assert one.verdict.low is not None and one.verdict.high is not None
        assert one.verdict.detectable > (one.verdict.high - one.verdict.low) / 2
