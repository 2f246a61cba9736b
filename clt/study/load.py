"""From the text of a study file to a checked Study, with the line of every field that is refused."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from clt.errors import StudyError
from clt.study.checks import find_problems
from clt.study.places import Place, Problem, dotted
from clt.study.pod_patch import pod_problems
from clt.study.ready_tasks import with_ready_tasks
from clt.study.refusals import describe
from clt.study.spec import Study

if TYPE_CHECKING:
    from clt.study.yaml_text import YamlText

Document = TypeVar("Document", bound=BaseModel)


def load_study(source: str | Path, *, name: str = "", pod_fields: Sequence[str] | None = None) -> Study:
    """The study in a file (its path) or in inline YAML.

    Args:
        source: The path of a file, or the text of one (several lines, or beginning with "{").
        name: What messages call the text; with it `source` is always the text itself.
        pod_fields: What `resources.pod` may hold on this study's cluster beside what every study may say; None: the
            variable CLT_POD_FIELDS has them, for a machine that cannot ask the cluster. Launchers ask it again.

    Returns:
        The checked study; its paths are as they were written (see `resolve`).

    Raises:
        StudyError: `FILE:LINE: FIELD: got VALUE, expected ALLOWED`, a line for each of several errors.
    """
    allowed = os.environ.get("CLT_POD_FIELDS", "").split() if pod_fields is None else pod_fields

    def find(study: Study) -> list[Problem]:
        pod = pod_problems(study.resources.pod, allowed)
        return find_problems(study) + [(("resources", "pod", *place), text) for place, text in pod]

    return load_document(source, Study, find, name=name, fill=with_ready_tasks)


def load_document(
    source: str | Path,
    model: type[Document],
    find: Callable[[Document], list[Problem]],
    *,
    name: str = "",
    fill: Callable[[dict[str, Any]], tuple[dict[str, Any], list[Problem]]] = lambda values: (values, []),
) -> Document:
    """A YAML file (or text) as an instance of a pydantic model.

    Args:
        source: The path of a file, or the text of one (several lines, or beginning with "{").
        model: What the document has to be.
        find: Further faults of a valid document: places in the file, such as ("tasks", "math"), and messages.
        name: What messages call the text; with it `source` is always the text itself.
        fill: Adds what the document refers to; returns it with what it could not find.

    Raises:
        StudyError: `FILE:LINE: FIELD: got VALUE, expected ALLOWED`, a line for each of several errors.
    """
    from clt.study.yaml_text import YamlText  # PyYAML is a tenth of this package's import time

    text, file = (str(source), name) if name else _read(source)
    parsed = YamlText.parse(text, file, fields=list(model.model_fields))
    values, problems = fill(parsed.values)
    if problems:
        raise _refuse(problems, parsed)
    try:
        document = model.model_validate(values)
    except ValidationError as error:
        raise _refuse(describe(error, model), parsed) from None
    if problems := find(document):
        raise _refuse(problems, parsed)
    return document


def written_values(source: str | Path) -> dict[str, Any]:
    """What a study file says as it is written, without defaults, variables replaced or paths resolved.

    Raises StudyError where it is no YAML.
    """
    from clt.study.yaml_text import YamlText

    text, file = _read(source)
    return YamlText.parse(text, file, fields=list(Study.model_fields)).values


def is_inline(source: str | Path) -> bool:
    """Whether this is the text of a study (several lines, or beginning with "{"), and not the path of one."""
    return isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{"))


def _read(source: str | Path) -> tuple[str, str]:
    """The text and what messages call it."""
    if is_inline(source):
        return str(source), "inline study"
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8"), str(source)
    except UnicodeDecodeError as error:
        raise StudyError(f"byte {error.start} is not UTF-8, expected a YAML file in UTF-8", file=str(source)) from None
    except OSError as error:
        raise StudyError(
            f"cannot be read ({error.strerror}), expected the path of a study file", file=str(source)
        ) from None


def _refuse(problems: list[tuple[Place, str]], parsed: "YamlText") -> StudyError:
    errors = [
        StudyError(message, field=dotted(place), file=parsed.file, line=parsed.line(place))
        for place, message in problems
    ]
    return errors[0] if len(errors) == 1 else StudyError("\n".join(str(error) for error in errors))
