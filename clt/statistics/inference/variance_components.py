"""Variance components of scores per item, by the method of moments.

Model, for run r of point p (a trained model), item i and language l, all but the mean drawn at random:
    score = mean[p, l] + run[r, p] + item[i] + item:run[i, r, p] + item:language[i, l] + residual
item:run is what all languages share in a run's answers to one item. Left out, it would be taken for a difference
between runs.
The components are estimated by the method of moments (ANOVA estimators: mean squares equated to their expectations),
which is REML on a balanced array where none is negative (Searle, Casella and McCulloch 1992, chapter 4).
"""

import numpy as np

Array = np.ndarray
NAMES = ("run", "item", "item:run", "item:language", "residual")


def variance_components(scores: Array) -> dict[str, float]:
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
    components = {
        "run": (mean["run"] - mean["item:run"]) / (items * languages),
        "item": (mean["item"] - mean["item:language"] - mean["item:run"] + residual) / (runs * points * languages),
        "item:run": (mean["item:run"] - residual) / languages,
        "item:language": (mean["item:language"] - residual) / (runs * points),
    }
    return {name: variance for name, variance in components.items() if freedom[name]} | {"residual": residual}
