"""What a webhook is sent: a document of everything that moved in a run, or a few lines for a chat."""

import json
from collections.abc import Sequence
from typing import Literal

from clt.baselines.document import Difference, Series, Verdict, Word
from clt.hashing import digest
from clt.statistics import Document

FORMAT = 1  # of the message: raised by hand when a receiver has to change
SHOWN = 5  # changes, and differences, in a chat


class ToldChange(Document):
    """One comparison that moved by more than chance."""

    id: str  # what `clt baseline acknowledge` takes
    comparison: str
    word: Word  # regressed or improved
    task: str
    languages: list[str]
    metric: str
    since: str  # the first run after the estimated change
    found: str  # the run at which it was found
    size: float  # after - before, in the metric's unit
    low: float | None  # 95% interval of the size
    high: float | None
    before: float
    after: float


class Message(Document):
    """The body of a request, as JSON."""

    format: int
    id: str  # of the changes told here: the same again is the same message, told again
    baseline: str
    word: Word  # of the whole baseline, now
    sentence: str
    changes: list[ToldChange]
    bits: Literal["same", "different", "not known"]
    differences: list[Difference]
    link: str  # empty: there is none


def compose(verdict: Verdict, moved: Sequence[Series], link: str) -> Message:
    """The message about these comparisons, each of which has an open change."""
    changes = [_told(each) for each in moved]
    return Message(
        format=FORMAT,
        # not of the whole content: the sizes and the sentence are others a week later, the changes are the same
        id=digest({"baseline": verdict.baseline, "changes": sorted(change.id for change in changes)}),
        baseline=verdict.baseline,
        word=verdict.word,
        sentence=verdict.sentence,
        changes=changes,
        bits=verdict.bits,
        differences=verdict.differences,
        link=link,
    )


def body(message: Message, form: Literal["json", "slack"]) -> bytes:
    """What a webhook of this format is posted, JSON in both cases."""
    text = message.model_dump_json() if form == "json" else json.dumps({"text": chat_text(message)}, ensure_ascii=False)
    return text.encode()


def chat_text(message: Message) -> str:
    """The message in a few lines, with `&`, `<` and `>` as Slack wants them: nothing in it mentions or links."""
    lines = [f"{message.baseline}: {message.word}. {message.sentence}"]
    lines += _first([_change_line(change) for change in message.changes], "changes")
    lines += [f"bits beside the last run with the same seeds and data: {message.bits}"]
    lines += _first([_difference_line(each) for each in message.differences], "differences")
    lines += [message.link] if message.link else []
    return "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(series: Series) -> ToldChange:
    change, comparison = series.change, series.comparison
    assert change is not None
    return ToldChange(
        comparison=comparison.name,
        word=series.word,
        task=comparison.task,
        languages=comparison.languages,
        metric=comparison.metric,
        **change.model_dump(exclude={"until"}),
    )


def _first(lines: list[str], what: str) -> list[str]:
    more = len(lines) - SHOWN
    return [f"• {line}" for line in lines[:SHOWN]] + ([f"• and {more} more {what}"] if more > 0 else [])


def _change_line(change: ToldChange) -> str:
    interval = "" if change.low is None or change.high is None else f", 95% {change.low:+.3g} to {change.high:+.3g}"
    return (
        f"{change.comparison}: {change.word} by {abs(change.size):.3g} {change.metric} ({change.before:.4g} to "
        f"{change.after:.4g}{interval}), since run {change.since}, found at run {change.found}"
    )


def _difference_line(difference: Difference) -> str:
    return f"{difference.what}: {difference.before} before, {difference.now} since run {difference.since}"
