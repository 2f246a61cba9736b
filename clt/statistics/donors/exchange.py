"""What rows of one language are worth in rows of another, to a third: exchange rates with Fieller's intervals.

So many rows of a donor are worth x rows of a reference where both move the language alike. Whether they differ is
told for every x by the effects' joint distribution, and the interval holds each x at which they are not told apart
(Fieller 1954, JRSS B 16): it is right where a ratio of estimates is not normal, and may be open.
"""

import numpy as np

from clt.statistics.donors.design import Unit
from clt.statistics.donors.posterior import Component, Posterior
from clt.statistics.inference.intervals import Z
from clt.statistics.values import Estimate, number, undefined

MORE = "more than were tried"  # rows: beyond those nothing is said
STEPS = 400
Array = np.ndarray


def exchange_rate(
    posterior: Posterior, donor: Unit, reference: Unit, language: str, rows: float, sign: float
) -> Estimate:
    """Rows (in each language) of the reference that `rows` rows (in each) of the donor are worth to a language.

    Args:
        posterior: Of all effects.
        donor: Whose rows are given.
        reference: In whose rows the answer is.
        language: That both move.
        rows: Of the donor, in each of its languages.
        sign: 1 where a higher score is better, else -1.

    Returns:
        The rate with its 95% interval; without an upper end where that lies beyond the rows tried of the reference.
        Undefined where the rate itself does, and where the reference's own effect is not told from 0 or makes scores
        worse.

    Source: Fieller (1954), Journal of the Royal Statistical Society B 16.
    """
    design = posterior.design
    most = float(design.rows[:, design.units.index(reference)].max())
    tried = np.concatenate([[0.0], np.geomspace(rows / 1000, most, STEPS)])
    difference, error = _difference(posterior, donor, reference, language, rows, tried)
    gain, gain_error = _difference(posterior, donor, reference, language, 0.0, np.array([most]))
    if not -sign * gain[0] > Z * gain_error[0]:
        return undefined(f"the effect of {'+'.join(reference)} on {language} is not told from none")
    difference = sign * difference  # falls with x
    if difference[-1] > 0:
        return undefined(MORE)
    value = float(_crossings(tried, -difference)[0]) if difference[0] > 0 else 0.0
    alike = Z * error - np.abs(difference)
    ends = _crossings(tried, alike)
    low = 0.0 if alike[0] >= 0 or not len(ends) else float(ends[0])
    if alike[-1] >= 0:
        high, method = np.nan, f"fieller, open: {MORE}"
    else:
        high, method = float(ends[-1]) if len(ends) else value, "fieller"
    return Estimate(value=number(value), low=number(low), high=number(high), method=method)


def _crossings(tried: Array, values: Array) -> Array:
    """Where values (X,) change their sign between neighbours, by straight lines."""
    at = np.flatnonzero((values[:-1] < 0) != (values[1:] < 0))
    step = values[at] / (values[at] - values[at + 1])
    return np.asarray(tried[at] + step * (tried[at + 1] - tried[at]))


def _difference(
    posterior: Posterior, donor: Unit, reference: Unit, language: str, rows: float, tried: Array
) -> tuple[Array, Array]:
    """Effect of `rows` rows of the donor minus that of x rows of the reference (X,), and its standard error."""
    places = [posterior.place(unit, language) for unit in (donor, reference)]
    parts = [_of_component(c, places, rows, tried) for c in posterior.components]
    mean = sum((weight * each for weight, each, _ in parts), np.zeros(len(tried)))
    variance = sum((weight * (each_variance + (each - mean) ** 2) for weight, each, each_variance in parts), 0 * mean)
    return mean, np.sqrt(variance)


def _of_component(component: Component, places: list[int], rows: float, tried: Array) -> tuple[float, Array, Array]:
    of_donor = component.bend.of(np.full(len(tried), rows))
    weights = np.stack([of_donor, -component.bend.of(tried)])
    covariance = component.covariance[np.ix_(places, places)]
    return component.weight, component.mean[places] @ weights, np.einsum("ix,ij,jx->x", weights, covariance, weights)
