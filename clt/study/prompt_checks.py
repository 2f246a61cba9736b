"""Checks of what a task asks with: templates, labels, solved examples, stops and choices."""

import re
from collections.abc import Iterator, Sequence
from string import Formatter

from clt.metrics import METRICS
from clt.study.places import Place, Problem, one_of, shown
from clt.study.source_checks import source_problems
from clt.study.spec import Study
from clt.study.task_spec import LABELS, OF_THE_LANGUAGE, Shots, Task

COLUMN = re.compile(r"[^\W\d]\w*(\.\w+)*")  # in a template: a column's name, or its path in a nested one
EVERYWHERE = re.compile(r"[ \t]*\r?\n?[ \t]*|=+")  # stops that good answers hold


def template_problems(place: Place, task: Task, languages: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the templates of prompt and answer."""
    templates = {(*place, "answer"): task.answer}
    if isinstance(task.prompt, str):
        templates[*place, "prompt"] = task.prompt
    else:
        templates |= {(*place, "prompt", code): text for code, text in task.prompt.items()}
        if missing := [code for code in languages if code not in task.prompt]:
            yield (*place, "prompt"), f"{', '.join(missing)} missing, expected a prompt for each language of the task"
    for where, template in templates.items():
        if message := _template_fault(template):
            yield where, message


def _template_fault(template: str) -> str | None:
    """What is wrong with a prompt or answer template, if anything is."""
    allowed = "expected names of columns in single braces, such as '{question}' (a brace itself is '{{' or '}}')"
    try:
        fields = [field for field in Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        return f"got {shown(template)} ({error}), {allowed}"
    if all(field[1] in {*OF_THE_LANGUAGE, *LABELS} for field in fields):
        return f"got {shown(template)} without any column, {allowed}"
    for _, field, format_spec, conversion in fields:
        if format_spec or conversion or not COLUMN.fullmatch(field or ""):
            return f"got {shown('{' + str(field) + '}')}, {allowed}"
    return None


def prompt_problems(place: Place, study: Study, name: str) -> Iterator[Problem]:
    """What is wrong with a task's labels, stops, choices and examples."""
    task = study.tasks[name]
    for index, text in enumerate(task.stop):
        if EVERYWHERE.fullmatch(text):
            yield (*place, "stop", index), f"got {shown(text)}, which right answers hold, expected a text that ends one"
    for field in LABELS:
        yield from _label(place, task, field, study.evaluated(name))
    yield from _choices(place, task)
    yield from _constraints(place, task)
    if task.shots is not None:
        yield from _shots((*place, "shots"), study, name, task.shots)


def _label(place: Place, task: Task, field: str, languages: Sequence[str]) -> Iterator[Problem]:
    text = getattr(task, field)
    for code, label in text.items() if isinstance(text, dict) else [("", text)]:
        if label != label.strip() or label.endswith((":", "：")):
            where = (*place, field, code) if code else (*place, field)
            yield where, f"got {shown(label)}, expected it without its colon and spaces"
    shots = task.shots
    is_named = f"{{{field}}}" in str([task.prompt, task.answer, shots and (shots.prompt, shots.answer)])
    missing = [code for code in languages if isinstance(text, dict) and code not in text]
    if is_named and missing:
        yield (*place, field), f"{', '.join(missing)} missing, expected one for each language, as a template has it"


def _choices(place: Place, task: Task) -> Iterator[Problem]:
    wants = [name for name in task.metrics if METRICS[name].kind == "choices"]
    if task.choices is None:
        if wants:
            yield (*place, "choices"), f"missing, expected the answers that {wants[0]} compares"
        return
    if not wants:
        yield (*place, "choices"), "is set, and no metric of the task compares choices, expected both or neither"
    for index, template in enumerate((*task.choices.options, task.choices.right)):
        where = ("options", index) if index < len(task.choices.options) else ("right",)
        if (fault := _template_fault(template)) and (" without any column" not in fault or where == ("right",)):
            yield (*place, "choices", *where), fault


def _constraints(place: Place, task: Task) -> Iterator[Problem]:
    if task.constraints is None:
        if "constraints" in task.metrics:
            yield (
                (*place, "constraints"),
                "missing, expected the column that the metric reads: '{column}'",
            )
    elif "constraints" not in task.metrics:
        yield (*place, "constraints"), "is set without the metric `constraints`, expected both or neither"
    elif fault := _template_fault(task.constraints):
        yield (*place, "constraints"), fault


def _shots(place: Place, study: Study, name: str, shots: Shots) -> Iterator[Problem]:
    known = study.languages.evaluate
    for template, field in ((shots.prompt, "prompt"), (shots.answer, "answer")):
        texts = template.items() if isinstance(template, dict) else [("", template)] if template else []
        for code, text in texts:
            if fault := _template_fault(text):
                yield (*place, field, *([code] if code else [])), fault
    own = dict.fromkeys(map(shots.of, study.evaluated(name)))
    if isinstance(shots.prompt, dict) and (missing := [code for code in own if code not in shots.prompt]):
        yield (*place, "prompt"), f"{', '.join(missing)} missing, expected a prompt for each language of examples"
    if isinstance(shots.languages, dict):
        for code in (*shots.languages, *shots.languages.values()):
            if code not in known:
                yield (*place, "languages"), f"got {code!r}, {one_of(known)}"
    if shots.format == "multiturn" and (plain := [model.name for model in study.models if not model.chat]):
        yield (
            (*place, "format"),
            f"got 'multiturn', and {plain[0]} has no `chat: true`, expected 'plain'",
        )
    if shots.source is not None:
        yield from source_problems((*place, "source"), shots.source, tuple(own), known)
