"""studies/paper adds up to the printed tables, studies/reproduction is the same design; both plan without a network."""

import csv
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from clt.planning import declared_record, make_plan
from clt.study import Point, StudyRecord, load_study, resolve

STUDIES = Path(__file__).resolve().parents[2] / "studies"
FILES = ("single_task", "multi_task", "script_ablation")
SETTING = {"single_task": "single", "multi_task": "multi"}


def _record(folder: str, name: str) -> StudyRecord:
    path = STUDIES / folder / f"{name}.yaml"
    return declared_record(resolve(load_study(path), path.parent))


def _printed() -> set[tuple[str, str, str, str, int]]:
    with (STUDIES / "paper" / "scores.csv").open(encoding="utf-8") as file:
        return {
            (row["model"], row["setting"], row["task"], row["train_languages"], int(row["samples_per_language"]))
            for row in csv.DictReader(file)
        }


def _combinations(point: Point) -> set[tuple[str, str, str, str, int]]:
    languages = "+".join(["en", *point.train_languages])
    return {(point.model, SETTING[point.setting], task, languages, point.samples_per_language) for task in point.tasks}


def test_the_papers_points_are_the_printed_ones() -> None:
    points = [point for name in FILES for point in _record("paper", name).grid.points]
    assert len(points) == 152
    combinations = [combination for point in points for combination in _combinations(point)]
    assert len(combinations) == len(set(combinations))
    assert set(combinations) == _printed()


@pytest.mark.parametrize("folder", ["paper", "reproduction"])
def test_the_three_files_share_146_trained_runs(folder: str) -> None:
    records = [_record(folder, name) for name in FILES]
    trained = {record.training_key(cell) for record in records for cell in record.grid.cells if not cell.is_base}
    assert len(trained) == 146
    base = {record.evaluation_key(cell) for record in records for cell in record.grid.cells if cell.is_base}
    assert len(base) == 3


def test_english_only_runs_of_an_ablation_are_those_of_the_full_curve() -> None:
    full, ablation = _record("paper", "single_task"), _record("paper", "script_ablation")

    def english(record: StudyRecord) -> set[str]:
        cells = [cell for cell in record.grid.cells if cell.model == "aya-23-7b" and cell.samples_per_language == 0]
        return {record.training_key(cell) for cell in cells}

    assert len(english(full)) == 3
    assert english(full) == english(ablation)


def test_evaluated_languages_are_the_printed_ones() -> None:
    with (STUDIES / "paper" / "scores.csv").open(encoding="utf-8") as file:
        languages = {row["language"] for row in csv.DictReader(file)}
    for name in FILES:
        assert set(_record("paper", name).study.languages.evaluate) == languages


def test_both_folders_have_the_same_grid_of_mixtures() -> None:
    for name in FILES:
        paper, reproduction = _record("paper", name).study, _record("reproduction", name).study
        assert reproduction.mixtures == paper.mixtures
        assert reproduction.languages == paper.languages
        assert reproduction.training == paper.training
        assert list(reproduction.tasks) == list(paper.tasks)
        assert len(reproduction.models) == len(paper.models)


def test_the_paper_is_plan_only_and_the_reproduction_is_not() -> None:
    for name in FILES:
        note = make_plan(_record("paper", name)).notes[0]
        assert note.startswith(
            "the study can be planned but not run: only declared are tasks.instruction_following.train"
        )
        assert note.endswith(f"models.{_record('paper', name).study.models[-1].name}")
        reproduction = _record("reproduction", name)
        assert not any("not run" in note for note in make_plan(reproduction).notes)
        assert all(model.path and model.revision for model in reproduction.study.models)
        assert all(task.train.hub and task.test.hub for task in reproduction.study.tasks.values())


@pytest.mark.parametrize("name", FILES)
def test_the_papers_grid_plans_in_a_few_seconds_and_without_torch(name: str) -> None:
    path = STUDIES / "paper" / f"{name}.yaml"
    code = (
        "import sys; from pathlib import Path; from clt.planning import *; from clt.study import *\n"
        f"path = Path({str(path)!r}); make_plan(declared_record(resolve(load_study(path), path.parent)))\n"
        "assert not {'torch', 'kfp', 'transformers', 'datasets', 'numpy'} & set(sys.modules)"
    )
    assert min(_processor_seconds(code) for _ in range(2)) < 5  # about one on a quiet machine


def _processor_seconds(code: str) -> float:
    """Of the whole interpreter, start to finish; other work on the machine does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=STUDIES.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
