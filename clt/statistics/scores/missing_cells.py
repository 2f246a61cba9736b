"""Cells that a table of scores leaves out although the other rows of the same curve lead to expect them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from clt.statistics.scores.row_groups import first_rows, group_numbers
from clt.statistics.scores.table import CURVE, RUN, MissingCell

UNSELECTED = "no checkpoint of this run is selected"
Array = np.ndarray
RunKey = tuple[float, str, str]  # n, seed, repeat


def missing_cells(rows: pd.DataFrame) -> tuple[MissingCell, ...]:
    """One entry for every n that a seed lacks, and one for every run that lacks languages; sorted by curve.

    A curve is expected to have every n in every seed, and every run each language that any of its rows has or that it
    trains. A run made again (`repeat`) is expected only where it stands. Rows that are not `selected` lead to
    expectations and fulfil none.
    """
    cell = group_numbers(rows, [*CURVE, *RUN, "language"])
    first = first_rows(cell)
    scored = np.zeros(len(first), dtype=bool)
    scored[cell[rows["selected"].to_numpy()]] = True
    cells = rows[[*CURVE, *RUN, "language"]].iloc[first].assign(scored=scored)
    curve = group_numbers(cells, CURVE)
    incomplete = np.flatnonzero(np.bincount(curve, weights=scored) < _expected(cells, curve))
    missing: list[MissingCell] = []
    for number in incomplete:  # already in the order of the curves
        part = cells[curve == number]
        study, *names = (str(part[name].iloc[0]) for name in CURVE)
        missing += [
            MissingCell(study=study, cell="/".join([*filter(None, names), *place]), state="missing", error=error)
            for place, error in _gaps(part)
        ]
    return tuple(missing)


def _expected(cells: pd.DataFrame, curve: Array) -> Array:
    """Number of cells that each curve would have if it were complete (curves,)."""

    def distinct(where: Array, *names: str) -> Array:
        values = group_numbers(cells[where], [*CURVE, *names])
        return np.bincount(curve[where][first_rows(values)], minlength=int(curve.max()) + 1)

    everything = np.ones(len(cells), dtype=bool)
    plain = (cells["repeat"] == "").to_numpy()
    trained = {text: text.split("+") for text in cells["train_languages"].unique()}
    pairs = zip(cells["language"], cells["train_languages"], strict=True)
    held_out = np.array([code not in trained[text] for code, text in pairs], dtype=bool)
    lengths = np.array([len(trained[text]) for text in cells["train_languages"].iloc[first_rows(curve)]])
    languages = lengths + distinct(held_out, "language")
    points = distinct(everything, "samples_per_language")
    return languages * (points * distinct(plain, "seed") + distinct(~plain, *RUN))


def _gaps(curve: pd.DataFrame) -> Iterator[tuple[list[str], str | None]]:
    """Place and reason of everything that a curve lacks."""
    expected = {*curve["language"], *str(curve["train_languages"].iloc[0]).split("+")}
    runs: dict[RunKey, set[str]] = {}
    for n, seed, repeat, language, scored in curve[[*RUN, "language", "scored"]].itertuples(index=False):
        runs.setdefault((n, seed, repeat), set()).update([language] if scored else [])
    points = sorted({n for n, _, _ in runs})
    places = {*runs, *((n, seed, "") for n in points for _, seed, repeat in runs if not repeat)}
    for n, seed, repeat in sorted(places):
        scored_languages = runs.get((n, seed, repeat))
        place = [f"n={n:g}"] if n == n else []
        place += [f"seed={seed}", *([f"repeat={repeat}"] if repeat else [])]
        if not scored_languages:
            yield place, UNSELECTED if scored_languages is not None else None
        elif lacking := sorted(expected - scored_languages):
            yield [*place, ", ".join(lacking)], None
