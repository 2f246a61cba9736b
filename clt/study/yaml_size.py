"""How large a YAML text is once its aliases are written out, found in one pass over its events, before it is built.

A text of a few lines can stand for more nodes than any memory holds (aliases of aliases, merge keys), for a value
inside itself, or for a nesting that no recursion survives.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from clt.errors import StudyError

MAX_BYTES = 1_000_000
MAX_NODES = 20_000  # after aliases are written out; a study of a thousand curves has about so many
MAX_DEPTH = 40

_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one reads a megabyte in 0.1 s


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended."""

    anchor: str | None
    nodes: int = 1


def check_size(text: str, file: str) -> None:
    """Refuse a text that is too large, too deep, or inside itself.

    Raises:
        StudyError: With the line where it becomes so.
        yaml.YAMLError: The text is not YAML.
    """
    if len(text) > MAX_BYTES:
        raise StudyError(f"got {len(text)} characters, expected at most {MAX_BYTES}", file=file)
    sizes: dict[str, int] = {}  # of what has an anchor and has ended
    stack = [_Open(None, 0)]
    for event in yaml.parse(text, _EVENTS):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(event.anchor))
            if len(stack) > MAX_DEPTH:
                raise StudyError(f"is nested more than {MAX_DEPTH} deep, expected a study", file=file, line=line)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = stack.pop()
            _add(stack[-1], ended.nodes, ended.anchor, sizes)
        elif isinstance(event, yaml.ScalarEvent):
            _add(stack[-1], 1, event.anchor, sizes)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in (each.anchor for each in stack):
                raise StudyError(
                    f"the alias *{event.anchor} stands inside what it names, expected a value that ends",
                    file=file,
                    line=line,
                )
            _add(stack[-1], sizes.get(str(event.anchor), 1), None, sizes)
        if sum(each.nodes for each in stack) > MAX_NODES:
            raise StudyError(
                f"holds more than {MAX_NODES} values once its aliases are written out, expected a study",
                file=file,
                line=line,
            )


def _add(parent: _Open, nodes: int, anchor: str | None, sizes: dict[str, int]) -> None:
    parent.nodes += nodes
    if anchor is not None:
        sizes[anchor] = nodes
