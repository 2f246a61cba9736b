"""Which rows every trained point had, of which languages, and whose effects that design can tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.donors.bend import Bend, bends_of
from clt.statistics.inference.repeated_runs import same_run
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.language_rows import Weights, language_rows

TOLERANCE = 0.1  # share of a column's variance that the others leave: a variance inflation factor of 10
LEAST_POINTS = 3
SAME = 1e-9  # a variance below it is rounding
Array = np.ndarray
Unit = tuple[str, ...]  # languages whose rows always rise together: only their joint effect can be told


@dataclass(frozen=True, slots=True)
class TrainedPoint:
    """Runs that were trained on one mixture."""

    data: CurveData  # of the curves that share them the first by name
    index: int  # on the points axis of data.sample

    @property
    def n(self) -> int:
        return self.data.sample_sizes[self.index - self.data.has_base]

    @property
    def english_rows(self) -> float:
        """NaN where they are not known."""
        known = self.data.rows[self.index - self.data.has_base][0]
        return np.nan if known is None else float(known)

    @property
    def name(self) -> str:
        if not self.n:
            return "English alone"
        return f"{'+'.join((self.data.roles.english, *self.data.roles.trained))} at n = {self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The points of one model, setting and task, and the rows of their mixtures."""

    points: tuple[TrainedPoint, ...]  # (P,)
    languages: tuple[str, ...]  # evaluated at every point, English first (L,)
    english: str
    units: tuple[Unit, ...]  # (U,)
    rows: Array  # (P, U): rows in each language of a unit, the mean over them
    shares: dict[str, float]  # language -> its rows over that mean, 1 but for weights
    levels: Array  # (P,): which set of English-only levels a point starts from, one a study
    moves_with: dict[Unit, tuple[Unit, ...]]  # units that are not identified -> what their rows go along with
    left_out: tuple[str, ...]  # curves of a table whose rows differ by language: it does not say which are whose

    @property
    def donors(self) -> tuple[Unit, ...]:
        """The units that the design tells from the others; the effect of English is fitted, and English no donor."""
        return tuple(unit for unit in self.units if unit not in self.moves_with and unit != (self.english,))

    @property
    def base(self) -> Array:
        """Rows of English-only training (U,): where English is a unit the most that were tried, else 0."""
        is_english = np.array([unit == (self.english,) for unit in self.units])
        alone = self.rows[~self.rows[:, ~is_english].any(axis=1)]
        return np.where(is_english, alone.max(axis=0), 0.0)

    @property
    def largest(self) -> float:
        """The largest number of rows of a language but English."""
        return float(self._of_others.max(initial=0.0))

    @property
    def bends(self) -> tuple[Bend, ...]:
        """How effects may grow with rows."""
        return tuple(bends_of(float(self._of_others[self._of_others > 0].min()), self.largest))

    @property
    def _of_others(self) -> Array:
        """Rows without those of English (P, U or one fewer)."""
        return self.rows[:, [unit != (self.english,) for unit in self.units]]

    @property
    def changes(self) -> Array:
        """(P, P): each point less the mean of its study's English-only training; 0 where there is none."""
        same = self.levels[:, None] == self.levels
        reference = same * (self.rows == self.base).all(axis=1)
        there = reference.sum(axis=1, keepdims=True)
        return np.asarray((np.eye(len(same)) - reference / np.maximum(there, 1)) * (there > 0))

    @property
    def has_residuals(self) -> bool:
        """Whether points are left after levels and effects are fitted: else the fit says nothing of the noise."""
        return len(self.points) > len(np.unique(self.levels)) + len(self.units)

    def strength(self, rows: Array, bend: Bend) -> Array:
        """How much of the effect of the largest rows mixtures (..., U) have, beyond what English-only training has."""
        return bend.of(rows) - bend.of(self.base)


def design_of(curves: Sequence[CurveData], weights: Weights | None = None) -> Design | None:
    """The design of curves of one model, setting, task and metric; None where that is too little to fit,
    or has no English-only training to measure from.

    English counts as a unit where its rows vary within a study, and not along with the others as where they replace
    it: there the effects of the others are with the English rows that they replace.
    """
    ordered = sorted(curves, key=lambda data: data.id)
    known = {data.id: language_rows(data, weights or {}) for data in ordered}
    left_out = tuple(name for name, rows in known.items() if rows is None)
    used = [data for data in ordered if data.id not in left_out]
    found: dict[tuple[object, ...], TrainedPoint] = {}
    for data in used:
        for n in data.sample_sizes:
            index = data.point_index(n)
            found.setdefault((data.identity["study"], *same_run(data, index)), TrainedPoint(data, index))
    points = tuple(found.values())
    trained = sorted({code for data in used for code in data.roles.trained})
    rows = np.array([[(known[p.data.id] or {}).get(p.n, {}).get(code, 0.0) for code in trained] for p in points])
    if len(points) < LEAST_POINTS or rows.any(axis=1).all() or not rows.any() or not (languages := _evaluated(points)):
        return None
    studies = sorted({p.data.identity["study"] for p in points})
    levels = np.array([studies.index(p.data.identity["study"]) for p in points])
    units = _units(rows, trained)
    by_unit = np.stack([rows[:, [trained.index(code) for code in unit]].mean(axis=1) for unit in units], axis=1)
    shares = {
        code: float(rows[:, trained.index(code)].sum() / of_unit.sum())
        for unit, of_unit in zip(units, by_unit.T, strict=True)
        for code in unit
    }
    english, english_rows = used[0].roles.english, np.array([p.english_rows for p in points])
    if np.isfinite(english_rows).all() and _unexplained(english_rows, by_unit, levels) > TOLERANCE:
        units, by_unit = ((english,), *units), np.column_stack([english_rows, by_unit])
    return Design(
        points=points,
        languages=languages,
        english=english,
        units=units,
        rows=by_unit,
        shares=shares,
        levels=levels,
        moves_with=_confounded(units, by_unit, levels),
        left_out=left_out,
    )


def _evaluated(points: Sequence[TrainedPoint]) -> tuple[str, ...]:
    """Languages that every point has a score in, in the first curve's order: English first."""
    scored = [
        {code for code, there in zip(p.data.roles.languages, p.data.sample.present[p.index], strict=True) if there}
        for p in points
    ]
    return tuple(code for code in points[0].data.roles.languages if all(code in each for each in scored))


def _units(rows: Array, codes: Sequence[str]) -> tuple[Unit, ...]:
    """Languages in blocks whose rows are in one proportion at every point."""
    blocks: dict[bytes, list[str]] = {}
    for column, code in zip(rows.T, codes, strict=True):
        if column.any():
            blocks.setdefault((column / column.max()).round(6).tobytes(), []).append(code)
    return tuple(sorted(tuple(block) for block in blocks.values()))


def _confounded(units: Sequence[Unit], rows: Array, levels: Array) -> dict[Unit, tuple[Unit, ...]]:
    """Units whose rows nearly follow from those of others, each with the others that it cannot do without."""
    found: dict[Unit, tuple[Unit, ...]] = {}
    for k, unit in enumerate(units):
        others = [j for j in range(len(units)) if j != k]
        if _unexplained(rows[:, k], rows[:, others], levels) > TOLERANCE:
            continue
        needed = [
            j for j in others if _unexplained(rows[:, k], rows[:, [i for i in others if i != j]], levels) > TOLERANCE
        ]
        found[unit] = tuple(units[j] for j in needed or others)
    return found


def _unexplained(column: Array, others: Array, levels: Array) -> float:
    """Share of a column's variance (P,) within studies that no sum of other columns (P, m) gives.

    The smaller one of rows as they are and of their logarithms: g is something between.
    """
    return min(_residual_share(form(column), form(others), levels) for form in (np.asarray, np.log1p))


def _residual_share(column: Array, others: Array, levels: Array) -> float:
    target = _centred(column, levels)
    total = float((target**2).sum())
    if not total > SAME:
        return 0.0
    predictors = np.stack([_centred(each, levels) for each in others.T], axis=1) if others.size else others
    fitted = predictors @ np.linalg.lstsq(predictors, target, rcond=None)[0]
    return float(((target - fitted) ** 2).sum()) / total


def _centred(column: Array, levels: Array) -> Array:
    return np.asarray(column - (np.bincount(levels, column) / np.bincount(levels))[levels])
