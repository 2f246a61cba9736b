"""What pydantic refuses, in the words of our errors: got VALUE, expected ALLOWED."""

import difflib
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from clt.study.places import Place, shown

KINDS = {
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "too_short": "at least one entry",
}

# Keys that had another name once: the new one, and what else to say.
RENAMED = {
    "patience": ("timeouts", ", in which `room_hours` is `unschedulable_hours`"),
    "micro_batch_size": ("micro_batch_tokens", " since it counts tokens: about rows x `max_tokens`, or leave it out"),
    "room_hours": ("unschedulable_hours", ""),
}


def describe(error: ValidationError, model: type[BaseModel]) -> list[tuple[Place, str]]:
    """Each refused place of such a document once, with its message; the branches of a union are joined by "or".

    What pydantic says about a list or a union because something inside it was refused is left out.
    """
    expected: dict[Place, list[str]] = {}
    texts: dict[Place, str] = {}
    for detail in error.errors(include_url=False):
        place, parent = _place(detail["loc"], model)
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "extra_forbidden":
            texts[place] = f"unknown key, expected {_fields(parent, str(place[-1]))}"
        elif kind == "missing":
            texts[place] = f"missing, expected a value (`{place[-1]}` has no default)"
        elif kind == "value_error":
            texts[place] = str(context["error"])
        else:
            expected.setdefault(place, []).append(_expectation(kind, context, detail["msg"]))
            texts[place] = f"got {shown(detail['input'])}, expected {' or '.join(expected[place])}"
    inner = {place[:length] for place in texts for length in range(len(place))}
    problems = [(place, text) for place, text in texts.items() if place not in inner]
    return sorted(problems, key=lambda problem: problem[1].startswith("missing"))  # a misspelt key before the right one


def _expectation(kind: str, context: dict[str, Any], message: str) -> str:
    if kind in KINDS:
        return KINDS[kind]
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "string_pattern_mismatch":
        return f"text of the form {context['pattern']}"
    return message.removeprefix("Input should be ").removeprefix("String should have ")


def _fields(model: type[BaseModel], key: str) -> str:
    allowed = list(model.model_fields)
    if key in RENAMED and RENAMED[key][0] in allowed:
        name, more = RENAMED[key]
        return f"`{name}`, its new name{more}"
    close = difflib.get_close_matches(key, allowed, n=1)
    return f"`{close[0]}`?" if close else f"one of {', '.join(allowed)}"


def _place(location: tuple[int | str, ...], model: type[BaseModel]) -> tuple[Place, type[BaseModel]]:
    """The location without pydantic's names of union branches, and the innermost model on the way."""
    kept: list[int | str] = []
    parent: type[BaseModel] = model
    current: Any = model
    for index, part in enumerate(location):
        branches = _branches(current)
        if len(branches) > 1:  # pydantic names the branch of a union in the location
            current = next((branch for branch in branches if getattr(branch, "__name__", "") == part), None)
            if isinstance(current, type) and issubclass(current, BaseModel):
                parent = current
            continue
        current = branches[0] if branches else None
        if isinstance(current, type) and issubclass(current, BaseModel):
            parent = current
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        elif get_origin(current) is tuple:
            current = get_args(current)[0]
        elif get_origin(current) is dict:
            if index + 1 < len(location) and location[index + 1] == "[key]":
                kept.append(part)
                break
            current = get_args(current)[1]
        kept.append(part)
    return tuple(kept), parent


def _branches(annotation: Any) -> list[Any]:
    """The types of a union without None; pydantic adds no name to the location for an optional type."""
    while get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        return [branch for branch in get_args(annotation) if branch is not type(None)]
    return [] if annotation is None else [annotation]
