"""What a webhook is sent: a document of everything that moved in a run, or a few lines for a chat."""

import json
from collections.abc import Sequence
from typing import Literal

from clt.baselines.document import Bits, Change, Difference, Series, Verdict, Word
from clt.baselines.reading import acknowledge_command, moved_by, short_checksums, word_of
from clt.hashing import digest
from clt.statistics import Document

FORMAT = 1  # of the message: raised by hand when a receiver has to change
SHOWN = 5  # changes, and differences, in a chat


class ToldChange(Change):
    """One comparison that moved by more than chance."""

    comparison: str
    word: Word  # regressed or improved
    task: str
    languages: list[str]
    metric: str  # whose unit `size` is in


class Message(Document):
    """The body of a request, as JSON."""

    format: int
    id: str  # of the changes told here: the same again is the same message, told again
    baseline: str
    word: Word  # of the whole baseline, now
    sentence: str
    changes: list[ToldChange]
    acknowledge: str  # the command to type once it is known what became of them
    bits: Bits
    differences: list[Difference]
    link: str  # empty: there is none


def compose(verdict: Verdict, moved: Sequence[tuple[Change, Series]], link: str) -> Message:
    """The message about these open changes, each with its comparison."""
    changes = [_told(*each) for each in moved]
    return Message(
        format=FORMAT,
        # not of the whole content: the sizes and the sentence are others a week later, the changes are the same
        id=digest({"baseline": verdict.baseline, "changes": sorted(change.id for change in changes)}),
        baseline=verdict.baseline,
        word=verdict.word,
        sentence=verdict.sentence,
        changes=changes,
        acknowledge=acknowledge_command(verdict.baseline, changes),
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
    lines += [f"once you know what it was: {message.acknowledge}"]
    lines += [f"bits beside the last run with the same seeds and data: {message.bits}"]
    lines += _first([_difference_line(each) for each in message.differences], "differences")
    lines += [message.link] if message.link else []
    return "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(change: Change, series: Series) -> ToldChange:
    comparison = series.comparison
    return ToldChange(
        comparison=comparison.name,
        word=word_of(series, change),
        task=comparison.task,
        languages=comparison.languages,
        metric=comparison.metric,
        **change.model_dump(),
    )


def _first(lines: list[str], what: str) -> list[str]:
    more = len(lines) - SHOWN
    return [f"• {line}" for line in lines[:SHOWN]] + ([f"• and {more} more {what}"] if more > 0 else [])


def _change_line(change: ToldChange) -> str:
    return (
        f"{change.comparison}: {change.word} {moved_by(change)}, {change.metric}, since {change.since}, found at "
        f"{change.found}; id {change.id}"
    )


def _difference_line(difference: Difference) -> str:
    text = f"{difference.what}: {difference.before} before, {difference.now} since {difference.since}"
    return short_checksums(text)
