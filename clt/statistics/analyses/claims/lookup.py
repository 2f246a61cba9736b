"""Values of statistics.json by a small expression: what a claim is held against.

    {curves: {model: aya-23-7b, task: math, train_languages: en+es+fr}, max: points.non_english.value}
    {variance: {values: 504}, terms: {factors: task+language}, take: share}
    {sum: [EXPRESSION, EXPRESSION]}

First a list of statistics.json and which of its elements are meant ({}: all): field to value, or to a list of allowed
values; a field that is a list is written joined by +. Then, if wanted, a list inside those elements and which of its
elements. Last an operation and the path to a value in each element: names joined by dots; lists on the way are gone
through, `*` stands for every entry of a mapping, and `mean(PATH)` for the mean of all values of one element.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from clt.statistics.analyses.statistics import Statistics

Place = tuple[int | str, ...]
Value = float | str
NAMES = r"[a-z_0-9-]+|\*"
PATH = re.compile(rf"(?P<mean>mean\()?(?P<names>(?:{NAMES})(?:\.(?:{NAMES}))*)(?(mean)\))")
OPERATIONS: dict[str, Callable[[Sequence[Any]], Value]] = {
    "take": lambda values: values[0],  # of the only one
    "count": len,
    "max": max,
    "min": min,
    "range": lambda values: max(values) - min(values),
}


@dataclass(frozen=True, slots=True)
class LookedUp:
    value: Value | None
    note: str = ""  # why there is no value


def faults(expression: Any, place: Place, statistics: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    """What is wrong with an expression of a value of `statistics`, as (place, message); nothing if it is sound."""
    if not isinstance(expression, dict):
        yield place, f"got {expression!r}, expected a mapping such as {{curves: {{task: math}}, take: gain.value}}"
        return
    if list(expression) == ["sum"]:
        parts = expression["sum"]
        if not isinstance(parts, list) or not parts:
            yield (*place, "sum"), f"got {parts!r}, expected a list of expressions"
            return
        for index, part in enumerate(parts):
            yield from faults(part, (*place, "sum", index), statistics)
        return
    *selections, operation = expression
    if operation not in OPERATIONS:
        yield (*place, str(operation)), f"stands last, expected one of {', '.join(OPERATIONS)}, or `sum` alone"
        return
    if len(selections) not in (1, 2):
        yield place, f"got {len(selections)} lists before `{operation}`, expected one, or one and a list inside it"
        return
    element: Any = statistics
    for name in selections:
        field = (*place, str(name))
        lists = {field_name: inner for field_name in element.model_fields if (inner := _element(element, field_name))}
        if name not in lists:
            yield field, _unknown(str(name), lists)
            return
        element = lists[name]
        yield from _where_faults(element, expression[name], field)
    yield from _path_faults(element, operation, expression[operation], (*place, operation))


def look_up(statistics: Statistics, expression: Mapping[str, Any]) -> LookedUp:
    """The value of an expression without faults; without a value it says what the statistics do not hold."""
    if "sum" in expression:
        parts = [look_up(statistics, part) for part in expression["sum"]]
        missing = next((part for part in parts if not isinstance(part.value, int | float)), None)
        return missing or LookedUp(sum(part.value for part in parts if isinstance(part.value, int | float)))
    *selections, operation = expression
    elements: list[Any] = [statistics]
    for name in selections:
        there = [inner for element in elements for inner in getattr(element, name)]
        where = expression[name]
        elements = [inner for inner in there if _matches(inner, where)]
        if not there or (not elements and operation != "count"):
            wanted = f" with {', '.join(f'{field}={value}' for field, value in where.items())}" if there else ""
            return LookedUp(None, f"the statistics hold no {name}{wanted}")
    return _operate(operation, expression[operation], elements)


def _operate(operation: str, path: str, elements: Sequence[Any]) -> LookedUp:
    values, reasons = [], []
    names = _names(path)
    for element in elements:
        collected = list(_collect(element, names))
        known = [value for value in collected if value is not None]
        if path.startswith("mean("):
            known = [sum(known) / len(known)] if known and len(known) == len(collected) else []
        values += known
        if names[-1] == "value":
            reasons += [reason for value in _collect(element, names[:-1]) if (reason := getattr(value, "reason", None))]
    if not values and operation != "count":
        return LookedUp(None, f"{path} is undefined" + (f": {reasons[0]}" if reasons else ""))
    if operation == "take" and len(values) > 1:
        return LookedUp(None, f"there are {len(values)} of {path}, and one was to be taken")
    value = OPERATIONS[operation](values)
    return LookedUp(value if isinstance(value, str) else round(value, 6))


def _names(path: str) -> list[str]:
    match = PATH.fullmatch(path)
    assert match is not None, "an expression is checked before it is looked up"
    return match["names"].split(".")


def _collect(value: Any, names: Sequence[str]) -> Iterator[Any]:
    """Everything at the end of a path, through lists and mappings."""
    if isinstance(value, list):
        for part in value:
            yield from _collect(part, names)
    elif not names or value is None:
        yield value
    elif isinstance(value, dict):
        for part in value.values() if names[0] == "*" else [value.get(names[0])]:
            yield from _collect(part, names[1:])
    else:
        yield from _collect(getattr(value, names[0]), names[1:])


def _matches(element: Any, where: Mapping[str, Any]) -> bool:
    def text(value: Any) -> str:
        return "+".join(map(str, value)) if isinstance(value, list) else str(value)

    return all(
        text(getattr(element, field))
        in [str(allowed) for allowed in (wanted if isinstance(wanted, list) else [wanted])]
        for field, wanted in where.items()
    )


def _where_faults(element: type[BaseModel], where: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if not isinstance(where, dict):
        yield place, f"got {where!r}, expected a mapping from fields to values ({{}}: all)"
        return
    plain = [name for name in element.model_fields if not _inner(_annotation(element, name))]
    for field in where:
        if field not in plain:
            yield (*place, str(field)), _unknown(str(field), plain)


def _path_faults(element: type[BaseModel], operation: str, path: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if not isinstance(path, str) or not PATH.fullmatch(path):
        yield place, f"got {path!r}, expected names joined by dots, such as gain.value, or mean(per_language.*.value)"
        return
    current: Any = element
    for name in _names(path):
        while get_origin(current) is list:
            current = _annotation_of(get_args(current)[0])
        if get_origin(current) is dict:
            current = _annotation_of(get_args(current)[1])
        elif isinstance(current, type) and issubclass(current, BaseModel):
            if name not in current.model_fields:
                yield place, f"got {path!r}; {name}: {_unknown(name, current.model_fields)}"
                return
            current = _annotation(current, name)
        else:
            yield place, f"got {path!r}, expected nothing below the value before {name!r}"
            return
    if operation != "count" and _inner(current):
        yield place, f"got {path!r}, expected the path of one value: go on below {path.split('.')[-1]!r}"


def _unknown(name: str, allowed: Any) -> str:
    close = difflib.get_close_matches(name, list(allowed), n=1)
    return f"unknown, expected {f'`{close[0]}`?' if close else 'one of ' + ', '.join(allowed)}"


def _element(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a list's elements, None where the field is no list of models."""
    annotation = _annotation(model, name)
    inner = get_args(annotation)[0] if get_origin(annotation) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _inner(annotation: Any) -> bool:
    """Whether there is something below a field: it is a model, a mapping, or a list of models."""
    if get_origin(annotation) is list:
        return _inner(_annotation_of(get_args(annotation)[0]))
    return get_origin(annotation) is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel))


def _annotation(model: type[BaseModel], name: str) -> Any:
    return _annotation_of(model.model_fields[name].annotation)


def _annotation_of(annotation: Any) -> Any:
    """The type without None."""
    if get_origin(annotation) in (Union, UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
