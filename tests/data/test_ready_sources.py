"""Ready tasks read the rows that they are written for, from folders laid out as the hub lays them out."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import datasets
import pyarrow
import pyarrow.parquet
import pytest

from clt.data import inspect_sources, mix
from clt.store import open_store, publish_record
from clt.study import ModelFacts, Source, StudyRecord, Task, expand, load_study, resolve
from tests.data.conftest import read_jsonl

LANGUAGES = ("en", "es", "zh")
STUDY = """
name: ready
models: [{{name: tiny, path: org/tiny, revision: main, parameters: 1000}}]
tasks: {{task: {{use: {name}{train}}}}}
languages: {{english: en, train: [es], evaluate: [en, es, zh]}}
mixtures: [{{english_samples: 4, samples_per_language: [4]}}]
training: {{epochs: 1, max_tokens: 2048, validation_rows: 2}}
evaluation: {{max_items: 3}}
"""
COLUMNS = ("flores_passage", "question", "mc_answer1", "mc_answer2", "mc_answer3", "mc_answer4")
OPTIONS = ("option_a", "option_b", "option_c", "option_d")


def words(language: str, kind: str, number: int) -> str:
    return " ".join(f"{language}{kind}{number}word{position}" for position in range(12))


def write_parquet(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)


def write_configs(folder: Path, files: dict[str, dict[str, str]]) -> None:
    """A data set's card: configuration to split to file."""
    configs = [
        {"config_name": name, "data_files": [{"split": split, "path": path} for split, path in splits.items()]}
        for name, splits in files.items()
    ]
    (folder / "README.md").write_text(f"---\n{json.dumps({'configs': configs})}\n---\n")


def mcot(hub: Path) -> None:
    rows = [
        {"lang-id": f"{code}-{k}", "question": words(code, "q", k), "answer": f"The answer is {k}."}
        for k in range(12)
        for code in LANGUAGES
    ]
    folder = hub / "laihuiyuan/mCoT-MATH"
    folder.mkdir(parents=True)
    (folder / "mcot_math.json").write_text("\n".join(json.dumps(row) for row in rows))


def mgsm(hub: Path) -> None:
    mcot(hub)
    for code in LANGUAGES:
        solved = [("Question: " + words(code, "s", k), f"Step-by-Step Answer: so it is {k}.", k) for k in range(8)]
        asked = [(words(code, "t", k), None, k) for k in range(5)]
        for split, rows in (("train", solved), ("test", asked)):
            named = ({"question": q, "answer": a, "answer_number": n, "equation_solution": None} for q, a, n in rows)
            write_parquet(hub / "juletxara/mgsm" / code / split / "0000.parquet", named)


def polymath(hub: Path) -> None:
    mcot(hub)
    folder = hub / "Qwen/PolyMath"
    for code in LANGUAGES:
        rows = ({"id": f"low-{code}-{k}", "question": words(code, "p", k), "answer": str(k)} for k in range(5))
        write_parquet(folder / code / "low.parquet", rows)
    write_configs(folder, {code: {"low": f"{code}/low.parquet"} for code in LANGUAGES})


def xlsum(hub: Path) -> None:
    for name in ("english", "spanish", "chinese_simplified"):
        for split, count in (("train", 12), ("test", 5)):
            rows = (
                {"id": f"{name}-{split}-{k}", "summary": words(name, "s", k), "text": words(name, f"t{split}", k)}
                for k in range(count)
            )
            write_parquet(hub / "csebuetnlp/xlsum" / name / split / "0000.parquet", rows)


def dolly(hub: Path) -> None:
    for code in LANGUAGES:
        rows = [
            {
                "instruction": words(code, "i", k),
                "input": given,
                "id": f"alpaca-{k}{given}",
                "output": words(code, "o", k),
            }
            for k in range(12)
            for given in ("", "a table")
        ]
        write_parquet(hub / "MBZUAI/Bactrian-X" / code / "train" / "0000.parquet", rows)
    folder = hub / "CohereForAI/aya_evaluation_suite"
    asked = (
        {"id": k, "inputs": words(code, "d", k), "targets": words(code, "a", k), "language": code, "source_id": 900 + k}
        for code in ("eng", "spa", "zho", "zho")
        for k in range(5)
    )
    write_parquet(folder / "test.parquet", asked)
    write_configs(folder, {"dolly_machine_translated": {"test": "test.parquet"}})


def belebele(hub: Path) -> None:
    folder, codes = hub / "facebook/belebele", ("eng_Latn", "spa_Latn", "zho_Hans")
    for code in codes:
        rows = (
            {name: words(code, name, k) for name in COLUMNS} | {"correct_answer_num": str(k % 4 + 1)} for k in range(5)
        )
        write_parquet(folder / f"{code}.parquet", rows)
    write_configs(folder, {code: {"test": f"{code}.parquet"} for code in codes})
    own_rows(hub, COLUMNS)


def global_mmlu(hub: Path) -> None:
    folder = hub / "CohereForAI/Global-MMLU"
    for code in LANGUAGES:
        for split in ("dev", "test"):
            rows = (
                {name: words(code, split + name, k) for name in ("question", *OPTIONS)}
                | {"sample_id": f"law/{split}/{k}", "answer": "ABCD"[k % 4]}
                for k in range(6)
            )
            write_parquet(folder / code / f"{split}.parquet", rows)
    write_configs(folder, {code: {split: f"{code}/{split}.parquet" for split in ("dev", "test")} for code in LANGUAGES})
    own_rows(hub, ("question", *OPTIONS))


def own_rows(hub: Path, columns: tuple[str, ...]) -> None:
    """Training rows of the study itself."""
    for code in LANGUAGES:
        rows = [
            {name: words(code, "own" + name, k) for name in columns} | {"id": str(k), "answer": "A"} for k in range(12)
        ]
        (hub / f"own.{code}.jsonl").write_text("\n".join(map(json.dumps, rows)))


def here(task: Task, hub: Path) -> Task:
    """The task with folders in place of the hub; folders have no revision."""

    def local(source: Source) -> Source:
        return (
            source if source.hub is None else source.model_copy(update={"hub": f"{hub}/{source.hub}", "revision": None})
        )

    found: dict[str, Any] = {"train": local(task.train), "test": local(task.test)}
    if task.shots is not None and task.shots.source is not None:
        found["shots"] = task.shots.model_copy(update={"source": local(task.shots.source)})
    return task.model_copy(update=found)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[Any], list[Any]]]:
    """The items and examples of a ready task, mixed from folders that a function fills."""

    def plan(name: str, fill: Callable[[Path], None], train: str = "") -> tuple[list[Any], list[Any]]:
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
        monkeypatch.setenv("CLT_CACHE", str(tmp_path / "rows-cache"))
        fill(tmp_path)
        study = load_study(STUDY.format(name=name, train=train))
        study = resolve(study.model_copy(update={"tasks": {"task": here(study.tasks["task"], tmp_path)}}), tmp_path)
        grid, store = expand(study), open_store(tmp_path / "store")
        facts = inspect_sources(study, grid, store)
        models = {"tiny": ModelFacts(identity="tiny", parameters=1000, bytes=2000)}
        record = StudyRecord(study=study, facts=facts.model_copy(update={"models": models}), grid=grid)
        publish_record(store, record)
        mix(store, record.key, grid.cells[-1].key)
        folder = store.fetch(record.items_key("task"))
        shots = folder / "shots.jsonl"
        return read_jsonl(folder / "items.jsonl"), read_jsonl(shots) if shots.is_file() else []

    return plan


def first(rows: list[Any], language: str) -> Any:
    return next(row for row in rows if row["language"] == language)


def test_mgsm_asks_with_the_eight_examples_of_its_own(read: Any) -> None:
    items, shots = read("mgsm", mgsm)
    assert (
        first(items, "es")["prompt"].startswith("Pregunta: est") and first(items, "es")["reference"].strip().isdigit()
    )
    assert len(shots) == 8 * len(LANGUAGES)
    assert first(shots, "zh")["prompt"] == f"Question: {words('zh', 's', 0)}\n"
    assert first(shots, "zh")["answer"] == "Step-by-Step Answer: so it is 0."


def test_mcot_math_is_tested_on_the_lowest_level_of_polymath(read: Any) -> None:
    items, shots = read("mcot_math", polymath)
    assert first(items, "zh")["prompt"].startswith("zhp") and not shots


def test_xlsum_has_its_own_names_of_languages(read: Any) -> None:
    items, _ = read("xlsum", xlsum)
    assert "chinese_simplifiedttest" in first(items, "zh")["prompt"] and len(items) == 9


def test_aya_dolly200_takes_each_instruction_of_a_language_once(read: Any) -> None:
    items, _ = read("aya_dolly200", dolly)
    assert first(items, "zh")["prompt"].startswith("zhod") and first(items, "en")["id"].startswith("90")
    assert len({(row["language"], row["id"]) for row in items}) == len(items) == 9


@pytest.mark.parametrize(("name", "fill"), [("belebele", belebele), ("global_mmlu", global_mmlu)])
def test_tasks_of_choices_have_four_and_the_right_one(read: Any, name: str, fill: Callable[[Path], None]) -> None:
    items, shots = read(name, fill, ", train: 'own.{language}.jsonl'")
    for item in items:
        assert item["choices"] == [" A", " B", " C", " D"] and item["reference"] == item["choices"][item["right"]]
    assert len({item["right"] for item in items}) > 1
    assert len(shots) == (15 if name == "global_mmlu" else 0)
