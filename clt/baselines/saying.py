"""What people say of a baseline: which run is the reference, and what became of a change."""

from collections.abc import Sequence
from datetime import UTC, datetime

from clt.baselines.artifacts import EVERYTHING, CompleteRun, How, Note, place
from clt.baselines.comparisons import comparisons_of, identity_of, keys_of
from clt.baselines.document import Change, Comparison, Paired, Verdict
from clt.baselines.history import History, read_history
from clt.baselines.judging import paired_difference
from clt.baselines.reading import changes_of
from clt.baselines.verdict import judge_baseline
from clt.errors import UserError
from clt.store import Store, read_record
from clt.study import Study

SHOWN = 20  # runs that a message names


def pin(store: Store, name: str, run: str, because: str = "") -> None:
    """Make a run the one that later ones are shown beside.

    Raises:
        UserError: No complete run of this baseline, or one that lacks what the baseline watches now.
    """
    history = read_history(store, name)
    chosen = history.runs[_index(history, run)]
    _require_comparable(history, chosen, read_record(store, history.study_key).study)
    _say(store, name, Note(number=0, kind="pin", run=run, at=_now(), until=history.runs[-1].run, because=because))


def acknowledge(
    store: Store, name: str, changes: Sequence[str], how: How, because: str = "", *, since: str | None = None
) -> list[str]:
    """Say what became of open changes: by their ids, or of all with none given; or of all comparisons since a run.

    Args:
        store: Where the baseline is.
        name: Its name.
        changes: Ids of open changes.
        how: A new level, from which on everything starts anew; or a fault that is repaired, whose runs are set aside.
        because: Why.
        since: The first run of a new level of all comparisons, whether or not a change was found: after other test
            items, for example. Not with `changes`.

    Returns:
        What was said, a sentence each.

    Raises:
        UserError: No such change is open, with those that are; or no such run.
    """
    history = read_history(store, name)
    if since is not None:
        if changes or how is not How.NEW_LEVEL:
            raise UserError("got a run beside changes or `repaired`, expected a run and `new-level` alone")
        _index(history, since)
        note = Note(
            number=0, kind="acknowledge", run=history.runs[-1].run, at=_now(), key=EVERYTHING, since=since, how=how,
            because=because,
        )  # fmt: skip
        _say(store, name, note)
        return [f"all comparisons start anew at {since}"]
    open_ones = _open_changes(judge_baseline(store, name))
    if unknown := [change for change in changes if change not in open_ones]:
        known = ", ".join(open_ones) or "there is none"
        raise UserError(f"got {unknown[0]!r}, expected an open change of baseline {name}: {known}")
    if not open_ones:
        raise UserError(f"baseline {name} has no open change; there is nothing to acknowledge")
    said = []
    for chosen in dict.fromkeys(changes or open_ones):
        comparison, change = open_ones[chosen]
        note = Note(
            number=0,
            kind="acknowledge",
            run=history.runs[-1].run,
            at=_now(),
            change=change.id,
            comparison=comparison.name,
            key=identity_of(comparison),
            since=change.since,
            until=change.until,
            how=how,
            because=because,
        )
        _say(store, name, note)
        said.append(f"{comparison.name}: acknowledged, since {change.since} ({how})")
    return said


def _open_changes(verdict: Verdict) -> dict[str, tuple[Comparison, Change]]:
    """By id."""
    return {change.id: (series.comparison, change) for series in verdict.series for change in changes_of(series)}


def compare(store: Store, name: str, run: str, beside: str) -> list[tuple[str, Paired]]:
    """Two runs of a baseline over the items that both have: `run` - `beside`, by comparison, the primary one first.

    Raises:
        UserError: No complete run of this baseline, or one that lacks what the baseline watches now.
    """
    history = read_history(store, name)
    study = read_record(store, history.study_key).study
    first, second = _index(history, beside), _index(history, run)
    for index in (first, second):
        _require_comparable(history, history.runs[index], study)
    found = []
    for comparison in comparisons_of(study):
        difference = paired_difference(history.paired(comparison, first, second), beside)
        if difference is not None:
            found.append((comparison.name, difference))
    return found


def _index(history: History, run: str) -> int:
    names = [each.run for each in history.runs]
    if run in names:
        return names.index(run)
    if run in [each.run for each in history.incomplete]:
        raise UserError(f"run {run} of baseline {history.name} has cells without scores; complete it, or take another")
    shown = names if len(names) <= SHOWN else [*names[:3], "...", *names[3 - SHOWN :]]
    raise UserError(f"got {run!r}, expected a complete run of baseline {history.name}: {', '.join(shown)}")


def _require_comparable(history: History, run: CompleteRun, study: Study) -> None:
    """UserError if the run does not have all that the baseline's last study watches."""
    lacking = [
        comparison.name
        for comparison in comparisons_of(study)
        if not comparison.anchors and not any(key in run.means for key in keys_of(comparison))
    ]
    if lacking:
        newest = history.runs[-1]
        there, here = run.made_with, newest.made_with
        unlike = [
            f"  {name}: {there.get(name, 'nothing')} there, {here.get(name, 'nothing')} in {newest.run}"
            for name in sorted(there.keys() | here.keys())
            if name.startswith(("study", "model")) and here.get(name) != there.get(name)
        ]
        raise UserError(
            f"run {run.run} is of another study than baseline {history.name} watches now: it has no scores of "
            f"{lacking[0]}{f' and {len(lacking) - 1} more' if len(lacking) > 1 else ''}\n" + "\n".join(unlike)
        )


def _say(store: Store, name: str, note: Note) -> None:
    """Under the next number; one after the other."""
    with store.lock(f"baseline-{name}", wait=True):
        numbers = [int(key.rpartition("/")[2]) for key in store.keys(place(name, "notes"))]
        number = 1 + max(numbers, default=0)
        with store.writer(place(name, "notes", f"{number:06d}")) as attempt:
            note.model_copy(update={"number": number}).write(attempt)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
