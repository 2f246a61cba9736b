"""Marks that stand over both parts of a chart: where a change began, where it was found, what was acknowledged."""

from dataclasses import dataclass

from clt.baselines.document import Series, Verdict, Word
from clt.baselines.page.places import Places
from clt.baselines.reading import changes_of, word_of
from clt.statistics import length


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Places on the x axis."""

    since: int | None  # the estimated begin of the open change, the earliest if there are several
    found: tuple[int, ...]  # where the evidence reached the threshold, also of changes that were acknowledged since
    acknowledged: tuple[int, ...]
    style: str  # improved or regressed: of the open change


def marks_of(series: Series, verdict: Verdict, places: Places) -> Marks:
    """The marks of one comparison; runs that the verdict does not list have none."""
    index = {run.id: number for number, run in enumerate(verdict.runs)}
    found = set(_crossings(series))
    opened = [change for change in changes_of(series) if change.since in index]
    found |= {index[change.found] for change in changes_of(series) if change.found in index}
    first = min(opened, key=lambda change: index[change.since], default=None)
    since = None if first is None else index[first.since]
    told = {
        index[event.run]
        for event in verdict.events
        if event.kind == "acknowledged" and event.run in index and event.comparison in (None, series.comparison.name)
    }
    return Marks(
        since=None if since is None else places.of_run(since),
        found=tuple(sorted({places.of_run(run) for run in found})),
        acknowledged=tuple(sorted({places.of_run(run) for run in told})),
        style="improved" if first is not None and word_of(series, first) is Word.IMPROVED else "regressed",
    )


def draw_marks(marks: Marks, x: list[float], right: float, top: float, bottom: float) -> str:
    """Under everything else: the shade of the open change and the lines."""
    parts = []
    if marks.since is not None:
        left = x[marks.since] - (x[marks.since] - x[marks.since - 1]) / 2 if marks.since else x[0]
        box = f'x="{length(left)}" y="{length(top)}" width="{length(right - left)}" height="{length(bottom - top)}"'
        parts.append(f'<rect class="after {marks.style}" {box}/>')
        parts.append(f'<path class="since" d="M{length(left)} {length(top)}V{length(bottom)}"/>')
    for place in marks.found:
        parts.append(f'<path class="found" d="M{length(x[place])} {length(top)}V{length(bottom)}"/>')
        parts.append(f'<path class="flag" d="M{length(x[place] - 4)} {length(top - 7)}h8l-4 7z"/>')
    for place in marks.acknowledged:
        parts.append(f'<path class="told" d="M{length(x[place])} {length(top)}V{length(bottom)}"/>')
        parts.append(f'<circle class="hollow" cx="{length(x[place])}" cy="{length(top - 3.5)}" r="3"/>')
    return "".join(parts)


def _crossings(series: Series) -> list[int]:
    """Runs at which the evidence reached the threshold."""
    crossed, before = [], False
    for run, evidence in enumerate(series.evidence):
        if evidence is None:
            continue
        if evidence >= series.threshold and not before:
            crossed.append(run)
        before = evidence >= series.threshold
    return crossed
