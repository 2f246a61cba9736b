"""How much runs, items and languages differ by chance: variance components of scores per item, over curves."""

from collections.abc import Sequence

import numpy as np

from clt.statistics.analyses.variance.schema import RandomEffect
from clt.statistics.inference.variance_components import NAMES, variance_components
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import number

Array = np.ndarray
METHOD = "method of moments on items that all languages have, averaged over curves; below 0 set to 0"


def pooled_components(curves: Sequence[CurveData], *, relative: bool) -> list[RandomEffect]:
    """Standard deviations in the unit of the score, or of R: scores / English mean of their point.

    Languages other than English. A curve counts with the items that all its languages have, if there are two or more;
    each has the same weight. Without repeated runs there is no run component, and item:run also holds what an item
    gains or loses from n to n. Empty where no curve has scores per item.
    """
    arrays = [array for data in curves if (array := _array(data, relative=relative)) is not None]
    if not arrays:
        return []
    each = [variance_components(array) for array in arrays]
    pooled = {}
    for name in NAMES:
        known = [by_name[name] for by_name in each if name in by_name]
        if known:
            pooled[name] = max(float(np.mean(known)), 0.0)
    total = sum(pooled.values())
    levels = _levels(curves, arrays)
    return [
        RandomEffect(
            name=name,
            levels=levels[name],
            sd=number(np.sqrt(variance)) or 0.0,
            share=number(variance / total) or 0.0 if total > 0 else 0.0,
        )
        for name, variance in pooled.items()
    ]


def _array(data: CurveData, *, relative: bool) -> Array | None:
    start = int(data.has_base)
    present = data.sample.present[start:].all()
    shared = data.sample.mask.all(axis=1)
    if not data.has_items or not present or shared.sum() < 2 or len(data.roles.languages) < 2:
        return None
    scores = data.sample.scores[:, shared, start:]
    english = scores[..., :1].mean(axis=(0, 1), keepdims=True)
    if relative and not (np.abs(english) > 1e-12).all():
        return None
    return scores[..., 1:] / english if relative else scores[..., 1:]


def _levels(curves: Sequence[CurveData], arrays: Sequence[Array]) -> dict[str, int]:
    """How many different runs, items, items in a language and scores the components rest on."""
    items = {
        (data.identity["task"], item, code)
        for data in curves
        if data.has_items
        for item, whole in zip(data.sample.items, np.asarray(data.sample.mask.all(axis=1)), strict=True)
        if whole
        for code in data.roles.languages[1:]
    }
    return {
        "run": sum(array.shape[0] * array.shape[2] for array in arrays),
        "item": len({(task, item) for task, item, _ in items}),
        "item:run": sum(array.shape[0] * array.shape[1] * array.shape[2] for array in arrays),
        "item:language": len(items),
        "residual": sum(array.size for array in arrays),
    }
