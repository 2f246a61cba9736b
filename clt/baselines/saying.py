"""What people say of a baseline: which run is the reference, and what became of a change."""

from collections.abc import Sequence
from datetime import UTC, datetime

from clt.baselines.artifacts import CompleteRun, How, Note, place
from clt.baselines.comparisons import comparisons_of, identity_of, keys_of
from clt.baselines.document import Paired, Series
from clt.baselines.history import History, read_history
from clt.baselines.judging import paired_difference
from clt.baselines.verdict import judge_baseline
from clt.errors import UserError
from clt.store import Store, read_record
from clt.study import Study


def pin(store: Store, name: str, run: str, because: str = "") -> None:
    """Make a run the one that later ones are shown beside.

    Raises:
        UserError: No complete run of this baseline, or one that lacks what the baseline watches now.
    """
    history = read_history(store, name)
    chosen = history.runs[_index(history, run)]
    _require_comparable(history, chosen, read_record(store, history.study_key).study)
    _say(store, name, Note(number=0, kind="pin", run=run, at=_now(), because=because))


def acknowledge(store: Store, name: str, changes: Sequence[str], how: How, because: str = "") -> list[Series]:
    """Say what became of open changes: by their ids, or of all with none given.

    Returns:
        What was acknowledged.

    Raises:
        UserError: No such change is open, with those that are.
    """
    verdict = judge_baseline(store, name)
    open_ones = {each.change.id: each for each in verdict.series if each.change is not None}
    if unknown := [change for change in changes if change not in open_ones]:
        known = ", ".join(open_ones) or "there is none"
        raise UserError(f"got {unknown[0]!r}, expected an open change of baseline {name}: {known}")
    if not open_ones:
        raise UserError(f"baseline {name} has no open change; there is nothing to acknowledge")
    last = [run.id for run in verdict.runs if run.state == "complete"][-1]
    chosen = [open_ones[change] for change in changes or open_ones]
    for each in chosen:
        assert each.change is not None, "only open changes were taken"
        note = Note(
            number=0,
            kind="acknowledge",
            run=last,
            at=_now(),
            change=each.change.id,
            comparison=each.comparison.name,
            key=identity_of(each.comparison),
            since=each.change.since,
            how=how,
            because=because,
        )
        _say(store, name, note)
    return chosen


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
    raise UserError(f"got {run!r}, expected a complete run of baseline {history.name}: {', '.join(names[-20:])}")


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
