"""The plan of a study: what its cells cost together, before anyone pays for them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from clt.errors import StudyError, UserError
from clt.planning.cost import CellCost, cell_cost
from clt.planning.judge_cost import JudgeCost, judge_cost
from clt.planning.memory_check import memory_fits, memory_notes
from clt.planning.memory_fit import MemoryFit
from clt.planning.model_inspection import declared_model
from clt.planning.outlook import Outlook
from clt.planning.power import Detectable, detectable_differences
from clt.study import (
    Cell,
    Facts,
    Limits,
    Source,
    SourceFacts,
    Study,
    StudyRecord,
    expand,
    format_size,
    is_commit,
    is_hub_id,
    parse_size,
)

DECLARED_BYTES_PER_ROW = 1000  # where a source declares `rows` but not `bytes_per_row`


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A study's costs; sizes in bytes, times in seconds of work (side by side they pass `workers` times faster)."""

    name: str
    cells: tuple[CellCost, ...]
    points: int
    workers: int
    rows: int  # that the trained cells see, summed over cells
    tokens: int
    steps: int
    seconds: float  # of all cells, one after the other
    gpu_hours: float
    mixtures_bytes: int  # of distinct mixtures
    kept_bytes: int  # weights and mixtures once all is complete
    peak_bytes: int  # while the `workers` most demanding cells run last
    memory: tuple[MemoryFit, ...]  # of each model's trainings and evaluations
    judge: JudgeCost | None  # None: no task is judged
    limits: Limits
    detectable: tuple[Detectable, ...]  # what it could find
    notes: tuple[str, ...]  # what the reader should know: estimates by default, revisions that are not pinned
    outlook: Outlook | None = None  # what of it a store has; None if none was asked

    @property
    def wall_seconds(self) -> float:
        """With `workers` cells side by side: never less than the longest cell."""
        return max([self.seconds / self.workers, *(cost.seconds for cost in self.cells)])

    def exceeded(self) -> tuple[str, ...]:
        """Each limit of the study that the plan exceeds: the limit and what would be needed."""
        exceeded = []
        if self.limits.gpu_hours is not None and self.gpu_hours > self.limits.gpu_hours:
            exceeded.append(f"limits.gpu_hours: got {self.limits.gpu_hours:g}, the study needs {self.gpu_hours:.4g}")
        if self.limits.disk is not None and self.peak_bytes > parse_size(self.limits.disk):
            exceeded.append(f"limits.disk: got {self.limits.disk}, the study needs {format_size(self.peak_bytes)}")
        return tuple(exceeded)


def default_workers(record: StudyRecord) -> int:
    """As many as this process may use cores, divided by the threads that a step sets for itself."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // max(record.study.training.cpu_threads, record.study.evaluation.cpu_threads))


def make_plan(record: StudyRecord, *, workers: int = 1) -> Plan:
    """The plan of all cells of a record.

    Args:
        record: With the cells to plan in its grid.
        workers: Cells side by side: what is on disk at most, and the wall time, depend on it.

    Returns:
        Sizes in bytes, times in seconds.
    """
    if workers < 1:
        raise UserError(f"workers: got {workers}, expected 1 or more")
    costs = tuple(cell_cost(record, cell) for cell in record.grid.cells)
    mixtures = sum({_mixture(cost.cell): cost.mixture_bytes for cost in costs if not cost.cell.is_base}.values())
    kept = mixtures + sum(cost.kept_bytes for cost in costs)
    memory = memory_fits(record.study, record.facts.models, record.grid.cells)
    largest = sorted((cost.transient_bytes for cost in costs), reverse=True)[:workers]
    return Plan(
        name=record.study.name,
        cells=costs,
        points=len(record.grid.points),
        workers=workers,
        rows=sum(cost.rows for cost in costs),
        tokens=sum(cost.tokens for cost in costs),
        steps=sum(cost.steps for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
        gpu_hours=sum(cost.gpu_hours for cost in costs),
        mixtures_bytes=mixtures,
        kept_bytes=kept,
        peak_bytes=kept + sum(largest),
        memory=memory,
        judge=judge_cost(record, costs),
        limits=record.study.limits,
        detectable=detectable_differences(record),
        notes=(*_notes(record.study), *_without_baseline(record), *memory_notes(record.study, memory)),
    )


def check_limits(plan: Plan) -> None:
    """Refuse a plan that exceeds the study's limits.

    Raises:
        StudyError: Each limit that is exceeded, and what the study needs.
    """
    if exceeded := plan.exceeded():
        raise StudyError(
            "; ".join(exceeded) + "; raise the limit, or take fewer cells (`clt plan --cells FILTER`) or rows",
        )


def declared_record(study: Study, repeat: str = "") -> StudyRecord:
    """A record from what the study says alone, for planning without data, weights and network.

    Raises:
        StudyError: What is not declared.
    """
    return StudyRecord(study=study, facts=declared_facts(study), grid=expand(study, repeat), repeat=repeat)


def declared_facts(study: Study) -> Facts:
    """Facts from declared `rows` and `parameters`.

    Returns:
        Facts whose sources have no checksum, so that such a record can be planned and not run.

    Raises:
        StudyError: What is not declared.
    """
    sources: dict[str, SourceFacts] = {}
    for name, task in study.tasks.items():
        for split, source, languages in (
            ("train", task.train, (study.languages.english, *study.trained(name))),
            ("test", task.test, study.evaluated(name)),
        ):
            for language in languages:
                sources[f"{name}/{split}/{language}"] = _declared_source(source, language, f"tasks.{name}.{split}")
    return Facts(sources=sources, models={model.name: declared_model(model) for model in study.models})


def _declared_source(source: Source, language: str, field: str) -> SourceFacts:
    rows = source.rows.get(language) if isinstance(source.rows, dict) else source.rows
    if rows is None:
        raise StudyError(
            f"missing for {language}, expected the number of rows to plan without the data", field=f"{field}.rows"
        )
    return SourceFacts(checksum="", rows=rows, mean_bytes=source.bytes_per_row or DECLARED_BYTES_PER_ROW)


def _mixture(cell: Cell) -> tuple[object, ...]:
    """What makes two cells of one study share a mixture; the full key would need the facts' checksums."""
    return cell.tasks, tuple(cell.rows.items()), cell.validation_languages, cell.seed


def _without_baseline(record: StudyRecord) -> Iterable[str]:
    """One line for the curves without n = 0: a change from English-only training is what the report measures."""
    by_curve: dict[tuple[str, str], set[int]] = {}
    for point in record.grid.points:
        by_curve.setdefault((point.model, point.mixture), set()).add(point.samples_per_language)
    if bare := [f"{model}, {mixture}" for (model, mixture), sizes in by_curve.items() if 0 not in sizes]:
        yield (
            f"no n = 0 in {'; '.join(bare)}: without English-only training no change, gain or transfer share can be "
            "measured; add 0 to samples_per_language"
        )


def _notes(study: Study) -> Iterable[str]:
    """That it is one run of a baseline, all that is only declared, and each revision that can move."""
    if study.baseline is not None and study.baseline.seeds == "rotate":
        yield f"a recurring baseline: this is one run, of {study.baseline.seeds_per_run} of its seeds"
    declared, moving = [], []
    for name, task in study.tasks.items():
        for split, source in (("train", task.train), ("test", task.test)):
            if not source.at_hand:
                declared.append(f"tasks.{name}.{split}")
            elif source.hub and is_hub_id(source.hub) and not is_commit(source.revision):
                moving.append((f"tasks.{name}.{split}", source.revision))
    for model in study.models:
        if model.path is None:
            declared.append(f"models.{model.name}")
        elif is_hub_id(model.path) and not is_commit(model.revision):
            moving.append((f"models.{model.name}", model.revision))
    if declared:
        yield f"the study can be planned but not run: only declared are {', '.join(declared)}"
    for field, revision in moving:
        yield f"{field}: revision {revision!r} is not a commit, so what it names may change: a run is refused"
