"""What the command line shows about a study, as tables."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clt.local import CellStatus
from clt.planning import POWER_ASSUMPTIONS, CellCost, Detectable, MemoryFit, Outlook, Plan
from clt.study import format_duration, format_size

COLORS = {"done": "green", "running": "cyan", "failed": "red", "interrupted": "yellow", "missing": ""}


def console() -> Console:
    """Where tables go; not wrapped to the default 80 columns when the output is a file or a pipe."""
    out = Console(soft_wrap=False, highlight=False)
    return out if out.is_terminal else Console(width=200, highlight=False)


def plan_tables(plan: Plan) -> Iterable[Table | str]:
    """The cells with their costs, the totals, what the study could find, and what the reader should know."""
    table = Table(
        "cell", title=f"{plan.name}: {len(plan.cells)} cells for {plan.points} points of curves", title_justify="left"
    )
    for name in ("rows", "tokens", "steps", "items", "time", "GPU hours", "disk"):
        table.add_column(name, justify="right", no_wrap=True)
    for cost in plan.cells:
        table.add_row(*_cost_row(cost))
    yield table
    total = Table("together", "", show_header=False, title="Together", title_justify="left")
    for name, value in _totals(plan).items():
        total.add_row(name, value)
    yield total
    yield from _memory_parts(plan.memory)
    if plan.outlook is not None:
        yield from _outlook_parts(plan.outlook)
    yield from _power_parts(plan.detectable)
    yield from (f"Note: {note}" for note in plan.notes)


def _cost_row(cost: CellCost) -> tuple[str, ...]:
    return (
        cost.cell.key,
        f"{cost.rows:,}",
        short_count(cost.tokens),
        f"{cost.steps:,}",
        f"{cost.items:,}",
        format_duration(cost.seconds),
        f"{cost.gpu_hours:.1f}",
        format_size(cost.kept_bytes + cost.mixture_bytes),
    )


def _totals(plan: Plan) -> dict[str, str]:
    base = sum(cost.cell.is_base for cost in plan.cells)
    totals = {
        "cells, trained and base": f"{len(plan.cells) - base} and {base}",
        "points of curves": f"{plan.points:,}",
        "rows and tokens of training": f"{plan.rows:,} and {short_count(plan.tokens)}",
        "optimizer steps": f"{plan.steps:,}",
        "GPU hours": f"{plan.gpu_hours:,.1f}",
        "time, one cell after the other": format_duration(plan.seconds),
        f"time with {plan.workers} side by side": format_duration(plan.wall_seconds),
        "disk at the end and at most": f"{format_size(plan.kept_bytes)} and {format_size(plan.peak_bytes)}",
    }
    if (judge := plan.judge) is not None:
        tokens = f"{short_count(judge.prompt_tokens)} and {short_count(judge.completion_tokens)}"
        totals |= {"calls of the judge": f"{judge.calls:,}", "tokens it reads and writes, at most": tokens}
    return totals


def _memory_parts(fits: Sequence[MemoryFit]) -> Iterable[Table]:
    """What each model's jobs take of their accelerators and pods; of a CPU all is the pod's."""
    if not fits:
        return
    table = Table("model", "job", "accelerators", title="Memory, estimated", title_justify="left")
    for name in ("on each", "of", "activations", "of a pod", "of"):
        table.add_column(name, justify="right", no_wrap=True)
    activations = {None: "", True: "computed again", False: "held"}
    for fit in fits:
        table.add_row(
            fit.model,
            fit.kind,
            f"{fit.accelerators} x {fit.accelerator}",
            _size(fit.needed),
            "the pod's" if fit.accelerator.startswith("cpu") else _size(fit.room),
            activations[fit.checkpointing],
            _size(fit.pod_needed),
            _size(fit.pod_room),
        )
    yield table


def _size(count: int | None) -> str:
    return "not known" if count is None else format_size(count)


def _outlook_parts(outlook: Outlook) -> Iterable[Table | str]:
    """What of the study a store has, and why the rest is to be made."""
    if outlook.unknown:
        yield f"In {outlook.store}: cannot be said: {outlook.unknown}."
        return
    table = Table("step", title=f"In {outlook.store}", title_justify="left")
    for name in ("complete", "to do"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why")
    for step in outlook.steps:
        rest = [("", "")] if not step.reasons else [(str(count), escape(why)) for why, count in step.reasons.items()]
        for number, (count, why) in enumerate(rest):
            first = ("", "") if number else (step.step, f"{step.complete} of {step.total}")
            table.add_row(*first, count, why)
    yield table


def _power_parts(detectable: Sequence[Detectable]) -> Iterable[Table | str]:
    """The differences that the study could find, what that assumes, and where chance would look like an effect."""
    if not detectable:
        return
    table = Table("task", "metric", title="Smallest differences that it would find, 4 times in 5", title_justify="left")
    for name in ("items", "seeds", "languages", "S", "U", "English", "two curves"):
        table.add_column(name, justify="right", no_wrap=True)
    for measure in detectable:
        table.add_row(
            measure.task,
            measure.metric,
            f"{measure.items:,}",
            str(measure.seeds),
            f"{measure.trained_languages} + {measure.held_out_languages}",
            *(_difference(value, measure) for value in _differences(measure)),
        )
    yield table
    if any(measure.is_beyond_range(value) for measure in detectable for value in _differences(measure)):
        yield (
            "Warning: differences marked with ! are larger than the metric's whole range: the study cannot find any. "
            "Give more test items, languages or seeds."
        )
    yield (
        "S, U, English: change from n = 0 to one n > 0, in the mean of the trained, of the held-out languages (so many "
        "+ so many), and in English. Two curves: difference in the mean of all languages but English over every n > 0. "
        f"All {max(measure.contrasts for measure in detectable)} contrasts that the report can speak of first hold "
        "together at 5%, those of further metrics each for itself. pts: 1/100 of the metric's range."
    )
    yield f"Assumed: {POWER_ASSUMPTIONS}."
    if by_chance := {
        f"{_difference(measure.chance, measure)} ({measure.task}, {measure.metric})": None
        for measure in detectable
        if measure.chance
    }:
        yield (
            "Warning: no cell has a second seed. S changes by chance alone, from run to run, by up to about "
            f"{', '.join(by_chance)}; the report can tell it by runs at neighbouring n alone, or take runs to "
            "differ as the paper's did. Give two or more `seeds`."
        )


def _differences(measure: Detectable) -> tuple[float | None, ...]:
    return measure.trained, measure.held_out, measure.english, measure.between


def _difference(value: float | None, measure: Detectable) -> str:
    if value is None:
        return "-"
    if measure.range is None:
        return f"{value:.2f} sd"
    return f"{100 * value / measure.range:.1f} pts{' !' if measure.is_beyond_range(value) else ''}"


def status_table(cells: Sequence[CellStatus], title: str) -> Table:
    """One line a cell: its state, how long it took or since when it runs and how far it is, and its error."""
    table = Table("cell", "state", "time", "error", title=title, title_justify="left")
    for each in cells:
        key, state, time, error = _status_row(each)
        table.add_row(key, state, time, escape(error), style=COLORS[each.state.state])
    return table


def status_lines(cells: Sequence[CellStatus]) -> Iterable[str]:
    """The same without a frame and colours: laying out a table of 10,000 rows would take longer than reading them."""
    rows = [_status_row(each) for each in cells]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *short, error in rows:
        padded = (text.ljust(width) for text, width in zip(short, widths, strict=True))
        yield f"{'  '.join(padded)}  {error}".rstrip()


def _status_row(each: CellStatus) -> tuple[str, str, str, str]:
    time = f"{each.state.started} {each.progress}".strip() if each.seconds is None else format_duration(each.seconds)
    return each.cell.key, each.state.state, time, each.state.reason


def count_states(cells: Sequence[CellStatus]) -> str:
    """How many cells are in which state: "3 done, 1 failed"."""
    counts: Counter[str] = Counter(each.state.state for each in cells)
    return ", ".join(f"{counts[state]} {state}" for state in COLORS if counts[state])


def short_count(count: float) -> str:
    """A count in thousands or millions: 75000 is "75.0k"."""
    for unit in ("", "k", "M", "G"):
        if count < 1000:
            return f"{count:.0f}" if not unit else f"{count:.1f}{unit}"
        count /= 1000
    return f"{count:.1f}T"
