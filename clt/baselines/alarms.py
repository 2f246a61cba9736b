"""Changes that were found stay until somebody says what they were, however the study is edited meanwhile."""

from collections.abc import Iterable, Sequence

from clt.baselines.artifacts import EVERYTHING, Alarm, How, Note, manifests_below, place
from clt.baselines.comparisons import identity_of
from clt.baselines.document import Change, Verdict
from clt.baselines.reading import changes_of
from clt.store import Store

NEAR = 3  # runs between two estimates of where one change began


def keep_alarms(store: Store, verdict: Verdict) -> None:
    """Put the open changes of a verdict into the store; again is harmless."""
    started = {run.id: run.started for run in verdict.runs}
    for series in verdict.series:
        for change in changes_of(series):
            with store.writer(place(verdict.baseline, "alarms", change.id)) as attempt:
                Alarm(comparison=series.comparison, change=change, at=started[change.found]).write(attempt)


def kept_alarms(store: Store, name: str) -> list[Alarm]:
    """All changes that were ever found, oldest run first."""
    found = [Alarm.of(manifest) for manifest in manifests_below(store, name, "alarms")]
    return sorted(found, key=lambda alarm: (alarm.at, alarm.change.id))


def open_alarms(alarms: Iterable[Alarm], notes: Sequence[Note], order: dict[str, int]) -> list[Alarm]:
    """Those that nobody has acknowledged, by its id or by what was said of all comparisons since."""
    return [alarm for alarm in alarms if not any(_closes(note, alarm, order) for note in notes)]


def _closes(note: Note, alarm: Alarm, order: dict[str, int]) -> bool:
    if note.kind != "acknowledge":
        return False
    if note.change == alarm.change.id:
        return True
    since, first, last = (order.get(run, -1) for run in (alarm.change.since, note.since, note.until))
    if note.how is How.REPAIRED:  # its runs are set aside for all comparisons
        return first <= since <= last
    return note.key in (EVERYTHING, identity_of(alarm.comparison)) and since <= first


def same_change(one: Change, other: Change, order: dict[str, int]) -> bool:
    """Whether two estimates are of one change: in the same direction, and begun at about the same run."""
    apart = abs(order.get(one.since, -NEAR) - order.get(other.since, 2 * NEAR))
    return (one.size > 0) == (other.size > 0) and apart <= NEAR
