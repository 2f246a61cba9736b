"""How a verdict is said."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from clt.baselines.document import Run, Series, Word
from clt.baselines.history import History

NAMED = 3  # changes that the sentence names
SHOWN = 5  # tasks and languages that a note names


def amount(value: float | None, *, signed: bool = False) -> str:
    """A score for people: three decimals below 2, two above."""
    if value is None:
        return "no score"
    return f"{value:{'+' if signed else ''}.{3 if abs(value) <= 2 else 2}f}"


def sentence_of(word: Word, series: Sequence[Series], runs: Sequence[Run], missing: int) -> str:
    """The verdict, a line or two."""
    if not series:
        return "No run is complete yet."
    if word in (Word.REGRESSED, Word.IMPROVED):
        moved = [each for each in series if each.word is word and not each.comparison.anchors]
        named = "; ".join(map(_moved, moved[:NAMED]))
        more = f"; and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
        return f"{named}{more}."
    last, primary = runs[-1], series[0]
    if last.state == "incomplete":
        return f"Run {last.id} has cells without scores, and no verdict is made of a part."
    if last.used == "set aside":
        return "The last run is one of those whose fault is said to be repaired; the next one tells."
    if judged := [each for each in series if each.comparison.anchors and each.change is not None]:
        name = judged[0].comparison.name
        return f"{name} moved: what the judge says of new answers is no evidence until that is acknowledged."
    if missing:
        return (
            f"{missing} more run{'s' if missing > 1 else ''} until `unchanged` can be said; nothing has moved so far."
        )
    if primary.values[-1] is None:
        return f"{primary.comparison.name} has no score in the last run."
    if primary.stands_out[-1]:
        return (
            f"{primary.comparison.name} stands out in the last run ({amount(primary.values[-1])}, expected "
            f"{amount(primary.low[-1])} to {amount(primary.high[-1])}); one run alone is no alarm, the next one tells."
        )
    return _nothing_moved(word, series)


def _nothing_moved(word: Word, series: Sequence[Series]) -> str:
    primary, others = series[0], [each for each in series[1:] if each.word is Word.CANNOT_TELL]
    rest = f" {len(others)} of {len(series) - 1} other comparisons cannot tell yet." if others else ""
    if primary.visible_drop is None:
        return (
            f"Nothing has moved by more than chance, but runs differ too much to say what would have been seen.{rest}"
        )
    seen = f"a lasting drop of {amount(primary.visible_drop)} would have been found by now"
    if word is Word.UNCHANGED:
        return f"Nothing moved by more than chance; in {primary.comparison.name} {seen}.{rest}"
    return f"Nothing has moved by more than chance, but in {primary.comparison.name} only {seen}.{rest}"


def notes_of(history: History, series: Sequence[Series], runs: Sequence[Run]) -> Iterator[str]:
    """What the reader should know beside the verdict."""
    if runs and runs[-1].state == "incomplete" and history.runs:
        yield f"run {runs[-1].id} is not complete: the verdict is that of the runs before"
    for each in series:
        if each.comparison.anchors and each.change is not None:
            where = f"{each.comparison.task} in {each.comparison.languages[0]}"
            yield (
                f"the judge rates fixed answers of {where} otherwise since {each.change.since}: what it says of new "
                "answers is no evidence"
            )
    yield from _item_notes(history, series)
    for each in series:
        change = each.change
        if change is not None and change.until not in ("", history.runs[-1].run):
            levels = f"{amount(each.values[-1])}; {amount(change.before)} before it, {amount(change.after)} after"
            yield f"{each.comparison.name}: the last run is not where the change of {change.since} led ({levels})"


def _item_notes(history: History, series: Sequence[Series]) -> Iterator[str]:
    """Which test items changed, since which run, and what has none in common any more."""
    changed: dict[str, str] = {}  # task and language -> the last run with other items than the one before it
    for before, run in pairwise(history.runs):
        changed |= {where: run.run for where, digest in run.items.items() if before.items.get(where, digest) != digest}
    if changed:
        listed = ", ".join(f"{where} (run {run})" for where, run in sorted(changed.items())[:SHOWN])
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        yield f"test items changed in {listed}{more}: only those with the same id and content in all runs are compared"
    if lost := [each.comparison.name for each in series if not each.items and not each.comparison.anchors]:
        since = next(iter(changed.values()), "RUN")
        yield (
            f"{len(lost)} comparisons have no item that all runs share ({lost[0]}): `clt baseline acknowledge "
            f"{history.name} --how new-level --since {since} --store ...` starts all of them anew there"
        )


def _moved(each: Series) -> str:
    change = each.change
    assert change is not None, "its word says so"
    between = ""
    if change.low is not None and change.high is not None:
        low, high = (change.low, change.high) if change.size > 0 else (-change.high, -change.low)
        between = f" (95% {amount(low)} to {amount(high)})"
    verb = "improved" if each.comparison.higher_is_better == (change.size > 0) else "regressed"
    return f"{each.comparison.name} {verb} by {amount(abs(change.size))}{between} since {change.since}"
