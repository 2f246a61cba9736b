"""What a baseline watches: the primary comparison, and each model, mixture, n, task and language by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from clt.baselines.document import Comparison
from clt.hashing import short_hash
from clt.study import METRICS, Baseline, Point, Study, expand, is_judged

JUDGE = "judge"
ANCHORS = "anchors"  # in the place of a setting: a judge's ratings of fixed answers


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a cell's scores stand; its seeds are averaged over."""

    model: str
    setting: str
    mixture: str = ""
    samples_per_language: int = -1  # of a base model

    @property
    def title(self) -> str:
        if self.setting == "base":
            return f"{self.model}, base model"
        setting = "" if self.setting == "single_task" else ", multi-task"
        return f"{self.model}{setting}, {self.mixture}, n = {self.samples_per_language}"


def place_of(point: Point) -> Place:
    return Place(point.model, point.setting, point.mixture, point.samples_per_language)


def score_key(place: Place, task: str, metric: str, language: str) -> str:
    """What a mean is kept by, in every run."""
    n = "" if place.samples_per_language < 0 else str(place.samples_per_language)
    return "|".join((place.model, place.setting, place.mixture, n, task, metric, language))


def keys_of(comparison: Comparison) -> list[str]:
    """The keys of the means that a comparison averages over."""
    n = -1 if comparison.samples_per_language is None else comparison.samples_per_language
    place = Place(comparison.model, comparison.setting, comparison.mixture, n)
    return [score_key(place, comparison.task, comparison.metric, code) for code in comparison.languages]


def asked_place(task: str, language: str, *, anchors: bool = False) -> str:
    """What the items behind a mean are kept by: a judge's fixed answers are no task's items of today."""
    return f"{ANCHORS} of {task}/{language}" if anchors else f"{task}/{language}"


def identity_of(comparison: Comparison) -> str:
    """What a comparison is known by over all runs, whatever its name says."""
    return short_hash([comparison.primary, comparison.anchors, *keys_of(comparison)])


def comparisons_of(study: Study) -> list[Comparison]:
    """All comparisons of a baseline study, the primary one first.

    Every task's first metric is watched; the weights sum to 1, `primary_share` of it the primary's.
    """
    baseline = study.baseline
    assert baseline is not None, "the study has a baseline"
    single = list(_single(study))
    share = (1 - baseline.primary_share) / len(single)
    return [_primary(study, baseline), *(each.model_copy(update={"weight": share}) for each in single)]


def _primary(study: Study, baseline: Baseline) -> Comparison:
    wanted = baseline.primary
    mixture = study.mixture(wanted.mixture) if wanted.mixture else study.mixtures[0]
    n = wanted.samples_per_language
    size = max(mixture.samples_per_language) if n is None else n
    model = wanted.model or study.models[0].name
    setting = next(
        point.setting for point in expand(study).points if point.mixture == mixture.name and wanted.task in point.tasks
    )
    metric = wanted.metric or study.tasks[wanted.task].metrics[0]
    languages = _languages(study, baseline, mixture.languages)
    named = wanted.languages.replace("_", "-") if isinstance(wanted.languages, str) else "+".join(languages)
    return Comparison(
        name=f"{wanted.task}, {named} ({Place(model, setting, mixture.name, size).title}), {metric}",
        model=model,
        setting=setting,
        mixture=mixture.name,
        samples_per_language=size,
        task=wanted.task,
        metric=metric,
        languages=languages,
        higher_is_better=METRICS[metric].higher_is_better,
        primary=True,
        anchors=False,
        weight=baseline.primary_share,
    )


def _languages(study: Study, baseline: Baseline, of_mixture: tuple[str, ...] | None) -> list[str]:
    """The primary comparison's, in the study's order."""
    primary, english = baseline.primary, study.languages.english
    trained = set(study.languages.train if of_mixture is None else of_mixture)
    chosen = {
        "english": {english},
        "trained": trained - {english},
        "held_out": set(study.languages.evaluate) - trained - {english},
    }
    wanted = chosen[primary.languages] if isinstance(primary.languages, str) else set(primary.languages)
    return [code for code in study.evaluated(primary.task) if code in wanted]


def _single(study: Study) -> Iterator[Comparison]:
    """One language each: of every place, and of the judge on fixed answers; without their weights."""
    places: dict[Place, tuple[str, ...]] = {
        Place(cell.model, "base"): cell.tasks for cell in expand(study).cells if cell.is_base
    }
    for point in expand(study).points:
        place = place_of(point)
        places[place] = tuple(dict.fromkeys((*places.get(place, ()), *point.tasks)))
    for place, tasks in places.items():
        for task in tasks:
            for code in study.evaluated(task):
                yield _one(study, place, place.title, task, study.tasks[task].metrics[0], code)
    if is_judged(study, study.tasks):
        for task in study.tasks:
            if JUDGE in study.tasks[task].metrics:
                for code in study.evaluated(task):
                    yield _one(study, Place("", ANCHORS), "the judge, on fixed answers", task, JUDGE, code)


def _one(study: Study, place: Place, title: str, task: str, metric: str, code: str) -> Comparison:
    return Comparison(
        name=f"{task}, {code} ({title})",
        model=place.model,
        setting=place.setting,
        mixture=place.mixture,
        samples_per_language=None if place.samples_per_language < 0 else place.samples_per_language,
        task=task,
        metric=metric,
        languages=[code],
        higher_is_better=METRICS[metric].higher_is_better,
        primary=False,
        anchors=place.setting == ANCHORS,
        weight=0.0,
    )
