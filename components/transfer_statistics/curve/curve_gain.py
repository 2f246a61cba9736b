"""The cross-fitted gains of one curve: of R (in points), S and U."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from components.transfer_statistics.curve.cross_fitting import cross_fitted_gains
from components.transfer_statistics.curve.estimates import GAINED, Measured
from components.transfer_statistics.curve.measures import group_means, relative
from components.transfer_statistics.curve.resampling import Weights
from components.transfer_statistics.curve.uncertainty import Ends, bootstrap_ends
from components.transfer_statistics.scores.curve_data import CurveData
from components.transfer_statistics.scores.sample import Sample

Array = np.ndarray


def add_cross_fitted(result: Measured, data: CurveData, weights: Weights, defined: Array) -> None:
    """Cross-fitted gains of R (in points), S and U, with percentile ends, added in place."""
    value, resamples = np.full(len(GAINED), np.nan), None
    if data.zero is not None and len(data.counts) > 1:
        start = int(data.has_base)
        curve = _reduced(data)
        usable = defined[start:]

        def gained(means: Array) -> Array:
            found = curve.groups(means)
            with np.errstate(invalid="ignore"):
                share = np.where(usable, 100 * relative(found["non_english"], found["english"]), np.nan)
            return np.stack((share, found["seen"], found["unseen"]), axis=-1)

        value, resamples = cross_fitted_gains(
            curve.sample, weights, gained, zero=data.zero - start, higher_is_better=data.higher_is_better
        )
    nothing = np.full(len(GAINED), np.nan)
    method = np.full(len(GAINED), "percentile", dtype=object)
    ends = Ends(low=nothing, high=nothing, error=nothing, method=method)
    if resamples is not None and np.isfinite(value).any():
        ends = bootstrap_ends(value, resamples, None)
    names = [f"cross_fitted:{name}" for name in GAINED]
    for target, array in (
        (result.value, value),
        (result.low, ends.low),
        (result.high, ends.high),
        (result.error, ends.error),
        (result.method, ends.method),
    ):
        target.update(zip(names, np.split(array, len(GAINED)), strict=True))


@dataclass(frozen=True, slots=True)
class _Reduced:
    """The curve's points with only the columns that cross-fitting needs."""

    sample: Sample
    groups: Callable[[Array], Mapping[str, Array]]


def _reduced(data: CurveData) -> _Reduced:
    """Group means instead of languages where all languages share their items: half as many columns to resample."""
    start, sample = int(data.has_base), data.sample
    if not (data.shares_items and sample.present[start:].all()):
        part = Sample(
            items=sample.items, scores=sample.scores[:, :, start:], mask=sample.mask, present=sample.present[start:]
        )
        return _Reduced(part, lambda means: group_means(means, data.roles))
    names = ("english", "seen", "unseen", "non_english")
    found = group_means(sample.scores[:, :, start:], data.roles)
    columns = np.stack([found[name] for name in names], axis=-1)  # NaN throughout for a group without languages
    part = Sample(
        items=sample.items,
        scores=np.ascontiguousarray(columns),
        mask=np.ones((len(sample.items), len(names)), dtype=bool),
        present=np.ones(columns.shape[2:], dtype=bool),
    )
    return _Reduced(part, lambda means: {name: means[..., k] for k, name in enumerate(names)})
