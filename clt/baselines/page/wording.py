"""How words, runs, numbers and changes are written: the same on the page, in Markdown and in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clt.baselines.document import Change, Comparison, Difference, Run, Series, Verdict, Word
from clt.baselines.reading import changes_of, moved_by, resume_command, short_checksums, word_of
from clt.statistics import many, plain, signed, words

MARKS = {Word.REGRESSED: "▼", Word.IMPROVED: "▲", Word.UNCHANGED: "=", Word.CANNOT_TELL: "?"}
NONE = "–"

Form = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a comparison: three decimals where its values stay below 2, two where they do not."""

    plain: Form
    signed: Form

    @classmethod
    def of(cls, series: Series) -> "Numbers":
        largest = max((abs(value) for value in series.values if value is not None), default=0.0)
        digits = 3 if largest <= 2 else 2
        return cls(plain(digits), signed(digits))

    def interval(self, low: float | None, high: float | None) -> str:
        """Such as "0.395 to 0.430"; empty without ends."""
        return "" if low is None or high is None else f"{self.plain(low)} to {self.plain(high)}"

    def difference(self, value: float, low: float | None, high: float | None, missing: str) -> str:
        """A signed value with its interval, or why it has none."""
        ends = missing if low is None or high is None else f"{self.signed(low)} to {self.signed(high)}"
        return f"{self.signed(value)} ({ends})"


@dataclass(frozen=True, slots=True)
class RunNames:
    """Runs as people call them, by id."""

    runs: dict[str, Run]

    @classmethod
    def of(cls, verdict: Verdict) -> "RunNames":
        return cls({run.id: run for run in verdict.runs})

    def __call__(self, run: str) -> str:
        """Such as "run 27 (2026-07-06)"."""
        known = self.runs.get(run)
        return run if known is None else f"run {known.number} ({known.started[:10]})"


def about(comparison: Comparison) -> str:
    """What its name may leave out: metric, languages, and where it is the primary one."""
    parts = ["primary", words(comparison.metric)] if comparison.primary else [words(comparison.metric)]
    return " · ".join([*parts, " ".join(comparison.languages)])


def last_value(series: Series) -> int | None:
    """The index of the last run that has a value."""
    return next((run for run in reversed(range(len(series.values))) if series.values[run] is not None), None)


def value_text(series: Series, numbers: Numbers) -> str:
    """The last value."""
    last = last_value(series)
    value = None if last is None else series.values[last]
    return NONE if value is None else numbers.plain(value)


def expected_text(series: Series, numbers: Numbers) -> str:
    """Where the last value was expected."""
    last = last_value(series)
    return (numbers.interval(series.low[last], series.high[last]) if last is not None else "") or NONE


def visible_text(series: Series, numbers: Numbers) -> str:
    """The smallest lasting drop that would have been found by now."""
    return NONE if series.visible_drop is None else numbers.plain(series.visible_drop)


def size_text(change: Change, numbers: Numbers) -> str:
    """The size of a change with its interval."""
    return numbers.difference(change.size, change.low, change.high, "no interval before a second run")


def paired_text(series: Series, numbers: Numbers) -> str:
    """The last run beside the pinned one, over the items that both have."""
    paired = series.paired
    if paired is None:
        return NONE
    size = numbers.difference(paired.difference, paired.low, paired.high, "no interval")
    return f"{size}, {many(paired.items, 'item')}"


def pinned_text(verdict: Verdict, run: RunNames) -> str:
    """The head of a column of such differences."""
    references = {series.paired.reference for series in verdict.series if series.paired is not None}
    return f"beside {run(references.pop())}" if len(references) == 1 else "beside the pinned run"


def change_text(change: Change, run: RunNames) -> str:
    """An open change, a line or two; its word and its comparison's name are told before it."""
    return f"{moved_by(change)}, since about {run(change.since)}, found at {run(change.found)}"


def bits_text(verdict: Verdict, run: RunNames) -> str:
    """The line about bits, which nothing is judged by."""
    if not any(each.state == "complete" for each in verdict.runs):
        return "bits: not known"
    if verdict.bits == "not known" or verdict.bits_beside is None:
        return "bits: not known (no earlier run with these seeds and inputs)"
    joined = "as in" if verdict.bits == "same" else "from"
    return f"bits: {verdict.bits} {joined} {run(verdict.bits_beside)}"


def difference_text(difference: Difference, run: RunNames) -> str:
    before, now = short_checksums(difference.before), short_checksums(difference.now)
    return f"{difference.what}: {before} → {now}, since {run(difference.since)}"


def compared_runs(verdict: Verdict) -> tuple[Run, Run] | None:
    """The complete runs between which `Verdict.differences` are: the last one and the last in control before it.

    The one before the last where none is in control; None without two runs.
    """
    complete = [each for each in verdict.runs if each.state == "complete"]
    if len(complete) < 2:
        return None
    *earlier, last = complete
    return next((each for each in reversed(earlier) if each.used == "in control"), earlier[-1]), last


def resume_text(verdict: Verdict, run: RunNames) -> str:
    """How to go on with the last run where it is not complete; empty where it is."""
    if not verdict.runs or verdict.runs[-1].state == "complete":
        return ""
    last = verdict.runs[-1].id
    return f"{run(last)} is not complete; to go on with it: {resume_command(last)}"


def since_text(verdict: Verdict, run: RunNames) -> str:
    """Since when something moved, if it did: the run of the earliest open change, of those that the word is of."""
    order = {each.id: place for place, each in enumerate(verdict.runs)}
    every = [(word_of(series, change), change) for series in verdict.series for change in changes_of(series)]
    opened = [change for word, change in every if word is verdict.word] or [change for _, change in every]
    if not opened:
        return ""
    first = min(opened, key=lambda change: order.get(change.since, 0))
    found = min(opened, key=lambda change: order.get(change.found, 0))
    return f"Since about {run(first.since)}, found at {run(found.found)}."


def in_order(series: Sequence[Series]) -> tuple[list[Series], list[Series], list[Series], list[Series]]:
    """The primary comparison, those that moved or stand out now, the others, and a judge's anchors."""
    system = [each for each in series if not each.comparison.anchors]
    primary = [each for each in system if each.comparison.primary]
    moved = [each for each in system if not each.comparison.primary and has_moved(each)]
    others = [each for each in system if not each.comparison.primary and not has_moved(each)]
    return primary, moved, others, [each for each in series if each.comparison.anchors]


def has_moved(series: Series) -> bool:
    """Whether a change is open, or the last value stands out."""
    last = last_value(series)
    return bool(changes_of(series)) or (last is not None and series.stands_out[last])
