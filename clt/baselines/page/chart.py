"""The chart of a comparison: its means with the band where they were expected, and below it the evidence R."""

from clt.baselines.document import Series, Verdict
from clt.baselines.page.evidence_panel import evidence_panel
from clt.baselines.page.marks import Marks, draw_marks, marks_of
from clt.baselines.page.places import Places
from clt.baselines.page.series_panel import series_panel
from clt.baselines.page.wording import Numbers, RunNames, expected_text, last_value, value_text
from clt.baselines.reading import changes_of, evidence_ratio
from clt.statistics import Drawing, Frame, XAxis, words, x_axis

WIDTH = 360  # about a phone's
ABOVE = Frame(width=WIDTH, height=172, left=50, top=26, bottom=8, ticks=5)
BELOW = Frame(width=WIDTH, height=132, left=50, top=18, bottom=34)
MOST_LABELS = 8  # on the x axis
ROUND = (1, 2, 5, 10, 20, 50)  # places between two of them; there are never more than 180 places


def chart(series: Series, verdict: Verdict, places: Places) -> Drawing | None:
    """The chart of one comparison; None where no run has a value."""
    if last_value(series) is None:
        return None
    axis = _axis(verdict, places)
    x = XAxis(labels=(), places=range(places.count), title="").positions(ABOVE)
    marks = marks_of(series, verdict, places)
    height = ABOVE.height + BELOW.height
    under = draw_marks(marks, x, WIDTH - ABOVE.right, ABOVE.top - 10.0, height - BELOW.bottom)
    above = series_panel(series, verdict, places, x, ABOVE)
    below = evidence_panel(series, places, x, BELOW) + "".join(x_axis(axis, BELOW))
    body = f'{under}{above}<g transform="translate(0 {ABOVE.height})">{below}</g>'
    return Drawing(width=WIDTH, height=height, text=_text(series, verdict, marks, places), body=body)


def _axis(verdict: Verdict, places: Places) -> XAxis:
    """Numbers of runs: round ones, where every run has its own place, and both ends."""
    last = places.count - 1
    numbers = [verdict.runs[group[0]].number for group in places.groups]
    step = next(each for each in ROUND if each * MOST_LABELS >= places.count)
    counted = range(places.count) if places.grouped else numbers  # hardly any group begins at a round number
    shown = [place for place in range(places.count) if place in {0, last} or counted[place] % step == 0]
    title = "run"
    if places.grouped:
        title += f"; those before {verdict.runs[places.grouped].number} in groups of {places.size}"
    return XAxis(labels=[str(numbers[place]) for place in shown], places=shown, title=title)


def _text(series: Series, verdict: Verdict, marks: Marks, places: Places) -> str:
    """What the chart shows, for those who do not see it."""
    numbers, run = Numbers.of(series), RunNames.of(verdict)
    last = last_value(series)
    assert last is not None
    parts = [
        f"{series.comparison.name}, {words(series.comparison.metric)}: {series.word}",
        f"last value {value_text(series, numbers)} in {run(verdict.runs[last].id)}",
        f"expected {expected_text(series, numbers)}",
    ]
    if (ratio := evidence_ratio(series)) is not None:
        parts.append(f"evidence R at {ratio:.2g} of its threshold")
    for change in changes_of(series):
        parts.append(f"changed about {run(change.since)}, found at {run(change.found)}")
    alone = [str(verdict.runs[index].number) for index, stands in enumerate(series.stands_out) if stands]
    if alone:
        parts.append(f"{len(alone)} stood out alone, the last one run {alone[-1]}")
    if marks.acknowledged:
        numbered = verdict.runs[places.groups[marks.acknowledged[-1]][-1]].number
        parts.append(f"last acknowledged at run {numbered}")
    return "; ".join(parts)
