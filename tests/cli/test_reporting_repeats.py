"""`clt report --repeats`: which plans are repeats of each other, and what is shown of them."""

import json
import statistics
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main
from clt.planning import declared_record
from clt.store import Store, open_store, publish_record
from clt.study import Cell, Study, StudyRecord, load_study, resolve

STUDY = """\
name: baseline
models: [{name: small, parameters: 1000, path: org/small, revision: abc}]
tasks:
  math:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer]
languages: {train: [es], evaluate: [en, es, ja]}
mixtures: [{english_samples: 100, samples_per_language: [0, 20]}]
training: {epochs: 1, batch_size: 10}
"""


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def study_of(path: Path) -> Study:
    return resolve(load_study(path), path.parent)


def repeat(store: Store, study: Study, text: str, *, complete: bool = True) -> StudyRecord:
    """Plan a repeat, with scores of all its cells as an evaluation leaves them."""
    record = declared_record(study, text)
    publish_record(store, record)
    for cell in record.grid.cells if complete else ():
        key, step = record.evaluation_key(cell), 0 if cell.is_base else 20
        with store.writer(f"{key}/checkpoints/{step:08d}") as attempt:
            scores(cell).to_parquet(attempt.path / "scores.parquet")
        with store.writer(key) as attempt:
            attempt.metadata.update(steps=[step], selected=step, seconds=1.0, environment={"python": "3.11"})
    return record


def scores(cell: Cell) -> pd.DataFrame:
    generator = np.random.default_rng(zlib.crc32(cell.key.encode()))  # the key holds `repeat`
    rows = [
        ("math", "math_answer", language, f"m{item}", float(generator.random() < chance))
        for language, chance in zip(("en", "es", "ja"), generator.uniform(0.2, 0.8, 3), strict=True)
        for item in range(40)
    ]
    return pd.DataFrame(rows, columns=["task", "metric", "language", "item", "score"])


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", "--repeats", *map(str, arguments)])


def test_repeats_stand_beside_each_other_with_their_own_intervals_and_their_spread(
    store: Store, study_file: Path, tmp_path: Path
) -> None:
    study = study_of(study_file)
    records = [repeat(store, study, text) for text in ("", "run-b", "run-a")]
    result = report("--store", store.uri, "--study", study_file, "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.output == f"{tmp_path / 'out' / 'repeats.html'}\n{tmp_path / 'out' / 'repeats.json'}\n"
    found = json.loads((tmp_path / "out" / "repeats.json").read_text(encoding="utf-8"))
    assert {one["study"]: one["repeat"] for one in found["repeats"]} == {one.key: one.repeat for one in records}
    assert [one["started"] for one in found["repeats"]] == sorted(one["started"] for one in found["repeats"])
    (curve,) = found["curves"]
    assert curve["samples_per_language"] == 20
    for measure, language in (("english", "en"), ("seen", "es"), ("unseen", "ja")):
        values = [point[measure]["value"] for point in curve["points"]]
        cells = [next(cell for cell in record.grid.cells if cell.samples_per_language == 20) for record in records]
        means = [scores(cell).groupby("language")["score"].mean()[language] for cell in cells]
        assert sorted(values) == pytest.approx(sorted(means))
        for point in curve["points"]:
            assert point[measure]["low"] < point[measure]["value"] < point[measure]["high"]
        between = next(one for one in curve["between"] if one["measure"] == measure)
        assert between["sd"]["value"] == pytest.approx(statistics.stdev(values), abs=1e-6)
        assert between["sd"]["low"] < between["sd"]["value"] < between["sd"]["high"]
        assert (between["smallest"], between["largest"]) == (min(values), max(values))
    page = (tmp_path / "out" / "repeats.html").read_text(encoding="utf-8")
    assert "3 repeats of the same study" in page
    assert "run-a" in page and "run-b" in page


def test_other_studies_and_other_data_are_no_repeats(store: Store, study_file: Path, tmp_path: Path) -> None:
    study = study_of(study_file)
    kept = repeat(store, study, "a")
    repeat(store, study.model_copy(update={"seeds": (1,)}), "b")
    source = kept.facts.source("math", "train", "es").model_copy(update={"checksum": "other"})
    facts = kept.facts.model_copy(update={"sources": {**kept.facts.sources, "math/train/es": source}})
    publish_record(store, kept.model_copy(update={"facts": facts, "repeat": "c"}))
    assert report("--store", store.uri, "--study", kept.key, "--output", tmp_path / "out").exit_code == 0
    found = json.loads((tmp_path / "out" / "repeats.json").read_text(encoding="utf-8"))
    assert [one["study"] for one in found["repeats"]] == [kept.key]
    (curve,) = found["curves"]
    assert {one["sd"]["reason"] for one in curve["between"]} == {"fewer than two repeats have it"}


def test_a_repeat_without_scores_is_listed_with_its_reason(store: Store, study_file: Path, tmp_path: Path) -> None:
    study = study_of(study_file)
    repeat(store, study, "a")
    empty = repeat(store, study, "b", complete=False)
    assert report("--store", store.uri, "--study", study_file, "--output", tmp_path / "out").exit_code == 0
    found = json.loads((tmp_path / "out" / "repeats.json").read_text(encoding="utf-8"))
    (without,) = (one for one in found["repeats"] if one["study"] == empty.key)
    assert without["missing_cells"] == len(empty.grid.cells)
    assert "no cell is complete" in without["reason"]
    assert len(found["curves"][0]["points"]) == 1


def test_repeats_that_agree_have_no_interval_of_their_deviation(
    store: Store, study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zlib.crc32", lambda _: 0)
    for text in ("a", "b"):
        repeat(store, study_of(study_file), text)
    assert report("--store", store.uri, "--study", study_file, "--output", tmp_path / "out").exit_code == 0
    (curve,) = json.loads((tmp_path / "out" / "repeats.json").read_text(encoding="utf-8"))["curves"]
    agree = {"value": 0.0, "low": None, "high": None, "method": "none: all repeats agree"}
    assert [one["sd"] for one in curve["between"]] == [agree] * 3


def test_no_repeat_with_scores_is_an_error(store: Store, study_file: Path, tmp_path: Path) -> None:
    repeat(store, study_of(study_file), "a", complete=False)
    result = report("--store", store.uri, "--study", study_file, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert "no cell is complete" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [["--store", "s"], ["--study", "x"], ["--store", "s", "--study", "x", "--study", "y"], ["scores.csv"]]
)
def test_repeats_want_one_study_of_a_store(arguments: list[str]) -> None:
    result = report(*arguments, "--output", "out")
    assert result.exit_code == 2
    assert result.stderr == "Error: clt report --repeats: expected --store STORE, one --study and --output alone\n"
