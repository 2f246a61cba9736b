"""The verdict in short, as Kubeflow's run page shows it."""

from collections.abc import Sequence

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
    in_order,
    paired_text,
    pinned_text,
    resume_text,
    size_text,
    value_text,
    visible_text,
)
from clt.baselines.reading import acknowledge_command, changes_of, word_of
from clt.statistics import markdown_table, markdown_text

HEAD = ("comparison", "verdict", "last value", "expected", "change", "drop that would be found")
MOST = 30  # differences; history.html has all


def verdict_markdown(verdict: Verdict) -> str:
    """Word, sentence, what differs, open changes and a table of the comparisons.

    Args:
        verdict: The verdict after the last run.

    Returns:
        Markdown.
    """
    run = RunNames.of(verdict)
    lines = [f"# {MARKS[verdict.word]} {verdict.word}: {markdown_text(verdict.baseline)}", ""]
    lines += [markdown_text(verdict.sentence), ""]
    lines += [*(f"- {markdown_text(note)}" for note in verdict.notes), ""] if verdict.notes else []
    lines += [markdown_text(resume), ""] if (resume := resume_text(verdict, run)) else []
    lines += _differences(verdict, run)
    primary, moved, others, anchors = in_order(verdict.series)
    lines += _opened(verdict, [*primary, *moved, *others, *anchors], run)
    lines += _table("Comparisons", [*primary, *moved, *others], (*HEAD, pinned_text(verdict, run)))
    lines += _table("The judge, on fixed answers", anchors, (*HEAD, pinned_text(verdict, run)))
    return "\n".join(lines)


def _opened(verdict: Verdict, series: Sequence[Series], run: RunNames) -> list[str]:
    """A section: every open change with its id, and what to do; nothing without any."""
    opened = [(each, change) for each in series for change in changes_of(each)]
    if not opened:
        return []
    listed = [
        f"- {MARKS[word]} {markdown_text(each.comparison.name)}: {word} {markdown_text(change_text(change, run))}; "
        f"id `{change.id}`"
        for each, change in opened
        for word in [word_of(each, change)]
    ]
    command = acknowledge_command(verdict.baseline, [change for _, change in opened])
    return ["## Open changes", "", *listed, "", f"Once you know what it was: `{command}`", ""]


def _differences(verdict: Verdict, run: RunNames) -> list[str]:
    between = compared_runs(verdict)
    head = "What differs" if between is None else f"What differs between {run(between[0].id)} and {run(between[1].id)}"
    listed = [f"- {markdown_text(difference_text(each, run))}" for each in verdict.differences[:MOST]]
    if len(verdict.differences) > MOST:
        listed.append(f"- and {len(verdict.differences) - MOST} more: see the history")
    if between is not None and not listed:
        listed = ["- nothing that is recorded"]
    return [f"## {head}", "", markdown_text(bits_text(verdict, run)), "", *listed, ""]


def _table(heading: str, group: list[Series], head: Sequence[str]) -> list[str]:
    """A section; nothing without comparisons."""
    table = markdown_table(head, [_row(series) for series in group])
    note = ["", "95% intervals. What stands beside an earlier run is never the reason for an alarm.", ""]
    return [f"## {heading}", "", *table, *note] if table else []


def _row(series: Series) -> list[str]:
    numbers = Numbers.of(series)
    return [
        series.comparison.name,
        f"{MARKS[series.word]} {series.word}",
        value_text(series, numbers),
        expected_text(series, numbers),
        NONE if series.change is None else size_text(series.change, numbers),
        visible_text(series, numbers),
        paired_text(series, numbers),
    ]
