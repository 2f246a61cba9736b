"""The study file's fields as people and editors read them, made from the spec: `make reference`.

Tables go into docs/study.md between `<!-- fields of NAME -->` (or `<!-- metrics -->`) and `<!-- end -->`;
study.schema.json is the JSON Schema with which an editor completes and checks a study file.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from clt.metrics import METRICS
from clt.study.ready_tasks import ready_tasks
from clt.study.spec import Study

SCHEMA = Path(__file__).with_name("study.schema.json")
_TABLE = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_METRICS = re.compile(r"(<!-- metrics -->\n).*?(<!-- end -->)", re.DOTALL)


def study_schema() -> str:
    """The JSON Schema (draft 2020-12) of a study file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Study.model_json_schema()}
    task = schema["$defs"]["Task"]
    for name in ("train", "test"):  # a source's short form: its path
        source = task["properties"][name]
        task["properties"][name] = {"anyOf": [{"type": "string"}, {"$ref": source.pop("$ref")}], **source}
    schema["$defs"]["Shots"]["properties"]["source"]["anyOf"].insert(0, {"type": "string"})
    task["properties"]["shots"]["anyOf"].insert(0, {"type": "integer", "minimum": 0})  # their count alone
    task["properties"]["use"] = {"enum": ready_tasks(), "description": task["properties"]["use"]["description"]}
    needed = task.pop("required")  # a ready task has them
    task["anyOf"] = [{"required": needed}, {"required": ["use"]}]
    schema["$defs"]["Shots"].pop("required")
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def with_tables(page: str) -> str:
    """A Markdown page whose marked places hold the tables of the models that they name.

    Raises KeyError for a name that is no part of the study file.
    """
    models = _models(Study)
    page = _TABLE.sub(lambda match: f"{match[1]}\n{_field_table(models[match[2]])}\n{match[3]}", page)
    return _METRICS.sub(lambda match: f"{match[1]}\n{_metric_table()}\n{match[2]}", page)


def _models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """A model and all models in its fields, by name."""
    models = {model.__name__: model}
    for field in model.model_fields.values():
        for inner in _inner_models(field.annotation):
            models |= _models(inner)
    return models


def _inner_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _inner_models(part)]


def _field_table(model: type[BaseModel]) -> str:
    """A row a field: its name, its default (or that it is required), its docstring."""
    rows = ["| field | default, other choices | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        if field.is_required():
            default = "required"
        elif isinstance(field.default, BaseModel):
            default = "its fields' own"
        else:
            words = [] if field.default in (None, "", (), {}) else [_as_yaml(field.default)]
            words += [choice for choice in _choices(field.annotation) if choice not in words]
            default = ", ".join(f"`{word}`" for word in words) or "–"
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def _metric_table() -> str:
    rows = [f"| `{name}` | {facts.meaning} |" for name, facts in METRICS.items()]
    return "\n".join(["| metric | score of an item |", "|---|---|", *rows]) + "\n"


def _choices(annotation: Any) -> list[str]:
    """The words that may stand there, where only some may."""
    if get_origin(annotation) is Literal:
        return [choice for choice in get_args(annotation) if isinstance(choice, str)]
    return [choice for part in get_args(annotation) if part is not Ellipsis for choice in _choices(part)]


def _as_yaml(value: Any) -> str:
    """As YAML's flow style writes it; of a list with one entry, that entry."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {number:g}" for key, number in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value)


def main(pages: list[str]) -> None:
    """Write the schema, and the tables of these pages."""
    SCHEMA.write_text(study_schema(), encoding="utf-8")
    for page in map(Path, pages):
        page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
