"""A baseline made of a study: few cells, and as many seeds a run as the drop that is worth an alarm takes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from clt.baselines.comparisons import comparisons_of
from clt.baselines.detection import LASTED, thresholds, visible_drop
from clt.baselines.document import Comparison
from clt.baselines.judging import FLOOR
from clt.errors import StudyError
from clt.planning import COMMON_SD, LANGUAGE_SD
from clt.study import METRICS, Baseline, Study

Role = Literal["english", "trained", "held_out"]
ROLES: tuple[Role, ...] = get_args(Role)
RUNS_TO_COME = 12  # until a seed comes again
SIZED_AT = 20  # runs in control: earlier a drop has to be larger, or to last longer
MOST_SEEDS = 8  # a run: what needs more is no small study


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedBaseline:
    """What of a study's file is another in its baseline."""

    values: dict[str, Any]
    models: list[str]  # names of those that stay
    notes: list[str]  # what it is, a line each


def baseline_of(study: Study, *, task: str | None, metric: str | None, languages: Role, worth: float) -> SizedBaseline:
    """The smallest baseline of a study: its first model, as it is and trained on the largest n of one mixture.

    Runs are taken to differ as the paper's repeated ones do, at the middle of the metric's range: the worst case. Of a
    `baseline` that the study has, `notify` and `keep` stay.

    Args:
        study: Whose question the baseline asks again and again.
        task: Of the primary comparison; None: the study's first.
        metric: Its metric; None: the task's first.
        languages: Its role.
        worth: The drop that is worth an alarm, in the metric's unit.

    Raises:
        StudyError: No such task or metric, no mixture with languages, or no language of this role.
        StudyError: No drop in the metric's scores, or a metric whose noise is not known.
        StudyError: The drop would take more than MOST_SEEDS seeds a run; with the one that these would find.
    """
    chosen = next(iter(study.tasks)) if task is None else task
    if chosen not in study.tasks:
        raise StudyError(f"got {chosen!r}, expected a task of the study: {', '.join(study.tasks)}", field="--task")
    measured = _metric(study, chosen, metric, worth)
    small = _small(study, chosen)
    mixture = small.mixtures[0]
    asked = {"task": chosen, "mixture": mixture.name, **({} if metric is None else {"metric": metric})}
    primary = _primary(small, asked, languages, worth)
    seeds = _seeds_per_run(primary, _baseline(asked, languages, worth), worth)
    count = seeds * RUNS_TO_COME
    before = study.baseline
    kept = before.model_dump(mode="json", include={"notify", "keep"}, exclude_defaults=True) if before else {}
    values: dict[str, Any] = {
        "name": f"{study.name[:54]}-baseline",
        "description": f"Again and again: {study.description or study.name}",
        "settings": list(small.settings),
        "mixtures": [mixture.model_dump(mode="json", exclude_defaults=True)],
        "seeds": list(range(study.seeds[0], study.seeds[0] + count)),
        "baseline": {
            "primary": {**asked, "languages": languages},
            "worth": worth,
            **({"seeds_per_run": seeds} if seeds > 1 else {}),
            **kept,
        },
    }
    model = small.models[0].name
    return SizedBaseline(
        values=values,
        models=[model],
        notes=[
            f"primary comparison: {primary.name}, in {', '.join(primary.languages)}",
            f"each run: {model} as it is, and trained with {seeds} of {count} seeds; after {SIZED_AT} runs a drop of "
            f"{worth:g} in {measured} that lasts {LASTED} runs is found 4 times in 5, where runs differ as the paper's "
            "do",
        ],
    )


def note_on_items(study: Study, rows: Mapping[str, int]) -> str:
    """What to know where a single test item weighs so much that a few chance answers are the drop; else empty.

    Args:
        study: With a `baseline`.
        rows: Test items of the primary comparison's languages, by code, before `evaluation.max_items`.
    """
    assert study.baseline is not None, "it has just been made"
    primary, worth = comparisons_of(study)[0], study.baseline.worth
    metric, most = METRICS[primary.metric], study.evaluation.max_items
    assert metric.high is not None, "or no baseline would have been made"
    items = {code: min(rows[code], most or rows[code]) for code in primary.languages}
    fewest = min(items, key=lambda code: items[code])
    weight = (metric.high - metric.low) / len(items) / max(items[fewest], 1)
    if weight <= worth / 2:
        return ""
    return (
        f"few test items: one of the {items[fewest]} in {fewest} moves the primary comparison by up to {weight:.3f}, "
        f"more than half of --worth {worth:g}; take more items, or a larger drop"
    )


def _metric(study: Study, task: str, wanted: str | None, worth: float) -> str:
    """The name of the primary comparison's metric, whose scores can drop by `worth`."""
    known = study.tasks[task].metrics
    name = known[0] if wanted is None else wanted
    if name not in known:
        raise StudyError(f"got {name!r}, expected a metric of task {task}: {', '.join(known)}", field="--metric")
    metric = METRICS[name]
    if metric.high is None:
        raise StudyError(
            f"is {name}, whose noise between runs is not known, expected one with a largest score, such as "
            "exact_match, among those of the task",
            field="--metric",
        )
    if not 0 < worth <= metric.high - metric.low:
        raise StudyError(
            f"got {worth:g}, expected more than 0 and at most {metric.high - metric.low:g}, the range of {name}",
            field="--worth",
        )
    return name


def _small(study: Study, task: str) -> Study:
    """One model, one setting, one mixture with its largest n."""
    mixture = next(
        (
            each
            for each in study.mixtures
            if max(each.samples_per_language) > 0 and (each.tasks is None or task in each.tasks)
        ),
        None,
    )
    if mixture is None:
        raise StudyError(f"hold no n > 0 of task {task}, expected one with rows in other languages", field="mixtures")
    model = (mixture.models or (study.models[0].name,))[0]
    one = {"samples_per_language": (max(mixture.samples_per_language),), "models": (model,)}
    return study.model_copy(
        update={
            "models": (study.model(model),),
            "settings": (mixture.settings or study.settings)[:1],
            "mixtures": (mixture.model_copy(update=one | {"settings": None, "seeds": None}),),
            "seeds": (0,),
        }
    )


def _baseline(asked: Mapping[str, str], languages: Role, worth: float) -> Baseline:
    return Baseline.model_validate({"primary": {**asked, "languages": languages}, "worth": worth})


def _primary(small: Study, asked: Mapping[str, str], languages: Role, worth: float) -> Comparison:
    """The primary comparison; StudyError where no language has this role, with the roles that have some."""
    of = {
        role: comparisons_of(small.model_copy(update={"baseline": _baseline(asked, role, worth)}))[0] for role in ROLES
    }
    if not of[languages].languages:
        known = ", ".join(f"{role} ({', '.join(each.languages)})" for role, each in of.items() if each.languages)
        raise StudyError(
            f"got {languages}, of which task {asked['task']} has no language, expected one of: {known}",
            field="--languages",
        )
    return of[languages]


def _seeds_per_run(primary: Comparison, baseline: Baseline, worth: float) -> int:
    """The fewest seeds whose mean shows the drop."""
    metric = METRICS[primary.metric]
    assert metric.high is not None, "it has been checked"
    # The slope of a score in its log-odds is steepest in the middle: a quarter of the range.
    one = (metric.high - metric.low) / 4 * math.sqrt(COMMON_SD**2 + LANGUAGE_SD**2 / len(primary.languages))
    threshold = float(thresholds(np.array([primary.weight]), baseline.horizon, baseline.alpha)[0])
    for seeds in range(1, MOST_SEEDS + 1):
        drop = visible_drop(
            SIZED_AT,
            one / math.sqrt(seeds),
            threshold=threshold,
            first_runs=baseline.first_runs,
            smallest_sd=FLOOR * worth,
        )
        if drop is not None and drop <= worth:
            return seeds
    found = "more" if drop is None else f"{drop:.3f}"
    raise StudyError(
        f"got {worth:g}, expected at least {found}: so small a drop takes more than {MOST_SEEDS} seeds a run",
        field="--worth",
    )
