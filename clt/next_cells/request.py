"""What is asked for: hours, and what the cells are run for."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal, Self, get_args

from clt.errors import UserError
from clt.next_cells.curves import Curve
from clt.study import Study, canonical_or_same

Measure = Literal["S", "U", "EN"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
LISTED = 8  # curves in a message
FIELDS = ("model", "setting", "task", "mixture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The change of one measure from English-only training to one n of one curve."""

    measure: Measure
    fields: tuple[tuple[str, str], ...]  # of FIELDS, that choose the curve
    n: int | None  # None: the curve's largest

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `model=base-8b,task=tickets,measure=U,n=1000`, as in `clt plan --cells`.

        Raises UserError for a field or a value that is none.
        """
        values: dict[str, str] = {}
        for part in text.split(","):
            name, equals, value = (each.strip() for each in part.partition("="))
            if not equals or name not in (*FIELDS, "measure", "n") or not value:
                fields = ", ".join((*FIELDS, "measure", "n"))
                raise UserError(f"--claim {text}: got {part.strip()!r}, expected FIELD=VALUE with one of {fields}")
            values[name] = value
        given, n = values.pop("measure", ""), values.pop("n", None)
        measure = next((name for name in MEASURES if name == given), None)
        if measure is None:
            raise UserError(f"--claim {text}: measure: got {given!r}, expected one of {', '.join(MEASURES)}")
        if n is not None and not (n.isdecimal() and int(n)):
            raise UserError(f"--claim {text}: n: got {n!r}, expected rows per language, 1 or more")
        return cls(measure=measure, fields=tuple(values.items()), n=None if n is None else int(n))

    def curve(self, curves: list[Curve]) -> tuple[Curve, str]:
        """The one curve and task that is meant; UserError if there are none or several."""
        every = [(curve, task) for curve in curves for task in curve.tasks]
        found = [(curve, task) for curve, task in every if dict(self.fields).items() <= _fields(curve, task).items()]
        if len(found) != 1:
            given = _joined(dict(self.fields)) or "no field"
            listed = [_joined(_fields(curve, task)) for curve, task in (found or every)[:LISTED]]
            more = "; ..." if len(found or every) > LISTED else ""
            raise UserError(f"--claim: {given} means {len(found)} curves, expected one of: {'; '.join(listed)}{more}")
        return found[0]

    def languages(self, study: Study, curve: Curve, task: str) -> tuple[str, ...]:
        """The languages that the measure is a mean over; UserError if there are none."""
        english, evaluated = study.languages.english, study.evaluated(task)
        own = study.mixture(curve.mixture).languages
        trained = [code for code in (study.languages.train if own is None else own) if code in evaluated]
        held_out = [code for code in evaluated if code != english and code not in trained]
        chosen = {"EN": [english], "S": trained, "U": held_out}[self.measure]
        if not chosen:
            raise UserError(f"--claim: {curve.name} has no language that {self.measure} is a mean over")
        return tuple(chosen)


def _fields(curve: Curve, task: str) -> dict[str, str]:
    return dict(zip(FIELDS, (curve.model, curve.setting, task, curve.mixture), strict=True))


def _joined(fields: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in fields.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRequest:
    """What may be spent, and on what.

    Attributes:
        hours: GPU hours (of a study without a GPU: hours of its processors) that may be spent.
        budget: Rows of a task at most in a mixture that may be recommended; None: no limit.
        targets: Language codes whose mean is to improve; empty: every evaluated language but English.
        claim: Narrow this claim's interval instead.
        new: Whether cells may be proposed that are not in the study's grid.
    """

    hours: float
    budget: int | None = None
    targets: tuple[str, ...] = ()
    claim: Claim | None = None
    new: bool = True

    def __post_init__(self) -> None:
        if not (isfinite(self.hours) and self.hours > 0):
            raise UserError(f"--gpu-hours: got {self.hours:g}, expected a number of hours above 0")
        if self.budget is not None and self.budget < 1:
            raise UserError(f"--budget: got {self.budget}, expected a number of rows, 1 or more")
        if self.claim is not None and (self.budget is not None or self.targets):
            raise UserError("--claim: expected no --budget and no --target beside it: a claim names its languages")

    def targets_by_task(self, study: Study) -> dict[str, tuple[str, ...]]:
        """The targets of every task that evaluates all of them; UserError for a language that is not evaluated."""
        english, evaluated = study.languages.english, study.languages.evaluate
        asked = tuple(dict.fromkeys(canonical_or_same(code) for code in self.targets))
        for given, code in zip(self.targets, map(canonical_or_same, self.targets), strict=True):
            if code not in evaluated:
                raise UserError(f"--target: got {given!r}, expected evaluated languages: {', '.join(evaluated)}")
        by_task = {
            task: asked or tuple(code for code in study.evaluated(task) if code != english) for task in study.tasks
        }
        able = {task: codes for task, codes in by_task.items() if codes and set(codes) <= set(study.evaluated(task))}
        if not able and not asked:
            raise UserError("languages.evaluate: got English alone, expected a language to recommend for")
        if not able:
            raise UserError(f"--target: no task evaluates all of {', '.join(asked)}")
        return able
