"""Training language by evaluation language, as far as the design identifies it.

Curves that differ in their training languages alone give one equation each: the change of an evaluation language is
the sum of the effects of the languages trained on. Languages that always come together have one joint effect. Where
there are fewer different sets than effects nothing is fitted, and the matrix says so.
"""

from collections.abc import Sequence

import numpy as np

from components.transfer_statistics.evidence.contrasts import Term, contrast
from components.transfer_statistics.evidence.repeats import Repeats
from components.transfer_statistics.schema import MatrixRow, TransferMatrix
from components.transfer_statistics.scores.curve_data import CurveData

Array = np.ndarray
GROUP = ("study", "model", "setting", "task", "metric", "mixture")


def transfer_matrices(curves: Sequence[CurveData], repeats: Repeats) -> list[TransferMatrix]:
    """One matrix for every model, setting, task and mixture, in sorted order."""
    groups: dict[tuple[str, ...], list[CurveData]] = {}
    for data in curves:
        if data.zero is not None and len(data.counts) > 1:
            groups.setdefault(tuple(data.identity[name] for name in GROUP), []).append(data)
    return [_matrix(key, group, repeats) for key, group in sorted(groups.items())]


def blocks(sets: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Training languages that stand in the same sets, and so can only be told apart as a block."""
    found: dict[tuple[bool, ...], list[str]] = {}
    for code in sorted({code for codes in sets for code in codes}):
        found.setdefault(tuple(code in codes for codes in sets), []).append(code)
    return [tuple(codes) for codes in found.values()]


def _matrix(key: tuple[str, ...], curves: Sequence[CurveData], repeats: Repeats) -> TransferMatrix:
    sets = [data.roles.trained for data in curves]
    together = blocks(sets)
    design = np.array([[float(block[0] in codes) for block in together] for codes in sets])
    over = sorted(set.intersection(*(set(data.counts) for data in curves)) - {0})
    identified = bool(over) and bool(together) and np.linalg.matrix_rank(design) == len(together)
    rows: list[MatrixRow] = []
    residual = None
    if identified:
        codes = _shared_languages(curves)
        rows = [
            _row(block, weights, curves, codes, over, repeats)
            for block, weights in zip(together, np.linalg.pinv(design), strict=True)
        ]
        residual = _misfit(rows, design, curves, codes, over) if len(curves) > len(together) else None
    return TransferMatrix(
        **dict(zip(GROUP, key, strict=True)),
        curves=[data.id for data in curves],
        over=over,
        rows=rows,
        residual=residual,
        statement=_statement(together, sets, identified=identified),
    )


def _shared_languages(curves: Sequence[CurveData]) -> tuple[str, ...]:
    first = curves[0].roles.languages
    return tuple(code for code in first if all(code in data.roles.languages for data in curves))


def _row(
    block: tuple[str, ...],
    weights: Array,
    curves: Sequence[CurveData],
    codes: tuple[str, ...],
    over: Sequence[int],
    repeats: Repeats,
) -> MatrixRow:
    terms = [
        [
            term
            for data, weight in zip(curves, weights, strict=True)
            for term in (Term(data, data.place(n), float(weight)), Term(data, data.place(0), -float(weight)))
        ]
        for n in over
    ]
    found = contrast(terms, {code: (code,) for code in codes}, repeats)
    return MatrixRow(train_languages=list(block), effects={code: one.estimate for code, one in found.items()})


def _misfit(
    rows: Sequence[MatrixRow],
    design: Array,
    curves: Sequence[CurveData],
    codes: tuple[str, ...],
    over: Sequence[int],
) -> float | None:
    """Largest difference between a curve's mean change and the sum of its effects: 0 if effects simply add up."""
    effects = np.array([[row.effects[code].value for code in codes] for row in rows], dtype=float)
    changes = []
    for data in curves:
        one = [
            [Term(data, data.place(n), 1.0), Term(data, data.place(0), -1.0)] for n in over
        ]  # the same contrast as a row's, of this curve alone
        found = contrast(one, {code: (code,) for code in codes}, Repeats({}))
        changes.append([found[code].estimate.value for code in codes])
    misfit = np.abs(np.array(changes, dtype=float) - design @ effects)
    return round(float(misfit.max()), 6) if np.isfinite(misfit).all() else None


def _statement(together: Sequence[tuple[str, ...]], sets: Sequence[Sequence[str]], *, identified: bool) -> str:
    if not together:
        return "no training language but English"
    names = ["+".join(block) for block in together]
    if identified and len(names) == 1:
        return f"one set of training languages: only the joint effect of {names[0]} can be told"
    if identified:
        joint = [name for name in names if "+" in name]
        note = f"; {' and '.join(joint)} always come together, so each is a joint effect" if joint else ""
        return f"effects of {', '.join(names)}, which add up by assumption{note}"
    distinct = len({tuple(codes) for codes in sets})
    return (
        f"not identified: {len(names)} effects ({', '.join(names)}) from {distinct} different sets of training "
        "languages; train on more sets, such as each language alone"
    )
