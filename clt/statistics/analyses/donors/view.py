"""The maps of effects, what rows are worth, and the division of a budget."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.donors.answer import worth_of
from clt.statistics.analyses.donors.figure import shown_tasks
from clt.statistics.analyses.donors.schema import Allocation, Donors, DonorsPart
from clt.statistics.rendering.formatting import words

SHORT = 3  # names that are listed


def view(part: DonorsPart, context: Context) -> dict[str, Any] | None:
    if not part.donors:
        return None
    tasks = [task for task, _ in shown_tasks(part)]
    drawings = [drawing.inline(natural=True) for _, drawing in context.figures]
    open_questions: dict[str, list[str]] = {}
    for one in part.donors:
        for statement in one.not_identified:
            open_questions.setdefault(statement, []).append(_name(one))
    return {
        "maps": [(words(task), drawing) for task, drawing in zip(tasks, drawings, strict=True)],
        "pairs": part.donors[0].pairs,
        "named": sum(effect.named for one in part.donors for effect in one.effects),
        "largest": " or ".join(f"{rows:,}" for rows in sorted({one.rows for one in part.donors})),
        "worths": [
            f"{_name(one)}: {said}"
            for one in part.donors
            for effect in one.effects
            if effect.named and (said := worth_of(one, effect))
        ],
        "open": [(statement, _where(names)) for statement, names in open_questions.items()],
        "allocations": [
            {
                "one": one,
                "name": _name(one),
                "asked": _asked(one),
                "signed": context.digits.signed(one.task, one.metric),
                "plain": context.digits.plain(one.task, one.metric),
            }
            for one in part.allocations
        ],
    }


def _name(one: Donors | Allocation) -> str:
    return f"{words(one.task)} · {one.model} · {words(one.setting)}"


def _where(names: list[str]) -> str:
    return "; ".join(names) if len(names) <= SHORT else f"in {len(names)} combinations of task, model and setting"


def _asked(one: Allocation) -> str:
    """What the division is for, in words."""
    budget = (
        "no limit"
        if one.budget is None
        else f"at most {one.budget:,} {'for ' if one.prices else ''}{one.budget_counts}"
    )
    prices = f"prices {_pairs(one.prices)}, else 1" if one.prices else ""
    margin = ""
    if one.english_may_fall is not None:
        share = f"{100 * (one.english_margin or 0.0):g}% of the metric's range, or of English-only training's score"
        margin = f"English may fall by {one.english_may_fall:.3g}: {share} if it has none"
    return "; ".join(filter(None, (budget, prices, f"weights {_pairs(one.weights)}", margin)))


def _pairs(values: dict[str, float]) -> str:
    return ", ".join(f"{code} {value:g}" for code, value in values.items())
