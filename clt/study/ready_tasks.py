"""Ready tasks: the YAML files in `ready/`, for `use:` in a study file, which may say any field otherwise."""

from functools import cache
from pathlib import Path
from typing import Any

from clt.study.languages import canonical_or_same
from clt.study.places import Problem, one_of, shown
from clt.study.spelling import written_languages

FOLDER = Path(__file__).with_name("ready")
SOURCES = ("train", "test", "source")
OF_ITS_EXAMPLES = ("source", "prompt", "answer")  # what a ready task says of examples of its own


def ready_tasks() -> list[str]:
    """The names of all ready tasks."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def with_ready_tasks(study: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """A study file's content in which every task that says `use` has that task's fields, below its own.

    Returns:
        The content, and what is wrong with the names.
    """
    tasks = study.get("tasks")
    if not isinstance(tasks, dict):
        return study, []
    known = set(map(canonical_or_same, written_languages(study.get("languages"))))
    filled, problems = {}, list[Problem]()
    for name, task in tasks.items():
        filled[name] = task
        if isinstance(task, dict) and "use" in task:
            if task["use"] not in ready_tasks():
                problems.append((("tasks", name, "use"), f"got {shown(task['use'])}, {one_of(ready_tasks())}"))
            else:
                filled[name] = _merged(_of_languages(_read(task["use"]), known), _long_form(task))
    return study | {"tasks": filled}, problems


@cache
def _read(name: str) -> Any:
    import yaml  # a tenth of this package's import time

    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def _of_languages(value: Any, known: set[str], name: str = "") -> Any:
    """Without what is said of languages that the study does not have."""
    if not isinstance(value, dict):
        return value
    if name in ("languages", "rows", "prompt", "question_label", "answer_prefix"):
        return {code: text for code, text in value.items() if code in known}
    return {key: _of_languages(inner, known, key) for key, inner in value.items()}


def _long_form(task: dict[str, Any]) -> dict[str, Any]:
    """A task's fields with sources and shots as mappings."""
    short = {name: {"path": task[name]} for name in ("train", "test") if isinstance(task.get(name), str)}
    shots = task.get("shots")
    return task | short | ({"shots": {"count": shots}} if type(shots) is int and shots else {})


def _is_elsewhere(source: Any) -> bool:
    return isinstance(source, str) or (isinstance(source, dict) and bool(source.keys() & {"path", "hub"}))


def _merged(ready: Any, own: Any, name: str = "") -> Any:
    """The ready task's fields, and in their place those that the study has; a source elsewhere is another source."""
    if not (isinstance(ready, dict) and isinstance(own, dict)) or (name in SOURCES and _is_elsewhere(own)):
        return own
    if name == "shots" and _is_elsewhere(own.get("source")):
        ready = {key: value for key, value in ready.items() if key not in OF_ITS_EXAMPLES}
    return ready | {key: _merged(ready.get(key), value, key) for key, value in own.items()}
