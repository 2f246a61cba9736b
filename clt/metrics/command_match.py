"""Equality of commands and code."""

import regex

from clt.metrics.answers import TextAnswer
from clt.metrics.metric import UNSCORED, metric

_FENCED = regex.compile(
    r"\s*(?P<fence>```|~~~)(?:[\w+-]*[^\S\n]*\n)?(?P<inner>(?:(?!(?P=fence)).)*)(?P=fence)\s*", regex.DOTALL
)
_BACKTICKS = regex.compile(r"\s*`(?P<inner>[^`]+)`\s*", regex.DOTALL)
# Quoted parts, escaped characters and indentation stay; outside of them line breaks become one, blanks become one, and
# prompts go.
_PART = regex.compile(
    r"""
    (?P<kept> '[^']*' | "(?:\\.|[^"\\])*" | \\. )
  | (?P<breaks> (?:[^\S\n]*\n)+ )
  | (?P<prompt> (?:\A|(?<=\n))\$[^\S\n]+ )
  | (?P<indentation> (?<=\n)[^\S\n]+ )
  | (?P<blanks> [^\S\n]+ )
    """,
    regex.DOTALL | regex.VERBOSE,
)
_BECOMES = {"breaks": "\n", "prompt": "", "blanks": " "}


@metric()
def command_match(answer: TextAnswer) -> float:
    """Whether text and reference are the same command or code but for white space (0 or 1).

    Runs of blanks are one blank, line ends and empty lines do not count; white space inside quotes and at the
    beginning of a line (but the first) is kept. Case, punctuation and every other character count: `git add` is not
    `git add .`, `ls -L` not `ls -l`. A code fence (``` or ~~~, also on one line) or a pair of backticks around the
    whole is dropped, and a shell's prompt `$ ` before a line.
    Unreadable answer: an empty text is 0, as is a command with words around it. Empty reference: NaN, unscored. Missing
    language: not used. Tokenizer: none. Number separators: not understood.
    """
    wanted = _squeezed(answer.reference)
    return float(_squeezed(answer.text) == wanted) if wanted else UNSCORED


def _squeezed(text: str) -> str:
    for wrapped in (_FENCED, _BACKTICKS):
        if match := wrapped.fullmatch(text):
            text = match["inner"]
    return _PART.sub(lambda part: _BECOMES.get(part.lastgroup or "", part.group()), text.strip())
