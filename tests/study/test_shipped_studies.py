"""studies/paper adds up to the printed tables, studies/reproduction is the same design; both plan without a network."""

import csv
import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import datasets
import pyarrow
import pyarrow.parquet
import pytest

from clt.data import inspect_sources
from clt.planning import declared_record, make_plan
from clt.study import Point, Source, StudyRecord, Task, expand, load_study, resolve

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


def test_the_reproductions_sources_are_read_from_folders_laid_out_like_the_hubs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "rows-cache"))
    study = load_study(STUDIES / "reproduction" / "single_task.yaml").limited(4)
    languages = study.languages.evaluate
    _write_bactrian(tmp_path / "MBZUAI/Bactrian-X", languages)
    _write_xlsum(tmp_path / "csebuetnlp/xlsum", study.tasks["summarization"].train.languages.values())
    _write_mcot(tmp_path / "laihuiyuan/mCoT-MATH", languages)
    _write_polymath(tmp_path / "Qwen/PolyMath", languages)
    tasks = {name: task.model_copy(update=_here(task, tmp_path)) for name, task in study.tasks.items()}
    study = resolve(study.model_copy(update={"tasks": tasks}), tmp_path)
    facts = inspect_sources(study, expand(study)).sources
    assert facts["instruction_following/test/ja"].rows == 10
    assert facts["summarization/train/zh"].rows == 12
    assert facts["math/train/fr"].rows == 12
    assert facts["math/test/ko"].rows == 5


def _here(task: Task, folder: Path) -> dict[str, Source]:
    """The sources of a task as folders below one; folders have no revision, and are short."""
    split = {"train[:66000]": "train[:12]", "train[66000:]": "train[12:]"}
    return {
        part: source.model_copy(
            update={"hub": f"{folder}/{source.hub}", "revision": None, "split": split.get(source.split, source.split)}
        )
        for part, source in (("train", task.train), ("test", task.test))
    }


def _words(language: str, kind: str, number: int) -> str:
    return " ".join(f"{language}{kind}{number}word{position}" for position in range(12))


def _write_parquet(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def _write_bactrian(folder: Path, languages: Iterable[str]) -> None:
    for code in languages:
        rows = [
            {"instruction": _words(code, "i", k), "input": "", "id": f"alpaca-{k}", "output": _words(code, "o", k)}
            for k in range(22)
        ]
        _write_parquet(folder / code / "train" / "0000.parquet", rows)


def _write_xlsum(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        for split, count in (("train", 12), ("test", 5)):
            rows = [
                {"id": f"{name}-{split}-{k}", "summary": _words(name, "s", k), "text": _words(name, f"t{split}", k)}
                for k in range(count)
            ]
            _write_parquet(folder / name / split / "0000.parquet", rows)


def _write_mcot(folder: Path, languages: Iterable[str]) -> None:
    folder.mkdir(parents=True)
    rows = [
        {"lang-id": f"{code}-{k}", "question": _words(code, "q", k), "answer": f"The answer is {k}."}
        for k in range(12)
        for code in languages
    ]
    (folder / "mcot_math.json").write_text("\n".join(json.dumps(row) for row in rows))


def _write_polymath(folder: Path, languages: Iterable[str]) -> None:
    configs = []
    for code in languages:
        rows = [{"id": f"low-{code}-{k}", "question": _words(code, "p", k), "answer": str(k)} for k in range(5)]
        _write_parquet(folder / code / "low.parquet", rows)
        configs.append({"config_name": code, "data_files": [{"split": "low", "path": f"{code}/low.parquet"}]})
    (folder / "README.md").write_text(f"---\n{json.dumps({'configs': configs})}\n---\n")


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
