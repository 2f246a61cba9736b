"""Checks across the fields of a study that need no data: names that must exist, counts that must fit together."""

from collections.abc import Iterator, Sequence
from typing import Any

from clt.metrics import METRICS, MetricKind
from clt.study.baseline_checks import baseline_problems
from clt.study.judge_identity import judge_problems
from clt.study.mixture_spec import Mixture
from clt.study.places import Place, Problem, one_of
from clt.study.prompt_checks import prompt_problems, template_problems
from clt.study.resources import Placement
from clt.study.source_checks import location_problems, source_problems
from clt.study.spec import Study

OTHER_ROWS = (  # after what a source of a ready task lacks
    "; the ready task has no other languages: for those give a `test` of your own, and as examples "
    "`shots: {languages: {CODE: en}}` or a `shots.source`"
)
WRITTEN = MetricKind.GENERATED_TEXT


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
        *judge_problems(study),
        *baseline_problems(study),
        *_lengths(study),
        *_accelerators(study),
        *_accelerator_memory(study),
    ]


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
            yield (*place, index), f"got {value!r}, {one_of(known)}"


def _models(study: Study) -> Iterator[Problem]:
    for index, model in enumerate(study.models):
        if "lora" in model.model_fields_set and model.method == "full":
            yield ("models", index, "lora"), "is set while `method` is 'full', expected `method: lora` or no `lora`"
        if model.method == "lora" and study.evaluation.engine != "hf":
            yield ("models", index, "method"), "is 'lora' with `evaluation.engine` a server, expected 'full', or `hf`"
        if model.system is not None and not model.chat:
            yield ("models", index, "system"), "is set without `chat: true`, expected both or no `system`"
        if model.system is not None and not model.system.strip():
            yield ("models", index, "system"), "is blank, expected a text, or no `system`"
        if model.path is None and model.parameters is None:
            yield ("models", index), "got neither `path` nor `parameters`, expected at least one of them"
        if model.shape and model.parameters and (misfit := model.shape.misfit(model.parameters)):
            yield ("models", index, "shape"), f"{misfit}, expected the numbers of its config.json"
        yield from location_problems(("models", index, "path"), model.path or "")


def _tasks(study: Study) -> Iterator[Problem]:
    english, known = study.languages.english, study.languages.evaluate
    for name, task in study.tasks.items():
        place: Place = ("tasks", name)
        yield from _repeated((*place, "metrics"), task.metrics)
        yield from _repeated((*place, "decontamination"), task.decontamination)
        yield from _repeated((*place, "languages"), task.languages)
        yield from _unknown((*place, "languages"), task.languages, known)
        if task.languages is not None and english not in task.languages:
            yield (*place, "languages"), f"{english} missing, expected English among them, as it is in every mixture"
        yield from template_problems(place, task, study.evaluated(name))
        found = [
            *source_problems((*place, "train"), task.train, (english, *study.trained(name)), known),
            *source_problems((*place, "test"), task.test, study.evaluated(name), known),
            *prompt_problems(place, study, name),
        ]
        yield from ((where, text + (OTHER_ROWS if task.use and where[-1] == "rows" else "")) for where, text in found)
        yield from _declared_rows(study, name)


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
    needed = dict.fromkeys((english, *study.trained(task)), validation)
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
            yield (*place, "weights", code), f"got {code!r}, {one_of(trained)}"
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
    """A written answer may take at most half of what prompt and answer have together."""
    field = "evaluation.max_tokens" if study.evaluation.max_tokens else "training.max_tokens"
    room, longest = study.evaluated_tokens, study.evaluation.max_new_tokens
    expected = f"expected at most half of `{field}` ({room}): the other half is the prompt's"
    writing = [task for task in study.tasks.values() if any(METRICS[name].kind == WRITTEN for name in task.metrics)]
    if longest > room // 2 and any(task.max_new_tokens is None for task in writing):
        if "max_new_tokens" in study.evaluation.model_fields_set:
            yield ("evaluation", "max_new_tokens"), f"got {longest}, {expected}"
        else:
            least = f"expected at least {2 * longest}: `evaluation.max_new_tokens` ({longest} unless set) and a prompt"
            yield tuple(field.split(".")), f"got {room}, {least}"
    for name, task in study.tasks.items():
        if task.max_new_tokens and task.max_new_tokens > room // 2:
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
                f"got {placement.accelerator!r}, {one_of(known)} (the names in resources.speeds)",
            )
        if placement is not None and place[-1] == "evaluation" and placement.nodes > 1:
            yield (*place, "nodes"), f"got {placement.nodes}, expected 1: an evaluation is one process on one node"
        rows = study.training.batch_size
        if placement is not None and place[-1] == "training" and placement.processes > rows:
            yield (
                place,
                f"got {placement.processes} accelerators for {rows} rows a step (training.batch_size), expected at "
                "most one a row",
            )


def _accelerator_memory(study: Study) -> Iterator[Problem]:
    known = list(study.resources.speeds)
    for name in study.resources.accelerator_memory:
        if name not in known:
            yield (
                ("resources", "accelerator_memory", name),
                f"got {name!r}, {one_of(known)} (the names in resources.speeds)",
            )
