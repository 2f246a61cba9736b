"""What of an answer is prose: what is written alike in all languages is dropped.

Dropped are code (fences, backticks, options, file names, paths, placeholders, words_like_this and likeThis), addresses,
tags, formulas and abbreviations in capitals; and, apart, names: what says nothing about the language that is written.
"""

import regex

_NOT_PROSE = regex.compile(
    r"""
    ```.*?(?:```|\Z) | `[^`\n]*` | \{\{.*?\}\}                                  # code, placeholders
  | \$\$.*?\$\$ | \\\(.*?\\\) | \\\[.*?\\\] | \$[^$\n]*[\\^_=][^$\n]*\$         # formulas
  | \\[A-Za-z]+(?:\{[^{}]*\})*
  | (?:https?://|www\.)[!-~]+ | [!-~]+@[A-Za-z0-9-]+\.[!-~]+ | </?[A-Za-z][^<>\n]*> # addresses, tags
  | (?<![^\s(\[（「“"'])(?:[~.]{0,2}/[\w./*-]+ | [A-Z]:\\[!-~]* | --?[A-Za-z][!-~]*)     # paths, options
  | [A-Za-z0-9]+(?:[._@/\\=\#:&+]+[A-Za-z0-9]+)+\(?\)?                           # file.txt, key=value
  | [A-Za-z]*\d[A-Za-z0-9]* | [a-z]+[A-Z][A-Za-z0-9]* | (?<![A-Za-z])[A-Z]{2,}s?(?![A-Za-z])
    """,
    regex.VERBOSE | regex.DOTALL,
)
_CAPITALIZED = r"\p{Lu}(?:[\p{L}\p{M}'’.]|-\p{L})*"
_NAMES = regex.compile(rf"{_CAPITALIZED}(?:[ \-·]+(?:\p{{Ll}}{{1,3}} +){{0,2}}{_CAPITALIZED})*")
_FIRST_WORD = regex.compile(r"(?:^|[.!?:;\n…]|[-–—•*\"“«(]\s?)\s*\Z")


def prose_of(text: str) -> str:
    """The text without what is written alike in all languages; a text all in capitals gets small ones first."""
    prose = _NOT_PROSE.sub(" ", text.lower() if text.isupper() else text)
    return prose.replace("\u200b", "").strip()


def without_names(prose: str, *, sentences: bool) -> str:
    """Prose without capitalized words of Latin and other cased scripts, and small words between two of them.

    Args:
        prose: What prose_of returns.
        sentences: Whether a sentence's first word is no name: of a language with capitals.
    """

    def keep(name: "regex.Match[str]") -> str:
        alone = len(name.group().split()) == 1
        return (
            name.group()
            if sentences and alone and _FIRST_WORD.search(prose, max(0, name.start() - 9), name.start())
            else " "
        )

    return _NAMES.sub(keep, prose)
