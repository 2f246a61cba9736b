"""Training language by evaluation language, as far as the design identifies it.

Curves that differ in their training languages alone give one equation each: the change of an evaluation language from
n = 0 is the sum of the effects of the languages trained on (least squares, without an intercept: nothing changes where
nothing is added). Languages that always come together have one joint effect. Where there are fewer different sets than
effects (the design matrix lacks full column rank) nothing is fitted, and the matrix says so. Effects are contrasts of
the curves (contrasts.py), with one interval each: they are described, not tested, and not corrected for their number.
"""

from collections.abc import Sequence

import numpy as np

from clt.statistics.analyses.transfer_matrix.schema import MatrixRow, TransferMatrix
from clt.statistics.inference.contrasts import Term, contrast
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData

Array = np.ndarray
GROUP = ("model", "setting", "task", "metric")


def transfer_matrices(curves: Sequence[CurveData], run_noise: RunNoise) -> list[TransferMatrix]:
    """One matrix for every model, setting, task and English rows of the mixtures, in sorted order.

    Sets of training languages are mixtures of their own name, and may stand in studies of their own.
    """
    groups: dict[tuple[object, ...], list[CurveData]] = {}
    for data in curves:
        if data.baseline_index is not None and len(data.sample_sizes) > 1:
            key = (*(data.identity[name] for name in GROUP), _english_rows(data))
            groups.setdefault(key, []).append(data)
    return [_matrix(group, run_noise) for _, group in sorted(groups.items())]


def _english_rows(data: CurveData) -> tuple[float, ...]:
    """Different numbers of English rows along the curve: several where other rows replace them."""
    return tuple(sorted({english for english, _ in data.rows if english is not None}))


def blocks(sets: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Training languages that stand in the same sets, and so can only be told apart as a block."""
    by_sets: dict[tuple[bool, ...], list[str]] = {}
    for code in sorted({code for codes in sets for code in codes}):
        by_sets.setdefault(tuple(code in codes for codes in sets), []).append(code)
    return [tuple(codes) for codes in by_sets.values()]


def _matrix(curves: Sequence[CurveData], run_noise: RunNoise) -> TransferMatrix:
    sets = [data.roles.trained for data in curves]
    together = blocks(sets)
    design = _design(together, sets)
    over = sorted(set.intersection(*(set(data.sample_sizes) for data in curves)) - {0})
    identified = bool(over and together) and np.linalg.matrix_rank(design) == len(together)
    rows: list[MatrixRow] = []
    residual = None
    if identified:
        inverse = np.linalg.pinv(design)
        codes = _shared_languages(curves)
        for block, weights in zip(together, inverse, strict=True):
            contrasts = contrast(_changes(curves, weights, over), {code: (code,) for code in codes}, run_noise)
            effects = {code: effect.estimate for code, effect in contrasts.items()}
            rows.append(MatrixRow(train_languages=list(block), effects=effects))
        if len(curves) > len(together):
            residual = _misfit(np.eye(len(curves)) - design @ inverse, curves, codes, over)
    return TransferMatrix(
        **{name: curves[0].identity[name] for name in GROUP},
        **{name: ", ".join(sorted({data.identity[name] for data in curves})) for name in ("study", "mixture")},
        curves=[data.id for data in curves],
        over=over,
        rows=rows,
        residual=residual,
        statement=_statement(together, sets, over) + _replaced(curves[0]),
    )


def _design(together: Sequence[tuple[str, ...]], sets: Sequence[Sequence[str]]) -> Array:
    """Which block was trained on in which set, axes (sets, blocks)."""
    return np.array([[float(block[0] in codes) for block in together] for codes in sets])


def _shared_languages(curves: Sequence[CurveData]) -> tuple[str, ...]:
    first = curves[0].roles.languages
    return tuple(code for code in first if all(code in data.roles.languages for data in curves))


def _changes(curves: Sequence[CurveData], weights: Array, over: Sequence[int]) -> list[list[Term]]:
    """Weighted sum of the curves' changes from n = 0, one for every n; curves without weight are left out."""
    used = [(data, float(weight)) for data, weight in zip(curves, weights, strict=True) if abs(weight) > 1e-9]
    return [
        [term for data, w in used for term in (Term(data, data.point_index(n), w), Term(data, data.point_index(0), -w))]
        for n in over
    ]


def _misfit(
    projection: Array, curves: Sequence[CurveData], codes: tuple[str, ...], over: Sequence[int]
) -> float | None:
    """Largest difference between a curve's mean change and the sum of its effects: 0 if effects simply add up.

    projection (curves, curves) gives the residuals of least squares.
    """
    groups = {code: (code,) for code in codes}
    misfits = [
        misfit.estimate.value
        for weights in projection
        if np.abs(weights).max() > 1e-9
        for misfit in contrast(_changes(curves, weights, over), groups, RunNoise({})).values()
    ]
    known = [abs(value) for value in misfits if value is not None]
    return max(known) if known and len(known) == len(misfits) else None


def _statement(together: Sequence[tuple[str, ...]], sets: Sequence[Sequence[str]], over: Sequence[int]) -> str:
    if not together:
        return "no training language but English"
    if not over:
        return "not identified: the curves share no n besides 0"
    names = ["+".join(block) for block in together]
    if len(names) == 1:
        only = "" if "+" not in names[0] else "joint "
        return f"one set of training languages: only the {only}effect of {names[0]} can be told"
    distinct = {tuple(codes) for codes in sets}
    design = _design(together, sets)
    if np.linalg.matrix_rank(design) < len(names):
        return (
            f"not identified: {len(names)} effects ({', '.join(names)}) from {len(distinct)} different sets of "
            "training languages; train on more sets, such as each language alone"
        )
    joint = [name for name in names if "+" in name]
    note = f"; always trained on together, so one joint effect each: {', '.join(joint)}" if joint else ""
    adds = ", which add up by assumption" if design.sum(axis=1).max() > 1 else ""
    return f"effects of {', '.join(names)}{adds}{note}"


def _replaced(data: CurveData) -> str:
    return "; with the English rows that they replace" if len(_english_rows(data)) > 1 else ""
