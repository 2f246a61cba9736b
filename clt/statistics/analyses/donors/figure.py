"""Effects of donors (rows) on languages (columns), a map for every task."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.donors.schema import DonorEffect, Donors, DonorsPart
from clt.statistics.rendering.formatting import Form, slug, words
from clt.statistics.rendering.svg import Cell, Drawing, Figure, heat_map


def figures(part: DonorsPart, context: Context) -> list[Figure]:
    """One map for every task and metric, in sorted order; models and settings stand below each other."""
    found = []
    for task, metric in shown_tasks(part):
        shown = [one for one in part.donors if (one.task, one.metric) == (task, metric) and one.effects]
        found.append((f"donors-{slug(f'{task} {metric}')}", _map(shown, context.digits.signed(task, metric))))
    return found


def shown_tasks(part: DonorsPart) -> list[tuple[str, str]]:
    """Task and metric of every map."""
    return sorted({(one.task, one.metric) for one in part.donors if one.effects})


def _map(shown: list[Donors], signed: Form) -> Drawing:
    codes = list(dict.fromkeys(effect.language for one in shown for effect in one.effects))
    values = [abs(effect.change.value or 0.0) for one in shown for effect in one.effects]
    largest = max(values, default=0.0) or 1.0
    settings = {one.setting for one in shown}
    rows = []
    for one in shown:
        by_donors: dict[str, dict[str, DonorEffect]] = {}
        for effect in one.effects:
            by_donors.setdefault("+".join(effect.donors), {})[effect.language] = effect
        where = " · ".join((one.model, words(one.setting)) if len(settings) > 1 else (one.model,))
        for name, effects in by_donors.items():
            rows.append((f"{name} · {where}", [_cell(effects.get(code), one.holds, largest, signed) for code in codes]))
    text = f"Effect of {shown[0].rows:,} rows of donors (rows) on languages (columns): {words(shown[0].task)}."
    return heat_map(rows, codes, text=text, corner="rows of")


def _cell(effect: DonorEffect | None, holds: bool, largest: float, signed: Form) -> Cell:
    if effect is None or effect.change.value is None:
        return Cell(text="n/a", strength=None)
    change = effect.change
    told = holds and ((change.low or 0.0) > 0 or (change.high or 0.0) < 0)
    return Cell(text=signed(change.value or 0.0), strength=(change.value or 0.0) / largest, underlined=told)
