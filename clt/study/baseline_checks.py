"""Checks of a study's `baseline` against the rest of the study."""

from collections.abc import Iterator, Sequence

from clt.study.baseline_spec import Baseline
from clt.study.places import Place, Problem, one_of
from clt.study.spec import Study

PRIMARY: Place = ("baseline", "primary")


def baseline_problems(study: Study) -> Iterator[Problem]:
    """What in the `baseline` does not fit the study; nothing where it has none."""
    if (baseline := study.baseline) is None:
        return
    yield from _primary(study, baseline)
    for index, mixture in enumerate(study.mixtures):
        if mixture.seeds is not None:
            yield ("mixtures", index, "seeds"), "is set in a study with `baseline`, expected the study's `seeds` alone"
    if baseline.seeds == "rotate" and baseline.seeds_per_run > len(study.seeds):
        yield (
            ("baseline", "seeds_per_run"),
            f"got {baseline.seeds_per_run}, expected at most the number of the study's `seeds` ({len(study.seeds)})",
        )
    if baseline.seeds == "fixed" and "seeds_per_run" in baseline.model_fields_set:
        yield ("baseline", "seeds_per_run"), "is set with `seeds: fixed`, expected `rotate`, or no such key"


def _primary(study: Study, baseline: Baseline) -> Iterator[Problem]:
    primary = baseline.primary
    named: tuple[tuple[str, object, Sequence[object]], ...] = (
        ("task", primary.task, list(study.tasks)),
        ("model", primary.model, [model.name for model in study.models]),
        ("mixture", primary.mixture, [mixture.name for mixture in study.mixtures]),
    )
    for field, value, known in named:
        if value is not None and value not in known:
            yield (*PRIMARY, field), f"got {value!r}, {one_of([str(each) for each in known])}"
    mixture = next((each for each in study.mixtures if primary.mixture in (None, each.name)), None)
    n = primary.samples_per_language
    if mixture is not None and n is not None and n not in mixture.samples_per_language:
        sizes = ", ".join(map(str, mixture.samples_per_language))
        yield (*PRIMARY, "samples_per_language"), f"got {n}, expected one of the mixture's: {sizes}"
    task = study.tasks.get(primary.task)
    if task is None:
        return
    if primary.metric is not None and primary.metric not in task.metrics:
        yield (*PRIMARY, "metric"), f"got {primary.metric!r}, {one_of(task.metrics)}"
    evaluated = study.evaluated(primary.task)
    if isinstance(primary.languages, tuple):
        for index, code in enumerate(primary.languages):
            if code not in evaluated:
                yield (*PRIMARY, "languages", index), f"got {code!r}, {one_of(evaluated)}"
    if not isinstance(primary.languages, str) and not primary.languages:
        yield (*PRIMARY, "languages"), "is empty, expected languages or a role"
    if primary.languages == "held_out" and mixture is not None:
        trained = study.languages.train if mixture.languages is None else mixture.languages
        if not set(evaluated) - {study.languages.english, *trained}:
            yield (*PRIMARY, "languages"), "got 'held_out', of which the study evaluates none, expected another role"
