"""How a verdict is said."""

from collections.abc import Iterator, Sequence

from clt.baselines.document import Run, Series, Word
from clt.baselines.history import History
from clt.metrics import METRICS

NAMED = 3  # changes that the sentence names


def amount(value: float | None, *, signed: bool = False) -> str:
    """A score for people: three decimals below 2, two above."""
    if value is None:
        return "no score"
    return f"{value:{'+' if signed else ''}.{3 if abs(value) <= 2 else 2}f}"


def sentence_of(word: Word, series: Sequence[Series], runs: Sequence[Run], missing: int) -> str:
    """The verdict, a line or two."""
    if not series:
        return "No run is complete yet."
    moved = [each for each in series if each.change is not None and each.word is word]
    if moved:
        named = "; ".join(map(_moved, moved[:NAMED]))
        more = f"; and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
        return f"{named}{more}."
    if runs[-1].state == "incomplete":
        return f"Run {runs[-1].id} has cells without scores, and no verdict is made of a part."
    if missing:
        return (
            f"{missing} more run{'s' if missing > 1 else ''} until `unchanged` can be said; nothing has moved so far."
        )
    primary = series[0]
    if primary.stands_out[-1]:
        return (
            f"{primary.comparison.name} stands out in the last run ({amount(primary.values[-1])}, expected "
            f"{amount(primary.low[-1])} to {amount(primary.high[-1])}); one run alone is no alarm, the next one tells."
        )
    if primary.values[-1] is None:
        return f"{primary.comparison.name} has no score in the last run."
    seen = f"a lasting drop of {amount(primary.visible_drop)} would have been found by now"
    if word is Word.UNCHANGED:
        return f"Nothing moved by more than chance; in {primary.comparison.name} {seen}."
    return f"Nothing has moved by more than chance, but in {primary.comparison.name} only {seen}."


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
    sets: dict[str, set[str]] = {}
    for run in history.runs:
        for where, digest in run.items.items():
            sets.setdefault(where, set()).add(digest)
    changed = sorted(where for where, digests in sets.items() if len(digests) > 1)
    if changed:
        yield (
            f"test items changed in {', '.join(changed)}: only those with the same id and content in all runs are "
            "compared"
        )
    for each in series:
        if not each.items and history.runs:
            yield f"{each.comparison.name}: no item is common to all runs; acknowledge a change to start anew"
        elif each.change and each.values[-1] is not None and _is_back(each):
            yield f"{each.comparison.name}: the last run is where it was before the change"


def _moved(each: Series) -> str:
    change = each.change
    assert change is not None, "its word says so"
    between = ""
    if change.low is not None and change.high is not None:
        low, high = (change.low, change.high) if change.size > 0 else (-change.high, -change.low)
        between = f" (95% {amount(low)} to {amount(high)})"
    better = METRICS[each.comparison.metric].higher_is_better == (change.size > 0)
    verb = "improved" if better else "regressed"
    return f"{each.comparison.name} {verb} by {amount(abs(change.size))}{between} since {change.since}"


def _is_back(each: Series) -> bool:
    """Whether the last value is nearer to the level before the change than to the one after."""
    assert each.change is not None and each.values[-1] is not None
    last = each.values[-1]
    return abs(last - each.change.before) < abs(last - each.change.after)
