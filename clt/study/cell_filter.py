"""Choosing cells of a grid: the FILTER of `clt plan --cells FILTER` and `clt run --cells FILTER`."""

from collections.abc import Callable
from fnmatch import fnmatchcase

from clt.errors import UserError
from clt.study.grid import Cell, Grid

FIELDS: dict[str, Callable[[Cell], tuple[str, ...]]] = {
    "model": lambda cell: (cell.model,),
    "setting": lambda cell: (cell.setting,),
    "task": lambda cell: cell.tasks,
    "language": lambda cell: tuple(cell.rows),  # in the mixture
    "n": lambda cell: () if cell.samples_per_language is None else (str(cell.samples_per_language),),
    "seed": lambda cell: () if cell.is_base else (str(cell.seed),),
}


def select_cells(grid: Grid, filter: str) -> Grid:
    """The cells of a grid that a filter names, and the points that rest on them.

    Args:
        grid: All cells.
        filter: A comma-separated list of `FIELD=VALUE`, all of which must hold (`n=0|20` is either), and of patterns
            of cell keys, one of which must match: `model=small,n=0|20`, `small-math-*`. Values may hold * and ? as
            well. Base models have the setting "base" and no n or seed.

    Raises:
        UserError: An unknown field or value, or no cell is left.
    """
    parts = [part.strip() for part in filter.split(",") if part.strip()]
    patterns = [part for part in parts if "=" not in part]
    cells = [cell for cell in grid.cells if not patterns or any(fnmatchcase(cell.key, text) for text in patterns)]
    for part in parts:
        if "=" in part:
            cells = _with_field(grid, cells, part)
    if not cells:
        raise UserError(f"--cells {filter}: no cell matches; `clt plan STUDY.yaml` lists the cells")
    keys = {cell.key for cell in cells}
    return Grid(cells=tuple(cells), points=tuple(point for point in grid.points if point.cell in keys))


def _with_field(grid: Grid, cells: list[Cell], part: str) -> list[Cell]:
    field, _, value = (text.strip() for text in part.partition("="))
    if field not in FIELDS:
        raise UserError(f"--cells {part}: got field {field!r}, expected one of {', '.join(FIELDS)} or a cell's key")
    values_of = FIELDS[field]
    for choice in value.split("|"):
        known = dict.fromkeys(text for cell in grid.cells for text in values_of(cell))
        if not any(fnmatchcase(text, choice.strip()) for text in known):
            raise UserError(f"--cells {part}: got {choice.strip()!r}, expected one of {', '.join(known)}")
    choices = [choice.strip() for choice in value.split("|")]
    return [cell for cell in cells if any(fnmatchcase(text, c) for text in values_of(cell) for c in choices)]
