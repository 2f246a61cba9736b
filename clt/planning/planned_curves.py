"""The curves of a study's grid as the statistics will have them, and how well they tell the noise of runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clt.planning.comparable_pairs import CurveDesign
from clt.planning.run_noise import PRIOR_DF
from clt.study import Cell, Point, StudyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCurve:
    """A curve as the statistics will have it."""

    design: CurveDesign
    seeds: int

    @property
    def task(self) -> str:
        return self.design.task

    @property
    def trained(self) -> tuple[str, ...]:
        return self.design.languages

    @property
    def sample_sizes(self) -> tuple[int, ...]:
        return tuple(self.design.rows)

    @property
    def has_change(self) -> bool:
        """Whether there is a change from n = 0 to be found."""
        return 0 in self.sample_sizes and len(self.sample_sizes) > 1


def planned_curves(record: StudyRecord) -> Iterator[PlannedCurve]:
    """The curves of a record's grid, by task; the report compares them on their task's main metric."""
    designs: dict[tuple[str, ...], tuple[Point, set[int], dict[int, Cell]]] = {}
    cells = {cell.key: cell for cell in record.grid.cells}
    for point in record.grid.points:
        for task in point.tasks:
            key = (task, point.model, point.setting, point.mixture)
            _, seeds, by_n = designs.setdefault(key, (point, set(), {}))
            seeds.add(point.seed)
            by_n[point.samples_per_language] = cells[point.cell]
    for (task, *_), (point, seeds, by_n) in designs.items():
        yield PlannedCurve(design=_design(record, task, point, by_n), seeds=len(seeds))


def _design(record: StudyRecord, task: str, point: Point, by_n: dict[int, Cell]) -> CurveDesign:
    english, model = record.study.languages.english, record.study.model(point.model)
    return CurveDesign(
        task=task,
        metric=record.study.tasks[task].metrics[0],
        english=english,
        model=model.name,
        family=model.family,
        size=record.facts.models[model.name].parameters,
        setting=point.setting,
        languages=(trained := tuple(code for code in point.train_languages if code in record.study.trained(task))),
        held_out=tuple(code for code in record.study.evaluated(task) if code not in (english, *trained)),
        mixture=point.mixture,
        rows={n: _rows(cell, english) for n, cell in sorted(by_n.items())},
    )


def _rows(cell: Cell, english: str) -> tuple[int, int]:
    """English rows of a task, and those of all other languages together."""
    return cell.rows.get(english, 0), sum(cell.rows.values()) - cell.rows.get(english, 0)


def run_noise_df(curves: Sequence[PlannedCurve]) -> int:
    """Degrees of freedom of the noise between runs that a report pools over the curves of a task.

    Repeated runs have one for each run beyond the first, English-only ones that curves share but once; where they are
    fewer than `PRIOR_DF`, single runs have one for every three n between 0 and the largest
    (clt/statistics/inference/neighbouring_runs.py).
    """
    trained = sum((curve.seeds - 1) * sum(n > 0 for n in curve.sample_sizes) for curve in curves)
    english_only = {
        (curve.design.model, curve.design.setting, curve.design.rows[0]): curve.seeds - 1
        for curve in sorted(curves, key=lambda curve: curve.seeds)
        if 0 in curve.sample_sizes
    }
    repeated = trained + sum(english_only.values())
    if repeated >= PRIOR_DF:
        return repeated
    single = [curve for curve in curves if curve.seeds == 1]
    return repeated + sum(max(sum(n > 0 for n in curve.sample_sizes) - 1, 0) // 3 for curve in single)
