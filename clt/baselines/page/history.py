"""history.html: all runs of a baseline, one self-contained file that needs no script."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from clt.baselines.document import Change, Series, Verdict, Word
from clt.baselines.page.chart import chart
from clt.baselines.page.places import RECENT, Places
from clt.baselines.page.wording import (
    MARKS,
    Numbers,
    RunNames,
    about,
    bits_text,
    change_text,
    compared_runs,
    expected_text,
    in_order,
    paired_text,
    pinned_text,
    resume_text,
    since_text,
    value_text,
    visible_text,
)
from clt.baselines.reading import acknowledge_command, changes_of, short_checksums, word_of
from clt.statistics import many, page_style, templates

HERE = Path(__file__).parent
MOST_OPEN = 9  # charts of comparisons that did not move, before they are folded
LAST_RUNS = 60  # rows of the table of runs
LAST_EVENTS = 60
FIRST_DIFFERENCES = 12  # before the rest is folded


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChange:
    """An open change as the page shows it."""

    id: str
    word: Word
    mark: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A comparison as the page shows it."""

    series: Series
    mark: str
    about: str
    value: str
    expected: str
    visible: str
    paired: str
    changes: list[OpenChange]
    chart: Markup | None  # None: no run has a value


def render_history(verdict: Verdict) -> str:
    """The whole page. Equal verdicts give equal bytes.

    Its size does not grow with the number of runs: the last 120 are drawn one by one and older ones in 60 groups, and
    the tables of runs and of events have their last 60 rows.

    Args:
        verdict: The verdict after the last run.

    Returns:
        HTML.
    """
    names, places = RunNames.of(verdict), Places.of(len(verdict.runs))
    primary, moved, others, anchors = (
        [_row(series, verdict, names, places) for series in group] for group in in_order(verdict.series)
    )
    opened = [change for series in verdict.series for change in changes_of(series)]
    return (
        templates()
        .from_string((HERE / "history.html").read_text(encoding="utf-8"))
        .render(
            v=verdict,
            css=Markup(page_style() + (HERE / "history.css").read_text(encoding="utf-8")),
            run=names,
            many=many,
            mark=MARKS[verdict.word],
            since=since_text(verdict, names),
            bits=bits_text(verdict, names),
            pinned=pinned_text(verdict, names),
            compared=compared_runs(verdict),
            resume=resume_text(verdict, names),
            short=short_checksums,
            acknowledge=acknowledge_command(verdict.baseline, opened),
            first_differences=FIRST_DIFFERENCES,
            system=[*primary, *moved, *others],
            charts=[
                ("The primary comparison" + (", and what moved or stands out" if moved else ""), [*primary, *moved]),
                ("The other comparisons", others),
            ],
            most_open=MOST_OPEN,
            anchors=anchors,
            places=places,
            recent=RECENT,
            in_control=sum(each.used == "in control" for each in verdict.runs),
            events=verdict.events[::-1][:LAST_EVENTS],
            runs=verdict.runs[::-1][:LAST_RUNS],
        )
    )


def _row(series: Series, verdict: Verdict, names: RunNames, places: Places) -> Row:
    numbers = Numbers.of(series)
    drawing = chart(series, verdict, places)
    return Row(
        series=series,
        mark=MARKS[series.word],
        about=about(series.comparison),
        value=value_text(series, numbers),
        expected=expected_text(series, numbers),
        visible=visible_text(series, numbers),
        paired=paired_text(series, numbers),
        changes=[_open_change(series, change, names) for change in changes_of(series)],
        chart=None if drawing is None else drawing.inline(),
    )


def _open_change(series: Series, change: Change, names: RunNames) -> OpenChange:
    word = word_of(series, change)
    return OpenChange(id=change.id, word=word, mark=MARKS[word], text=change_text(change, names))
