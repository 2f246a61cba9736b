"""The curves that can be run: those of the study, and with further n, seeds and single donors those beside it.

Everything that may be proposed is the grid of one extended study, so that a cell's key, its rows and its cost come from
where those of the study's own cells come from.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

from clt.study import Grid, Mixture, Study, StudyRecord, expand

DOUBLED = 2  # the largest new n, in largest n of the curve: as far as a curve may be continued


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One model, setting, set of tasks and mixture; `cells` holds the cell's key by n and seed."""

    model: str
    setting: str
    tasks: tuple[str, ...]
    mixture: str
    cells: Mapping[tuple[int, int], str]

    @property
    def name(self) -> str:
        return f"{self.model}, {self.setting}, {'+'.join(self.tasks)}, {self.mixture}"

    @property
    def group(self) -> tuple[str, str, tuple[str, ...]]:
        return self.model, self.setting, self.tasks

    @property
    def sample_sizes(self) -> tuple[int, ...]:
        return tuple(sorted({n for n, _ in self.cells}))

    @property
    def seeds(self) -> tuple[int, ...]:
        """In the study's order."""
        return tuple(dict.fromkeys(seed for _, seed in self.cells))


def curves_of(grid: Grid) -> list[Curve]:
    """The curves of a grid, in its order."""
    cells: dict[tuple[str, str, tuple[str, ...], str], dict[tuple[int, int], str]] = {}
    for point in grid.points:
        key = (point.model, point.setting, point.tasks, point.mixture)
        cells.setdefault(key, {})[point.samples_per_language, point.seed] = point.cell
    return [
        Curve(model=model, setting=setting, tasks=tasks, mixture=mixture, cells=by_n)
        for (model, setting, tasks, mixture), by_n in cells.items()
    ]


def extended(record: StudyRecord, *, new: bool) -> StudyRecord:
    """The record of all that may be proposed.

    Args:
        record: Of the study.
        new: Whether cells may be proposed that are not in its grid: English-only training where a curve has none, n
            between and beyond those of a curve as far as the rows reach, one further seed, and each training
            language by itself.
    """
    if not new:
        return record
    mixtures = [*record.study.mixtures, *_single_donors(record.study)]
    wider = [_wider(record, mixture) for mixture in mixtures]
    study = record.study.model_copy(update={"mixtures": tuple(wider)})
    return record.model_copy(update={"study": study, "grid": expand(study, record.repeat)})


def reachable(curves: Iterable[Curve], own: Collection[str], done: Collection[str]) -> Iterator[Curve]:
    """The curves without what is beside the study's grid where nothing was run of their model, setting and tasks.

    What the study asks for comes first: before any score, all mixtures look alike.

    Args:
        curves: All that may be run.
        own: Keys of the study's own cells.
        done: Keys of the cells that are done.
    """
    every = list(curves)
    started = {curve.group for curve in every if any(n > 0 and key in done for (n, _), key in curve.cells.items())}
    for curve in every:
        if curve.group in started:
            yield curve
            continue
        cells = {point: key for point, key in curve.cells.items() if point[0] > 0 and key in own}
        seeds = {seed for _, seed in cells}
        cells |= {point: key for point, key in curve.cells.items() if point[0] == 0 and point[1] in seeds}
        if cells:
            yield replace(curve, cells=cells)


def _wider(record: StudyRecord, mixture: Mixture) -> Mixture:
    sizes = {0, *mixture.samples_per_language}
    sizes |= {n for n in _further_sizes(mixture.samples_per_language) if _has_rows(record, mixture, n)}
    seeds = record.study.seeds if mixture.seeds is None else mixture.seeds
    update = {"samples_per_language": tuple(sorted(sizes)), "seeds": (*seeds, max(seeds) + 1)}
    return mixture.model_copy(update=update)


def _further_sizes(sizes: tuple[int, ...]) -> Iterator[int]:
    """The geometric middle of neighbours that are more than 1.5 times apart, and twice the largest; two digits each."""
    rising = sorted(n for n in sizes if n > 0)
    for low, high in pairwise(rising):
        if high > 1.5 * low and low < (middle := _rounded(sqrt(low * high))) < high:
            yield middle
    if rising:
        yield DOUBLED * rising[-1]


def _rounded(value: float) -> int:
    return int(float(f"{value:.2g}"))


def _has_rows(record: StudyRecord, mixture: Mixture, n: int) -> bool:
    """Whether the sources hold the rows, and a fixed budget has room for them; test items among them count as rows."""
    study = record.study
    languages = study.languages.train if mixture.languages is None else mixture.languages
    if mixture.design == "fixed_budget" and mixture.replaced(n, study.languages.train) > mixture.english_samples:
        return False
    return all(
        record.facts.source(task, "train", code).rows >= mixture.rows(n, code) + study.training.validation_rows
        for task in (study.tasks if mixture.tasks is None else mixture.tasks)
        for code in languages
        if code in study.trained(task)
    )


def _single_donors(study: Study) -> Iterator[Mixture]:
    """The study's first mixture of several languages with each of them alone, but for those that it has."""
    known = {(mixture.languages or study.languages.train, mixture.english_samples) for mixture in study.mixtures}
    names = {mixture.name for mixture in study.mixtures}
    for mixture in study.mixtures:
        languages = study.languages.train if mixture.languages is None else mixture.languages
        if len(languages) > 1:
            for code in languages:
                name = f"only-{code.lower()}"
                if ((code,), mixture.english_samples) not in known and name not in names:
                    weights = {key: value for key, value in mixture.weights.items() if key == code}
                    yield mixture.model_copy(update={"name": name, "languages": (code,), "weights": weights})
            return
