"""What a belief is about: the rise of every trained mixture over English-only training, and the decisions among them.

An arm is one task of one cell, whatever its seed: model, setting, task and rows. Its base is the English-only training
of its curve. A multi-task cell is an arm of each of its tasks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from clt.next_cells.curves import Curve
from clt.study import Cell, StudyRecord, task_rows

Array = np.ndarray
Key = tuple[str, str, tuple[str, ...], str, tuple[tuple[str, int], ...]]  # model, setting, tasks, task, rows
Decision = tuple[str, str, str]  # model, setting and task: the report recommends a mixture for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    decision: Decision
    languages: tuple[str, ...]  # trained, with English first
    samples_per_language: int
    rows: int  # of the task
    other_rows: tuple[tuple[str, int], ...]  # language to rows, English left out
    base: int  # position of its English-only training


@dataclass(frozen=True, kw_only=True)
class Arms:
    """The arms of a grid, their bases, and which of them each cell measures."""

    arms: tuple[Arm, ...]
    bases: tuple[Decision, ...]
    measured_by: dict[str, tuple[int, ...]]  # cell to positions: arms from 0, bases from len(arms)
    decisions: tuple[Decision, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", tuple(dict.fromkeys(arm.decision for arm in self.arms)))

    def decision(self, position: int) -> Decision:
        """That of an arm or of a base."""
        return self.arms[position].decision if position < len(self.arms) else self.bases[position - len(self.arms)]

    def task(self, position: int) -> str:
        return self.decision(position)[2]


def arms_of(record: StudyRecord, curves: Sequence[Curve], tasks: Collection[str] | None = None) -> Arms:
    """The arms of all curves that have English-only training.

    Args:
        record: Whose grid the curves are of.
        curves: See `curves_of`.
        tasks: Only arms of these tasks; None: of all.
    """
    cells = {cell.key: cell for cell in record.grid.cells}
    found: dict[Key, Arm] = {}
    bases: dict[Key, int] = {}
    positions: dict[str, list[tuple[bool, Key]]] = {}
    for curve in curves:
        english_only = {seed: cells[key] for (n, seed), key in curve.cells.items() if n == 0}
        for (n, seed), key in curve.cells.items():
            if seed not in english_only or key in positions:
                continue
            for task in (task for task in curve.tasks if tasks is None or task in tasks):
                base = bases.setdefault(_key(record, english_only[seed], task), len(bases))
                arm = _key(record, cells[key], task)
                positions.setdefault(key, []).append((n > 0, arm))
                if n > 0 and arm not in found:
                    found[arm] = _arm(record, cells[key], task, base)
    order = {key: position for position, key in enumerate(found)}
    return Arms(
        arms=tuple(found.values()),
        bases=tuple((key[0], key[1], key[3]) for key in bases),
        measured_by={
            cell: tuple(order[key] if trained else len(found) + bases[key] for trained, key in keys)
            for cell, keys in positions.items()
        },
    )


def _key(record: StudyRecord, cell: Cell, task: str) -> Key:
    return cell.model, cell.setting, cell.tasks, task, tuple(task_rows(record.study, cell, task).items())


def _arm(record: StudyRecord, cell: Cell, task: str, base: int) -> Arm:
    rows, english = task_rows(record.study, cell, task), record.study.languages.english
    return Arm(
        decision=(cell.model, cell.setting, task),
        languages=tuple(rows),
        samples_per_language=cell.samples_per_language or 0,
        rows=sum(rows.values()),
        other_rows=tuple((code, count) for code, count in rows.items() if code != english),
        base=base,
    )
