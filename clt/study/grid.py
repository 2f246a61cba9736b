"""The grid of a study: its cells, and the points of its curves that rest on them.

A point is one n of one curve (model, setting, task set, mixture, seed). Usually a point has a cell of its own; the
English-only point (n = 0) of several mixtures over the same English rows is one cell, trained once.
"""

from typing import Literal

from clt.hashing import short_hash
from clt.study.fields import Setting, Spec
from clt.study.mixture_spec import Mixture
from clt.study.spec import Model, Study

Exposure = Literal["english", "seen", "unseen"]
Role = Literal["english", "trained", "held_out"]


class Cell(Spec):
    """One model trained on one mixture with one seed, then evaluated; or the base model as it is (`rows` empty)."""

    key: str  # readable, unique in the study; also its name in file names and in the KFP interface
    model: str
    setting: Setting | Literal["base"]
    tasks: tuple[str, ...]  # trained (the base model: none) and evaluated
    rows: dict[str, int]  # language -> rows of every task, English first; zero counts are left out
    samples_per_language: int | None  # n of the curve; None for the base model
    validation_languages: tuple[
        str, ...
    ]  # English and the mixture's languages (n = 0: the study's), the same rows for every n
    seed: int
    repeat: str = ""

    @property
    def is_base(self) -> bool:
        return self.setting == "base"

    def exposure(self, language: str, english: str) -> Exposure:
        """What this cell's training showed of a language; at n = 0 every language but English is unseen."""
        if language == english:
            return "english"
        return "seen" if self.rows.get(language) else "unseen"


class Point(Spec):
    """One point of a curve, and the cell whose scores it takes."""

    model: str
    setting: Setting
    tasks: tuple[str, ...]
    mixture: str
    train_languages: tuple[str, ...]  # of the curve, without English; the same at every n
    samples_per_language: int
    seed: int
    cell: str

    def role(self, language: str, english: str) -> Role:
        """What a language is in this point's curve, at n = 0 as well: S averages over trained, U over held-out ones."""
        if language == english:
            return "english"
        return "trained" if language in self.train_languages else "held_out"


class Grid(Spec):
    cells: tuple[Cell, ...]
    points: tuple[Point, ...]

    def cell(self, key: str) -> Cell:
        """The cell with this key; KeyError if the grid has none."""
        for cell in self.cells:
            if cell.key == key:
                return cell
        raise KeyError(key)


def expand(study: Study, repeat: str = "") -> Grid:
    """All cells and points of a study: base models first, then models x mixtures x settings x tasks x n x seeds.

    Args:
        study: Its paths need not be resolved.
        repeat: Part of every cell's identity: the same cells again on purpose.

    Returns:
        Each cell once, though several curves rest on it, and a point for every curve, n and seed.
    """
    cells: dict[str, Cell] = {}
    points: list[Point] = []
    for model in study.models:
        base = _base_cell(study, model, repeat)
        cells[base.key] = base
    for model in study.models:
        for mixture in study.mixtures:
            if mixture.models is not None and model.name not in mixture.models:
                continue
            for setting, tasks in _task_sets(study, mixture):
                for seed in mixture.seeds if mixture.seeds is not None else study.seeds:
                    for n in _sample_sizes(study, mixture, tasks):
                        cell = _cell(study, model, mixture, setting, tasks, n, seed, repeat)
                        cells.setdefault(cell.key, cell)
                        points.append(
                            Point(
                                model=model.name,
                                setting=setting,
                                tasks=tasks,
                                mixture=mixture.name,
                                train_languages=_languages(study, mixture, tasks),
                                samples_per_language=n,
                                seed=seed,
                                cell=cell.key,
                            )
                        )
    return Grid(cells=tuple(cells.values()), points=tuple(points))


def task_rows(study: Study, cell: Cell, task: str) -> dict[str, int]:
    """Language -> rows of one task in a cell's mixture; a task may lack languages that others of the mixture have."""
    return {language: count for language, count in cell.rows.items() if language in study.evaluated(task)}


def task_validation(study: Study, cell: Cell, task: str) -> tuple[str, ...]:
    """The languages that one task is validated in."""
    return tuple(language for language in cell.validation_languages if language in study.evaluated(task))


def _languages(study: Study, mixture: Mixture, tasks: tuple[str, ...]) -> tuple[str, ...]:
    """What a curve is trained on beside English: the mixture's languages that its tasks have."""
    return _of_tasks(study, study.languages.train if mixture.languages is None else mixture.languages, tasks)


def _of_tasks(study: Study, languages: tuple[str, ...], tasks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in languages if any(code in study.evaluated(task) for task in tasks))


def _sample_sizes(study: Study, mixture: Mixture, tasks: tuple[str, ...]) -> tuple[int, ...]:
    """The curve's n; without any language to add, English alone."""
    sizes = mixture.samples_per_language
    return sizes if _languages(study, mixture, tasks) else tuple(n for n in sizes if n == 0)


def _task_sets(study: Study, mixture: Mixture) -> list[tuple[Setting, tuple[str, ...]]]:
    tasks = tuple(study.tasks) if mixture.tasks is None else mixture.tasks
    sets: list[tuple[Setting, tuple[str, ...]]] = []
    for setting in study.settings if mixture.settings is None else mixture.settings:
        sets += [(setting, (task,)) for task in tasks] if setting == "single_task" else [(setting, tasks)]
    return sets


def _base_cell(study: Study, model: Model, repeat: str) -> Cell:
    return Cell(
        key=_key(f"{model.name}-base", {"model": model.name, "tasks": tuple(study.tasks), "repeat": repeat}),
        model=model.name,
        setting="base",
        tasks=tuple(study.tasks),
        rows={},
        samples_per_language=None,
        validation_languages=(),
        seed=0,
        repeat=repeat,
    )


def _cell(
    study: Study,
    model: Model,
    mixture: Mixture,
    setting: Setting,
    tasks: tuple[str, ...],
    n: int,
    seed: int,
    repeat: str,
) -> Cell:
    languages = _languages(study, mixture, tasks)
    validated = languages if n else _of_tasks(study, study.languages.train, tasks)
    rows = {language: mixture.rows(n, language) for language in languages}
    rows = {language: count for language, count in rows.items() if count}
    replaced = mixture.replaced(n, languages) if mixture.design == "fixed_budget" else 0
    identity = {
        "model": model.name,
        "setting": setting,
        "tasks": tasks,
        "rows": {study.languages.english: mixture.english_samples - replaced, **rows},
        "samples_per_language": n,
        "validation_languages": (study.languages.english, *validated),
        "seed": seed,
        "repeat": repeat,
    }
    what = tasks[0] if setting == "single_task" else "multi-task"
    return Cell.model_validate({"key": _key(f"{model.name}-{what}-n{n}-seed{seed}", identity), **identity})


def _key(name: str, identity: dict) -> str:
    """A readable key: what the cell is, and a hash of all that makes it this cell."""
    return f"{name.replace('_', '-').lower()}-{short_hash(identity)}"
