"""A baseline made of a study: few cells, and as many seeds a run as the drop that is worth an alarm takes."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from clt.baselines.comparisons import comparisons_of
from clt.baselines.detection import LASTED, thresholds, visible_drop
from clt.baselines.document import Comparison
from clt.baselines.judging import FLOOR
from clt.errors import StudyError
from clt.planning import COMMON_SD, LANGUAGE_SD
from clt.study import METRICS, Baseline, Study

RUNS_TO_COME = 12  # until a seed comes again
SIZED_AT = 20  # runs in control: earlier a drop has to be larger, or to last longer
MOST_SEEDS = 8  # a run: what needs more is no small study


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedBaseline:
    """What of a study's file is another in its baseline."""

    values: dict[str, Any]
    models: list[str]  # names of those that stay
    notes: list[str]  # what it is, a line each


def baseline_of(
    study: Study, *, task: str | None, languages: Literal["english", "trained", "held_out"], worth: float
) -> SizedBaseline:
    """The smallest baseline of a study: its first model, as it is and trained on the largest n of one mixture.

    Runs are taken to differ as the paper's repeated ones do, at the middle of the metric's range: the worst case.

    Args:
        study: Whose question the baseline asks again and again.
        task: Of the primary comparison; None: the study's first.
        languages: Its role.
        worth: The drop that is worth an alarm, in the unit of the task's first metric.

    Raises:
        StudyError: No such task, no mixture with languages, or a metric whose noise is not known.
        StudyError: The drop would take more than MOST_SEEDS seeds a run; with the one that these would find.
    """
    chosen = next(iter(study.tasks)) if task is None else task
    if chosen not in study.tasks:
        raise StudyError(f"got {chosen!r}, expected a task of the study: {', '.join(study.tasks)}", field="--task")
    mixture = next((each for each in study.mixtures if max(each.samples_per_language) > 0), None)
    if mixture is None:
        raise StudyError("hold no n > 0, expected one with rows in other languages", field="mixtures")
    largest = max(mixture.samples_per_language)
    model = (mixture.models or (study.models[0].name,))[0]
    setting = (mixture.settings or study.settings)[0]
    values: dict[str, Any] = {
        "name": f"{study.name[:54]}-baseline",
        "description": f"Again and again: {study.description or study.name}",
        "settings": [setting],
        "mixtures": [
            mixture.model_copy(
                update={"samples_per_language": (largest,), "models": (model,), "settings": None, "seeds": None}
            ).model_dump(mode="json", exclude_defaults=True)
        ],
    }
    small = study.model_copy(
        update={
            "models": tuple(each for each in study.models if each.name == model),
            "settings": (setting,),
            "mixtures": (
                mixture.model_copy(update={"samples_per_language": (largest,), "models": (model,), "seeds": None}),
            ),
            "seeds": (0,),
            "baseline": Baseline.model_validate(
                {"primary": {"task": chosen, "languages": languages, "mixture": mixture.name}, "worth": worth}
            ),
        }
    )
    primary = comparisons_of(small)[0]
    seeds = _seeds_per_run(primary, small.baseline, worth)
    count = seeds * RUNS_TO_COME
    values["seeds"] = list(range(study.seeds[0], study.seeds[0] + count))
    values["baseline"] = {
        "primary": {"task": chosen, "languages": languages, "mixture": mixture.name},
        "worth": worth,
        **({"seeds_per_run": seeds} if seeds > 1 else {}),
    }
    return SizedBaseline(
        values=values,
        models=[model],
        notes=[
            f"primary comparison: {primary.name}, in {', '.join(primary.languages)}",
            f"each run: {model} as it is, and trained with {seeds} of {count} seeds; after {SIZED_AT} runs a drop of "
            f"{worth:g} that lasts {LASTED} runs is found 4 times in 5, where runs differ as the paper's do",
        ],
    )


def _seeds_per_run(primary: Comparison, baseline: Baseline | None, worth: float) -> int:
    """The fewest seeds whose mean shows the drop."""
    assert baseline is not None, "it has just been made"
    metric = METRICS[primary.metric]
    if metric.high is None:
        raise StudyError(
            f"is {primary.metric}, whose noise between runs is not known, expected one with a largest score",
            field=f"tasks.{primary.task}.metrics[0]",
        )
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
