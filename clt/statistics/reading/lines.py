"""The answers of a cell as lines for a terminal: the same facts as the page, long texts cut."""

from collections.abc import Iterator

from clt.statistics.reading.answers import AnsweredItem, CellAnswers, LanguageAnswers
from clt.statistics.reading.wording import bits_of, item_line, rates_line, scores_line, shown_line, title

LONGEST = 500  # characters of a text
LABEL = 11  # columns
# What would move the cursor or change colours, shown as Unicode's pictures of control characters.
VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"},
    **dict.fromkeys(range(127, 160), "\N{REPLACEMENT CHARACTER}"),
}


def answer_lines(cell: CellAnswers) -> Iterator[str]:
    """Lines of text without colours, a block an item; what answers hold cannot command the terminal."""
    what = f"after step {cell.step}" if cell.step else "without training"
    yield f"{cell.cell}, {what} (study {cell.study})"
    for answers in cell.answers:
        yield from ("", f"{title(answers)}: {shown_line(answers)}; mean {scores_line(answers.means)}")
        if rates := rates_line(answers):
            yield rates
        for item in answers.shown:
            yield ""
            yield from _item(item, answers)


def _item(item: AnsweredItem, answers: LanguageAnswers) -> Iterator[str]:
    yield f"  {_visible(item.id)}: {item_line(item, answers)}"
    yield from _labelled("prompt", item.prompt)
    for number, choice in enumerate(item.choices):
        yield from _labelled("choice", f"{choice}  {bits_of(item, number)}".rstrip())
    if item.answer is not None:
        yield from _labelled("answer", item.answer)
        if answers.reads:
            yield from _labelled("read as", "(no answer found)" if item.extracted is None else item.extracted)
    yield from _labelled("reference", item.reference)
    if item.reply is not None:
        yield from _labelled("judge", item.reply)


def _labelled(label: str, text: str) -> Iterator[str]:
    """A text behind its label, its further lines below its first."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} ... ({len(text):,} characters)"
    first, *further = _visible(cut or "(empty)").split("\n")
    yield f"    {label:{LABEL}}{first}"
    yield from (f"    {'':{LABEL}}{line}" for line in further)


def _visible(text: str) -> str:
    return text.translate(VISIBLE)
