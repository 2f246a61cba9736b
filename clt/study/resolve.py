"""Where a study's paths lead: beside the study file, into the demo, through ${VARIABLES}."""

import os
import re
from pathlib import Path

from clt.errors import StudyError
from clt.study.spec import Study
from clt.study.task_spec import Source

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.{}-]+")
VARIABLE = re.compile(r"\$\{([^}]*)\}")


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
        path = _location(model.path, base, "models", f"{field}.path")
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
    tasks = {
        name: task.model_copy(
            update={
                "train": _source(task.train, base, f"tasks.{name}.train"),
                "test": _source(task.test, base, f"tasks.{name}.test"),
            }
        )
        for name, task in study.tasks.items()
    }
    return study.model_copy(update={"models": tuple(models), "tasks": tasks})


def is_hub_id(path: str) -> bool:
    """Whether a resolved path is the id of a hub model or data set (`org/name`) rather than a folder."""
    return not Path(path).is_absolute()


def _source(source: Source, base: Path, field: str) -> Source:
    path = _location(source.path, base, "data", f"{field}.path", hub=False)
    hub = _location(source.hub, base, "data", f"{field}.hub")
    if hub is not None and is_hub_id(hub) and source.revision is None:
        raise StudyError(
            f"missing for the hub data set {hub!r}, expected the commit to use (or, for a folder, its path)",
            field=f"{field}.revision",
        )
    return source.model_copy(update={"path": path, "hub": hub})


def _location(text: str | None, base: Path, demo: str, field: str, *, hub: bool = True) -> str | None:
    """An absolute path, or the hub id itself; `demo` is the folder of the demo that `demo:` means here."""
    if text is None:
        return None
    text = _replace_variables(text, field)
    if text.startswith("demo:"):
        return str(demo_folder() / demo / text.removeprefix("demo:"))
    if "://" in text:
        raise StudyError(f"got {text!r}, expected a path{', a hub id' if hub else ''} or demo:NAME", field=field)
    path = base.absolute() / Path(text).expanduser()
    if hub and not path.exists() and HUB_ID.fullmatch(text):
        return text
    return os.path.normpath(path)  # not resolve(): a link in the path may be what keeps it stable


def _replace_variables(text: str, field: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not os.environ.get(name):
            raise StudyError(
                f"got {text!r}, and the environment variable {name!r} is not set, expected `export {name}=...` before",
                field=field,
            )
        return os.environ[name]

    return VARIABLE.sub(value, text)
