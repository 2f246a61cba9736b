"""What happened to a baseline, by run: alarms, runs that stand out, what people said, what it was made with."""

from collections.abc import Iterator, Sequence

from clt.baselines.artifacts import How, Note
from clt.baselines.document import Event, Series
from clt.baselines.history import History
from clt.baselines.reading import changes_of
from clt.baselines.wording import amount

SHOWN = 3  # differences that an event names


def events_of(history: History, series: Sequence[Series]) -> list[Event]:
    """Oldest first: by run, and of one run in the order in which they can have happened."""
    order = history.order
    found = [*_made_otherwise(history), *_outliers(history, series), *_alarms(history, series), *_said(history)]
    return sorted(found, key=lambda event: order.get(event.run, len(order)))


def _made_otherwise(history: History) -> Iterator[Event]:
    for before, run in zip(history.runs, history.runs[1:], strict=False):
        names = sorted(
            name
            for name in before.made_with.keys() | run.made_with.keys()
            if before.made_with.get(name) != run.made_with.get(name)
        )
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            text = f"made with other {', '.join(names[:SHOWN])}{more}"
            yield Event(run=run.run, at=run.started, kind="differs", text=text)


def _outliers(history: History, series: Sequence[Series]) -> Iterator[Event]:
    """Runs that stood out and were not the beginning of a change."""
    for each in series:
        last = len(each.stands_out) - 1
        changed = last + 1 if each.change is None else history.order[each.change.since]
        for index, stands_out in enumerate(each.stands_out[:changed]):
            after = each.stands_out[index + 1] if index < last else None
            if stands_out and after is False and not (index and each.stands_out[index - 1]):
                run = history.runs[index]
                text = f"{each.comparison.name} stood out once ({amount(each.values[index])}) and was back in the next"
                yield Event(run=run.run, at=run.started, kind="stands out", text=text, comparison=each.comparison.name)


def _alarms(history: History, series: Sequence[Series]) -> Iterator[Event]:
    """Open changes, and those that were found before and are acknowledged."""
    started = {run.run: run.started for run in history.runs}
    found = {alarm.change.id: (alarm.comparison, alarm.change) for alarm in history.alarms}
    for each in series:
        found |= {change.id: (each.comparison, change) for change in changes_of(each)}
    for comparison, change in found.values():
        if change.found in started:
            text = f"{comparison.name} moved by {amount(change.size, signed=True)}, since {change.since}"
            yield Event(run=change.found, at=started[change.found], kind="alarm", text=text, comparison=comparison.name)


def _said(history: History) -> Iterator[Event]:
    for note in history.notes:
        because = f": {note.because}" if note.because else ""
        if note.kind == "pin":
            text = f"{note.run} is the reference from here on{because}"
            yield Event(run=note.until or note.run, at=note.at, kind="pinned", text=text)
        else:
            text, named = _acknowledged(note) + because, note.comparison or None
            yield Event(run=note.run, at=note.at, kind="acknowledged", text=text, comparison=named)


def _acknowledged(note: Note) -> str:
    if not note.change:
        return f"all comparisons start anew at {note.since}"
    how = "is the new level" if note.how is How.NEW_LEVEL else "was a fault and is repaired"
    return f"the change of {note.comparison} since {note.since} {how}"
