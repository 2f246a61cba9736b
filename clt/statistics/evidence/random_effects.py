"""How much runs, items and languages differ by chance: variance components of scores per item.

Model of one curve, for run r of point p (a trained model), item i and language l, all but the mean drawn at random:
    score = mean[p, l] + run[r, p] + item[i] + item:run[i, r, p] + item:language[i, l] + residual
item:run is what all languages share in a run's answers to one item. Left out, it would be taken for a difference
between runs.
The components are estimated by the method of moments (ANOVA estimators: mean squares equated to their expectations),
which is REML on a balanced array where none is negative (Searle, Casella and McCulloch 1992, chapter 4).
"""

from collections.abc import Sequence

import numpy as np

from clt.statistics.curve.estimates import number
from clt.statistics.schema import RandomEffect
from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray
NAMES = ("run", "item", "item:run", "item:language", "residual")
METHOD = "method of moments on items that all languages have, averaged over curves; below 0 set to 0"


def random_effects(curves: Sequence[CurveData], *, relative: bool) -> list[RandomEffect]:
    """Standard deviations in the unit of the score, or of R: scores / English mean of their point.

    Languages other than English. A curve counts with the items that all its languages have, if there are two or more;
    each has the same weight. Without repeated runs there is no run component, and item:run also holds what an item
    gains or loses from n to n. Empty where no curve has scores per item.
    """
    arrays = [array for data in curves if (array := _array(data, relative=relative)) is not None]
    if not arrays:
        return []
    each = [components(array) for array in arrays]
    pooled = {}
    for name in NAMES:
        known = [one[name] for one in each if name in one]
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


def components(scores: Array) -> dict[str, float]:
    """Variance components of one balanced array (runs, items, points, languages); an estimate may be negative.

    Needs two items; `run` is there from two runs on, `item:language` from two languages on, `item:run` from two
    languages and two trained models on. The expectations of the mean squares, for R runs, I items, P points and L
    languages, S being the item:run variance, that of the residual left out in all of them:
        run: IL run + L S; item: RPL item + RP item:language + L S; item:run: L S; item:language: RP item:language
    """
    runs, items, points, languages = scores.shape
    centred = scores - scores.mean(axis=(0, 1))  # the fixed part: a mean for every point and language
    by_run = centred.mean(axis=(1, 3))  # (runs, points)
    by_item = centred.mean(axis=(0, 2, 3))
    by_answer = centred.mean(axis=3) - by_run[:, None] - by_item[:, None]
    by_cell = centred.mean(axis=(0, 2)) - by_item[:, None]
    squares = {
        "run": items * languages * float((by_run**2).sum()),
        "item": runs * points * languages * float((by_item**2).sum()),
        "item:run": languages * float((by_answer**2).sum()),
        "item:language": runs * points * float((by_cell**2).sum()),
    }
    freedom = {
        "run": points * (runs - 1),
        "item": items - 1,
        "item:run": (items - 1) * (runs * points - 1) if languages > 1 else 0,
        "item:language": (items - 1) * (languages - 1),
    }
    left = (centred.size - points * languages) - sum(freedom.values())
    if left < 1:
        return {}
    counted = sum(squares[name] for name in freedom if freedom[name])
    residual = max(float((centred**2).sum()) - counted, 0.0) / left
    mean = {name: squares[name] / freedom[name] if freedom[name] else residual for name in freedom}
    found = {
        "run": (mean["run"] - mean["item:run"]) / (items * languages),
        "item": (mean["item"] - mean["item:language"] - mean["item:run"] + residual) / (runs * points * languages),
        "item:run": (mean["item:run"] - residual) / languages,
        "item:language": (mean["item:language"] - residual) / (runs * points),
    }
    return {name: variance for name, variance in found.items() if freedom[name]} | {"residual": residual}


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
