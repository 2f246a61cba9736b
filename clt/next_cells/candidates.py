"""What can be run next: cells that go together.

The report averages a curve over the seeds that have all of its points, and compares with English-only training of the
same seed. So a further n is run with every seed that its curve has, a further seed at every n that its curve has, and
each with the English-only cells that are missing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from clt.next_cells.curves import Curve


@dataclass(frozen=True, slots=True)
class Candidate:
    """Cells that are not there yet; with them the curve has one n or one seed more."""

    curve: int  # position
    sample_sizes: tuple[int, ...]  # n > 0 that are measured anew
    seeds: tuple[int, ...]
    cells: tuple[str, ...]
    is_seed: bool  # whether it is a further seed


def candidates(curves: Sequence[Curve], have: Collection[str]) -> Iterator[Candidate]:
    """Everything that can be run next.

    Args:
        curves: All that may be run.
        have: Keys of the cells that are done, or chosen already.
    """
    for position, curve in enumerate(curves):
        if (0, curve.seeds[0]) not in curve.cells:
            continue
        sizes, seeds = begun(curve, have)
        for n in curve.sample_sizes:
            if n > 0 and (cells := _missing(curve, (0, n), seeds, have)):
                yield Candidate(position, (n,), seeds, cells, is_seed=False)
        further = [seed for seed in curve.seeds if seed not in seeds]
        if sizes and further:
            cells = _missing(curve, (0, *sizes), further[:1], have)
            yield Candidate(position, sizes, (further[0],), cells, is_seed=True)


def begun(curve: Curve, have: Collection[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The n > 0 and the seeds of which a curve has a cell; of one that has none, no n and its first seed."""
    there = [point for point, key in curve.cells.items() if point[0] > 0 and key in have]
    seeds = {seed for _, seed in there}
    chosen = tuple(seed for seed in curve.seeds if seed in seeds)
    return tuple(sorted({n for n, _ in there})), chosen or curve.seeds[:1]


def _missing(curve: Curve, sizes: Iterable[int], seeds: Iterable[int], have: Collection[str]) -> tuple[str, ...]:
    keys = (curve.cells[n, seed] for seed in seeds for n in sizes)
    return tuple(dict.fromkeys(key for key in keys if key not in have))
