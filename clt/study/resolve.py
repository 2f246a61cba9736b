"""Where a study's paths lead: beside the study file, into the demo, through ${VARIABLES}."""

import os
import re
from pathlib import Path
from typing import Any

from clt.errors import StudyError
from clt.study.secrets import VARIABLE, secret_variables
from clt.study.source_spec import Source
from clt.study.spec import Study
from clt.study.task_spec import Task

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.{}-]+")
OBJECTS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\s?#@]+)+")
COMMIT = re.compile(r"[0-9a-f]{40}")


def demo_folder() -> Path:
    """The demo's folder of the package: corpus, data, models and study.yaml."""
    return (Path(__file__).parents[1] / "studies" / "demo").resolve()


def resolve(study: Study, base: Path) -> Study:
    """The study with absolute paths: `demo:NAME`, `${VARIABLE}` and relative paths are replaced.

    Args:
        study: As it was loaded.
        base: What relative paths start from: the study file's folder.

    Returns:
        The study; `org/name` stays a hub id unless it is a folder below `base`, and needs a `revision`.

    Raises:
        StudyError: A variable that is not set, a demo name that does not exist, a revision missing or out of place.
    """
    models = []
    for index, model in enumerate(study.models):
        field = f"models[{index}]"
        path = _location(model.path, base, "models", f"{field}.path", objects=True)
        if path is not None and is_hub_id(path):
            if model.revision is None:
                raise StudyError(
                    f"missing for the hub model {path!r}, expected the commit to use (or, for a folder, its path)",
                    field=f"{field}.revision",
                )
        elif model.revision is not None:
            raise StudyError(
                f"got {model.revision!r} for {model.path!r}, expected none: only hub models have one",
                field=f"{field}.revision",
            )
        models.append(model.model_copy(update={"path": path}))
    tasks = {name: _task(task, base, f"tasks.{name}") for name, task in study.tasks.items()}
    return study.model_copy(update={"models": tuple(models), "tasks": tasks})


def is_hub_id(path: str) -> bool:
    """Whether a resolved path is the id of a hub model or data set (`org/name`) rather than a folder."""
    return not Path(path).is_absolute() and not is_object(path)


def is_object(path: str) -> bool:
    """Whether a path leads into a bucket: s3://BUCKET/PATH."""
    return path.startswith("s3://")


def _task(task: Task, base: Path, field: str) -> Task:
    found: dict[str, Any] = {
        "train": _source(task.train, base, f"{field}.train"),
        "test": _source(task.test, base, f"{field}.test"),
    }
    if task.shots is not None and task.shots.source is not None:
        source = _source(task.shots.source, base, f"{field}.shots.source")
        found["shots"] = task.shots.model_copy(update={"source": source})
    return task.model_copy(update=found)


def _source(source: Source, base: Path, field: str) -> Source:
    path = _location(source.path, base, "data", f"{field}.path", hub=False, objects=True)
    hub = _location(source.hub, base, "data", f"{field}.hub")
    if hub is not None and is_hub_id(hub) and source.revision is None:
        raise StudyError(
            f"missing for the hub data set {hub!r}, expected the commit to use (or, for a folder, its path)",
            field=f"{field}.revision",
        )
    return source.model_copy(update={"path": path, "hub": hub})


def _location(
    text: str | None, base: Path, demo: str, field: str, *, hub: bool = True, objects: bool = False
) -> str | None:
    """An absolute path, or a hub id or s3://BUCKET/PATH as it is; `demo`: the demo's folder that `demo:` means."""
    if text is None:
        return None
    written, text = text, _replace_variables(text, field)
    if text.startswith("demo:"):
        return str(demo_folder() / demo / text.removeprefix("demo:"))
    if objects and OBJECTS.fullmatch(text.rstrip("/")):
        return text.rstrip("/")
    if "://" in text:  # in a variable's value, which is not shown: it may hold a password
        raise StudyError(
            f"{written!r} leads to an address, expected a path{', a hub id' if hub else ''}"
            f"{', s3://BUCKET/PATH' if objects else ''} or demo:NAME",
            field=field,
        )
    path = base.absolute() / Path(text).expanduser()
    if hub and not path.exists() and HUB_ID.fullmatch(text):
        return text
    return os.path.normpath(path)  # not resolve(): a link in the path may be what keeps it stable


def _replace_variables(text: str, field: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if secret_variables(match[0]):
            raise StudyError(f"got {match[0]}, whose name says that it holds a secret, expected a path", field=field)
        if not os.environ.get(name):
            raise StudyError(
                f"got {text!r}, and the environment variable {name!r} is not set, expected `export {name}=...` before",
                field=field,
            )
        return os.environ[name]

    return VARIABLE.sub(value, text)


def require_commits(study: Study) -> None:
    """Refuse what a run may not rest on: a branch or a tag of the hub, which names other rows or weights tomorrow.

    Raises:
        StudyError: With the line to write.
    """
    for index, model in enumerate(study.models):
        _require_commit(model.path, model.revision, f"models[{index}]", "")
    for name, task in study.tasks.items():
        own = task.shots and task.shots.source
        for field, source in (("train", task.train), ("test", task.test), *([("shots.source", own)] if own else [])):
            _require_commit(source.hub, source.revision, f"tasks.{name}.{field}", "datasets/")


def _require_commit(place: str | None, revision: str | None, field: str, kind: str) -> None:
    if place is None or not is_hub_id(place) or is_commit(revision):
        return
    raise StudyError(
        f"got {revision!r}, which can move, expected a commit of 40 digits: "
        f"`git ls-remote https://huggingface.co/{kind}{place} {revision}` prints the one that it names now",
        field=f"{field}.revision",
    )


def is_commit(revision: str | None) -> bool:
    """Whether a hub revision is a commit, and not a branch or a tag."""
    return revision is not None and COMMIT.fullmatch(revision) is not None
