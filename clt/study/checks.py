"""Checks across the fields of a study that need no data: names that must exist, counts that must fit together."""

import re
from collections.abc import Iterator, Sequence
from string import Formatter
from typing import Any

from clt.study.mixture_spec import Mixture
from clt.study.resources import Placement
from clt.study.spec import Study
from clt.study.task_spec import Source

Place = tuple[int | str, ...]  # where in the study, such as ("mixtures", 0, "weights")
Problem = tuple[Place, str]
PLACEHOLDER = re.compile(r"(?<!\$)\{([^}]*)\}")  # {language}, and not ${VARIABLE}


def find_problems(study: Study) -> list[Problem]:
    """Everything that is wrong with the study, as (place, message); empty if nothing is."""
    return [
        *_repeated_names("models", [model.name for model in study.models]),
        *_repeated_names("mixtures", [mixture.name for mixture in study.mixtures]),
        *_repeated(("seeds",), study.seeds),
        *_repeated(("settings",), study.settings),
        *_models(study),
        *_tasks(study),
        *(problem for index in range(len(study.mixtures)) for problem in _mixture(study, index)),
        *_lengths(study),
        *_accelerators(study),
    ]


def dotted(place: Place) -> str:
    """A place in the study as people write it: `mixtures[0].samples_per_language[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def shown(value: Any) -> str:
    """A value as messages show it: never longer than a line."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _one_of(names: Sequence[str]) -> str:
    return f"expected one of {', '.join(names)}" if names else "expected none, as there are none"


def _repeated_names(field: str, names: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (field, index, "name"), f"got {name!r} again, expected a name that no other of the {field} has"


def _repeated(place: Place, values: Sequence[Any] | None) -> Iterator[Problem]:
    for index, value in enumerate(values or ()):
        if value in values[:index]:  # type: ignore[index]
            yield (*place, index), f"got {value!r} again, expected each value once"


def _unknown(place: Place, values: Sequence[str] | None, known: Sequence[str]) -> Iterator[Problem]:
    for index, value in enumerate(values or ()):
        if value not in known:
            yield (*place, index), f"got {value!r}, {_one_of(known)}"


def _models(study: Study) -> Iterator[Problem]:
    for index, model in enumerate(study.models):
        if "lora" in model.model_fields_set and model.method == "full":
            yield ("models", index, "lora"), "is set while `method` is 'full', expected `method: lora` or no `lora`"
        if model.path is None and model.parameters is None:
            yield ("models", index), "got neither `path` nor `parameters`, expected at least one of them"


def _tasks(study: Study) -> Iterator[Problem]:
    languages = study.languages
    for name, task in study.tasks.items():
        place: Place = ("tasks", name)
        yield from _repeated((*place, "metrics"), task.metrics)
        for field, template in (("prompt", task.prompt), ("answer", task.answer)):
            if message := _template_fault(template):
                yield (*place, field), message
        yield from _source(study, (*place, "train"), task.train, (languages.english, *languages.train))
        yield from _source(study, (*place, "test"), task.test, languages.evaluate)
        yield from _declared_rows(study, name)


def _template_fault(template: str) -> str | None:
    """What is wrong with a prompt or answer template, if anything is."""
    allowed = "expected names of columns in single braces, such as '{question}' (a brace itself is '{{' or '}}')"
    try:
        fields = [field for field in Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        return f"got {shown(template)} ({error}), {allowed}"
    if not fields:
        return f"got {shown(template)} without any column, {allowed}"
    for _, field, format_spec, conversion in fields:
        if format_spec or conversion or not field or not field.isidentifier():
            return f"got {shown('{' + str(field) + '}')}, {allowed}"
    return None


def _source(study: Study, place: Place, source: Source, needed: Sequence[str]) -> Iterator[Problem]:
    for field in ("path", "hub", "config", "split", "files"):
        for name in PLACEHOLDER.findall(getattr(source, field) or ""):
            if name != "language":
                yield (*place, field), f"got {shown(getattr(source, field))}, expected no placeholder but {{language}}"
    hub = [source.hub, source.config, source.split, source.files, *source.where.values()]
    locations = [source.path] if source.path else hub
    if source.at_hand and len(needed) > 1 and not any("{language}" in (text or "") for text in locations):
        field = "path" if source.path else "config"
        yield (*place, field), "has no {language}, expected it, as every language has rows of its own"
    if source.path:
        for field in ("config", "split", "revision", "files", "where"):
            if field in source.model_fields_set:
                yield (*place, field), "is set beside `path`, expected it only beside `hub`"
    known = study.languages.evaluate
    for field, codes in (("languages", source.languages), ("rows", source.rows)):
        if isinstance(codes, dict):
            yield from (
                ((*place, field, code), f"got {code!r}, {_one_of(known)}") for code in codes if code not in known
            )
    if isinstance(source.rows, dict):
        for code in needed:
            if code not in source.rows:
                yield (*place, "rows"), f"{code} missing, expected a number of rows for each of {', '.join(needed)}"


def _declared_rows(study: Study, task: str) -> Iterator[Problem]:
    """Declared rows that cannot serve the largest mixture; rows at hand are counted when the study is planned."""
    rows = study.tasks[task].train.rows
    if rows is None:
        return
    for language, needed in rows_needed(study, task).items():
        declared = rows.get(language, needed) if isinstance(rows, dict) else rows
        if declared < needed:
            place: Place = ("tasks", task, "train", "rows", *((language,) if isinstance(rows, dict) else ()))
            validation = study.training.validation_rows
            yield (
                place,
                f"got {declared} rows in {language}, expected at least {needed} "
                f"({needed - validation} of the largest mixture and {validation} of validation)",
            )


def rows_needed(study: Study, task: str) -> dict[str, int]:
    """How many rows the largest mixture and the validation set need of a task's training source.

    Returns:
        Language to rows.
    """
    english, validation = study.languages.english, study.training.validation_rows
    needed = dict.fromkeys((english, *study.languages.train), validation)
    for mixture in study.mixtures:
        if mixture.tasks is not None and task not in mixture.tasks:
            continue
        needed[english] = max(needed[english], mixture.english_samples + validation)
        for language in mixture.languages or study.languages.train:
            if language in needed:
                most = max(mixture.rows(n, language) for n in mixture.samples_per_language)
                needed[language] = max(needed[language], most + validation)
    return needed


def _mixture(study: Study, index: int) -> Iterator[Problem]:
    mixture, place = study.mixtures[index], ("mixtures", index)
    trained = study.languages.train if mixture.languages is None else mixture.languages
    for field, known in (
        ("languages", study.languages.train),
        ("models", [model.name for model in study.models]),
        ("tasks", list(study.tasks)),
    ):
        yield from _unknown((*place, field), getattr(mixture, field), known)
        if getattr(mixture, field) == () and field != "languages":
            yield (*place, field), "is empty, expected at least one (or no such key: all of the study's)"
    for field in ("languages", "models", "tasks", "settings", "seeds", "samples_per_language"):
        yield from _repeated((*place, field), getattr(mixture, field))
    for field in ("settings", "seeds"):
        if getattr(mixture, field) == ():
            yield (*place, field), "is empty, expected at least one (or no such key: the study's)"
    for code in mixture.weights:
        if code not in trained:
            yield (*place, "weights", code), f"got {code!r}, {_one_of(trained)}"
    yield from _counts(mixture, place, trained)


def _counts(mixture: Mixture, place: Place, trained: tuple[str, ...]) -> Iterator[Problem]:
    for position, n in enumerate(mixture.samples_per_language):
        where: Place = (*place, "samples_per_language", position)
        if n and not trained:
            yield where, f"got {n} without any trained language, expected 0 or languages"
        if any(n and not mixture.rows(n, language) for language in trained):
            yield where, f"got {n}, which a weight rounds to 0 rows, expected more rows or a larger weight"
        total = mixture.replaced(n, trained)
        if mixture.design == "fixed_budget" and total > mixture.english_samples:
            yield (
                where,
                f"got {n}, which makes {total} rows in {len(trained)} languages, expected no more than the budget "
                f"of {mixture.english_samples} rows (`english_samples` of design fixed_budget)",
            )


def _lengths(study: Study) -> Iterator[Problem]:
    training, longest = study.training, study.evaluation.max_new_tokens
    if training.micro_batch_size and training.micro_batch_size > training.batch_size:
        yield (
            ("training", "micro_batch_size"),
            f"got {training.micro_batch_size}, expected at most `batch_size` ({training.batch_size})",
        )
    expected = f"expected fewer than `training.max_tokens` ({training.max_tokens}), which holds prompt and answer"
    if longest >= training.max_tokens and any(task.max_new_tokens is None for task in study.tasks.values()):
        if "max_new_tokens" in study.evaluation.model_fields_set:
            yield ("evaluation", "max_new_tokens"), f"got {longest}, {expected}"
        else:
            yield (
                ("training", "max_tokens"),
                f"got {training.max_tokens}, expected more than `evaluation.max_new_tokens` ({longest} unless set)",
            )
    for name, task in study.tasks.items():
        if task.max_new_tokens and task.max_new_tokens >= training.max_tokens:
            yield ("tasks", name, "max_new_tokens"), f"got {task.max_new_tokens}, {expected}"


def _accelerators(study: Study) -> Iterator[Problem]:
    resources, known = study.resources, list(study.resources.speeds)
    placements: list[tuple[Place, Placement | None]] = [
        (("resources", "training"), resources.training),
        (("resources", "evaluation"), resources.evaluation),
    ]
    for index, model in enumerate(study.models):
        placements.append((("models", index, "resources", "training"), model.resources.training))
        placements.append((("models", index, "resources", "evaluation"), model.resources.evaluation))
    for place, placement in placements:
        if placement is not None and placement.accelerator not in known:
            yield (
                (*place, "accelerator"),
                f"got {placement.accelerator!r}, {_one_of(known)} (the names in resources.speeds)",
            )
        if placement is not None and place[-1] == "evaluation" and placement.nodes > 1:
            yield (*place, "nodes"), f"got {placement.nodes}, expected 1: an evaluation is one process on one node"
