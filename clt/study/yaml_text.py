"""A YAML text: its values, and the line of every place in it."""

from dataclasses import dataclass
from typing import Any, Self

import yaml

from clt.errors import StudyError
from clt.study.places import Place, dotted
from clt.study.yaml_size import check_size


@dataclass(frozen=True, kw_only=True, slots=True)
class YamlText:
    file: str  # what messages call the text
    root: yaml.MappingNode
    values: dict[str, Any]

    @classmethod
    def parse(cls, text: str, file: str, fields: list[str]) -> Self:
        """Raises StudyError where the text is not YAML, no mapping (of `fields`, among others), or has a key twice."""
        root = _compose(text, file, fields)
        return cls(file=file, root=root, values=_construct(text, root, file))

    def line(self, place: Place) -> int:
        """The line of the deepest part of a place that the text has (a missing key: its mapping's first line)."""
        node: yaml.Node = self.root
        line = node.start_mark.line
        for part in place:
            inner: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                for key, child in node.value:
                    if key.value == str(part):
                        inner, line = child, key.start_mark.line
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                inner = node.value[part]
                line = inner.start_mark.line
            if inner is None:
                break
            node = inner
        return line + 1


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are booleans: `no` is Norwegian."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _compose(text: str, file: str, fields: list[str]) -> yaml.MappingNode:
    try:
        check_size(text, file)
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise StudyError(f"{error.problem}, expected YAML", file=file, line=line) from None
    except yaml.YAMLError as error:
        raise StudyError(f"{error}, expected YAML", file=file) from None
    if not isinstance(root, yaml.MappingNode):
        expected = ", ".join(f"`{name}:`" for name in fields[:3])
        raise StudyError(f"got no mapping of fields, expected {expected} and so on", file=file)
    _refuse_duplicate_keys(root, file, (), set())
    return root


def _refuse_duplicate_keys(node: yaml.Node, file: str, place: Place, seen: set[int]) -> None:
    """YAML itself would silently keep the last of two equal keys."""
    if id(node) in seen:  # an alias: looked at already, and possibly inside itself
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _refuse_duplicate_keys(child, file, (*place, index), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, child in node.value:
            field, line = (*place, key.value), key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise StudyError("got a key that is not a word", file=file, line=line, field=dotted(place))
            if key.value in lines:
                raise StudyError(
                    f"is also in line {lines[key.value]}, expected each key once",
                    file=file,
                    line=line,
                    field=dotted(field),
                )
            lines[key.value] = line
            _refuse_duplicate_keys(child, file, field, seen)


def _construct(text: str, root: yaml.MappingNode, file: str) -> Any:
    try:
        return _Loader(text).construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise StudyError(f"{error.problem}, expected plain YAML values", file=file, line=line) from None
    except ValueError as error:  # such as a date with a month 13
        raise StudyError(f"{error}, expected plain YAML values", file=file) from None
