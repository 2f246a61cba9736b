"""Which donors may be named: intervals that hold for every pair of donor and language of a report at once."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from clt.statistics.donors.design import Unit
from clt.statistics.donors.posterior import Posterior
from clt.statistics.inference.intervals import LEVEL

Array = np.ndarray
Pair = tuple[Unit, str]


def pairs_of(posterior: Posterior) -> list[Pair]:
    """Donors and the other languages that they may help, as far as the design tells the donor from the others."""
    design = posterior.design
    return [(unit, code) for unit in design.donors for code in design.languages if code not in unit]


def simultaneous_factor(posteriors: Sequence[Posterior]) -> float:
    """What every standard error is multiplied by so that the intervals of all pairs hold at once with 95%.

    Under no effect the estimates are shrunk and their errors are not, so that fewer are named than that.

    Source: Sidak (1967), JASA 62: normal estimates, whatever their correlations.
    """
    pairs = max(sum(len(pairs_of(each)) for each in posteriors), 1)
    return float(ndtri(0.5 + LEVEL ** (1 / pairs) / 2))
