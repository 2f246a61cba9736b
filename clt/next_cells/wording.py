"""What was chosen, in words and in points."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from clt.next_cells.arms import Arm, Arms
from clt.next_cells.objectives import Z
from clt.next_cells.ordering import SMALLEST, Choice, Order, Problem
from clt.next_cells.proposal import Expectation, NextStep
from clt.study import StudyRecord

POINTS = 100  # in a metric's range
ENGLISH_ONLY = "English-only training"
Array = np.ndarray


def next_step(choice: Choice, problem: Problem, record: StudyRecord, worth: Array, objective: str) -> NextStep:
    """A choice as it is shown; `worth` by decision, see `Regret`."""
    curve, arms = problem.curves[choice.candidate.curve], problem.arms
    decision = int(np.argmax(choice.gains))
    told = [at for at, arm in enumerate(choice.measured) if arms.arms[arm].decision == arms.decisions[decision]]
    most = max(
        told or range(len(choice.measured)), key=lambda at: choice.variance_before[at] - choice.variance_after[at]
    )
    arm = arms.arms[choice.measured[most]]
    scale = 2 * Z * POINTS * worth[arms.decisions.index(arm.decision)]
    before, after = (scale * np.sqrt(each[most]) for each in (choice.variance_before, choice.variance_after))
    what = "improvement" if objective == "regret" else "change"
    return NextStep(
        kind=_kind(choice, problem, record),
        model=curve.model,
        setting=curve.setting,
        tasks=curve.tasks,
        mixture=curve.mixture,
        sample_sizes=choice.candidate.sample_sizes,
        seeds=choice.candidate.seeds,
        cells=choice.candidate.cells,
        hours=choice.hours,
        gain=choice.gain * POINTS,
        gain_per_hour=choice.gain * POINTS / max(choice.hours, 1e-9),
        resolves=f"{arm.decision[2]}: {what} by {_mixture(arm)}, interval {before:.1f} -> {after:.1f} points wide",
    )


def expectations(arms: Arms, about: Mapping[int, int | None], now: Array, order: Order) -> tuple[Expectation, ...]:
    """What is open of every decision that it is about; `about`: decision to the arm that is spoken of."""
    gains = sum((choice.gains for choice in order.choices), np.zeros(len(now)))
    return tuple(
        Expectation(
            model=arms.decisions[decision][0],
            setting=arms.decisions[decision][1],
            task=arms.decisions[decision][2],
            about=ENGLISH_ONLY if arm is None else _mixture(arms.arms[arm]),
            now=float(now[decision]) * POINTS,
            after=max(float(now[decision] - gains[decision]), 0.0) * POINTS,
        )
        for decision, arm in about.items()
    )


def statement(objective: str, expected: Sequence[Expectation], order: Order, unit: str) -> str:
    """What the steps are expected to do, or why there are none."""
    now, after = sum(each.now for each in expected), sum(each.after for each in expected)
    open_now = (
        f"the recommendations ({len(expected)}) are expected to miss the best mixtures by {now:.2f} points together"
        if objective == "regret"
        else f"the 95% interval of the claim is {now:.2f} points wide"
    )
    if order.choices:
        cells = sum(len(choice.candidate.cells) for choice in order.choices)
        more = "" if order.unaffordable is not None else " Nothing more is expected to be worth running."
        return f"Now {open_now}; after these {cells} cells {after:.2f}.{more}"
    if not order.considered and order.unaffordable is None:
        return f"Nothing is left to run: all cells that could be proposed are done. Now {open_now}."
    dearer = (
        ""
        if order.unaffordable is None
        else f" Others take more than was asked for: {order.unaffordable:.3g} {unit} or more."
    )
    return (
        f"Nothing is expected to be worth running: none of {order.considered} candidates would gain "
        f"{SMALLEST * POINTS:g} points. Now {open_now}.{dearer}"
    )


def base_note(keys: Sequence[str], hours: Callable[[str], float], unit: str) -> tuple[str, ...]:
    """What the evaluation of base models adds, as every run of a study does them too."""
    if not keys:
        return ()
    which = "the base model" if len(keys) == 1 else f"{len(keys)} base models"
    return (f"a run also evaluates {which}: {sum(map(hours, keys)):.3g} {unit} more",)


def _mixture(arm: Arm) -> str:
    return f"{'+'.join(arm.languages)} at n = {arm.samples_per_language:,}"


def _kind(choice: Choice, problem: Problem, record: StudyRecord) -> str:
    own, curve = {cell.key for cell in record.grid.cells}, problem.curves[choice.candidate.curve]
    if set(choice.candidate.cells) <= own:
        return "grid"
    if curve.mixture not in [mixture.name for mixture in record.study.mixtures]:
        return "single donor"
    return "further seed" if choice.candidate.is_seed else "new n"
