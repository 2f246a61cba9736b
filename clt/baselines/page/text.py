"""The verdict as a terminal shows it."""

from collections import Counter
from io import StringIO

from rich.console import Console
from rich.table import Table

from clt.baselines.document import Series, Verdict
from clt.baselines.page.wording import (
    MARKS,
    NONE,
    Numbers,
    RunNames,
    bits_text,
    change_text,
    compared_runs,
    difference_text,
    expected_text,
    has_moved,
    in_order,
    resume_text,
    size_text,
    value_text,
    visible_text,
)
from clt.baselines.reading import acknowledge_command, changes_of, word_of

COLUMNS = ("last", "change, 95% interval", "since about", "expected", "finds drops of")
ROOM = 110  # columns of a terminal below which the last two are left out
ANCHORS = "The judge, on fixed answers"
MOST = 12  # differences


def verdict_text(verdict: Verdict, width: int = 120, *, every: bool = False) -> str:
    """Word, sentence, what differs, and a table of the primary comparison and of those that moved or stand out.

    Args:
        verdict: The verdict after the last run.
        width: Columns of the terminal; longer sentences and cells are wrapped, and a narrow one gets a narrow table.
        every: All comparisons in the table; else the others are counted.

    Returns:
        Lines of plain text.
    """
    run = RunNames.of(verdict)
    out = Console(file=StringIO(), width=width, highlight=False, markup=False, emoji=False)
    out.print(f"{MARKS[verdict.word]} {verdict.baseline}: {verdict.word}")
    for line in (verdict.sentence, *verdict.notes):
        out.print(line)
    if resume := resume_text(verdict, run):
        out.print(resume, soft_wrap=True)  # a command is one line, to be copied
    for line in _differences(verdict, run):
        out.print(line)
    primary, moved, others, anchors = in_order(verdict.series)

    def is_told(series: Series) -> bool:
        return every or has_moved(series)

    told = [*primary, *moved, *filter(is_told, others)]
    for title, group in (("Comparisons", told), (ANCHORS, list(filter(is_told, anchors)))):
        if group:
            out.print(_table(title, group, run, width))
    if left := Counter(each.word for each in (*others, *anchors) if not is_told(each)):
        out.print(f"and {left.total()} others: " + ", ".join(f"{count} {word}" for word, count in sorted(left.items())))
    opened = [(each, change) for each in (*told, *anchors) for change in changes_of(each)]
    for each, change in opened:
        word = word_of(each, change)
        out.print(f"open change {change.id}: {MARKS[word]} {each.comparison.name}: {word} {change_text(change, run)}")
    if opened:
        command = acknowledge_command(verdict.baseline, [change for _, change in opened])
        out.print(f"once you know what it was: {command}", soft_wrap=True)
    assert isinstance(out.file, StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().splitlines()) + "\n"


def _differences(verdict: Verdict, run: RunNames) -> list[str]:
    between = compared_runs(verdict)
    if between is None:
        return [bits_text(verdict, run)]
    listed = [f"  {difference_text(each, run)}" for each in verdict.differences[:MOST]]
    if len(verdict.differences) > MOST:
        listed.append(f"  and {len(verdict.differences) - MOST} more")
    head = f"differs between {run(between[0].id)} and {run(between[1].id)}:"
    return [bits_text(verdict, run), head if listed else f"{head} nothing that is recorded", *listed]


def _table(title: str, group: list[Series], run: RunNames, width: int) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("comparison", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    for name in COLUMNS if width >= ROOM else COLUMNS[:3]:
        table.add_column(name, justify="right")
    for series in group:
        cells = [series.comparison.name, f"{MARKS[series.word]} {series.word}", *_numbers(series, run)]
        table.add_row(*cells[: len(table.columns)])
    return table


def _numbers(series: Series, run: RunNames) -> list[str]:
    """The cells of `COLUMNS`."""
    numbers, change = Numbers.of(series), series.change
    return [
        value_text(series, numbers),
        NONE if change is None else size_text(change, numbers),
        NONE if change is None else run(change.since).partition(" (")[0],
        expected_text(series, numbers),
        visible_text(series, numbers),
    ]
