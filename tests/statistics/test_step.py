"""The step on a store with real artifacts."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clt.errors import DataError
from clt.planning import declared_record
from clt.statistics import report, transfer_statistics
from clt.statistics import step as the_step
from clt.statistics.scores.from_store import find_scores, read_stored_scores
from clt.store import Store, open_store, publish_record
from clt.study import Cell, StudyRecord, load_study

STUDY = """\
name: tiny
models: [{name: small, parameters: 1000, family: made}]
tasks:
  math:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer, bits_per_byte]
languages: {train: [es, ja], evaluate: [en, es, ja, ko, pt]}
mixtures:
  - {name: all, english_samples: 100, samples_per_language: [0, 10, 20]}
  - {name: latin, english_samples: 100, samples_per_language: [0, 10], languages: [es]}
seeds: [0, 1]
training: {epochs: 1, batch_size: 10, validation_rows: 5}
resources: {speeds: {cpu-thread: 1.0e+6}}
"""
FOLDER = Path(__file__).resolve().parents[2]


@pytest.fixture
def record() -> StudyRecord:
    return declared_record(load_study(STUDY))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def evaluated(store: Store, record: StudyRecord) -> Callable[..., str]:
    """Publishes the record and, for every cell but those left out, an evaluation as the evaluation step leaves it."""

    def make(left_out: tuple[str, ...] = ()) -> str:
        for cell in record.grid.cells:
            if cell.key not in left_out:
                evaluate(store, record, cell)
        return publish_record(store, record)

    return make


def evaluate(store: Store, record: StudyRecord, cell: Cell, steps: tuple[int, ...] = (20,)) -> None:
    """The last but one of several steps is the selected one."""
    key, steps = record.evaluation_key(cell), (0,) if cell.is_base else steps
    for step in steps:
        with store.writer(f"{key}/checkpoints/{step:08d}") as attempt:
            scores(cell).to_parquet(attempt.path / "scores.parquet")
    with store.writer(key) as attempt:
        attempt.metadata.update(steps=list(steps), selected=steps[-2:][0], seconds=1.0, environment={"python": "3.11"})


def scores(cell: Cell) -> pd.DataFrame:
    generator = np.random.default_rng(zlib.crc32(cell.key.encode()))
    rows = []
    for language in ("en", "es", "ja", "ko", "pt"):
        chance = 0.8 if language == "en" else 0.3 + 0.02 * cell.rows.get(language, 0)
        for k in range(20):
            right = float(generator.random() < chance) if k else None  # item 0 could not be scored anywhere
            rows.append(("math", "math_answer", language, f"m{k}", right))
            rows.append(("math", "bits_per_byte", language, f"m{k}", 2 - chance + generator.normal(0, 0.1)))
    return pd.DataFrame(rows, columns=["task", "metric", "language", "item", "score"])


def test_the_artifact_holds_all_files_and_is_made_once(store: Store, evaluated: Callable[..., str]) -> None:
    study_key = evaluated()
    folder = transfer_statistics(store, study_key)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expected = {
        "report.html",
        "statistics.json",
        "tables/points.csv",
        "tables/findings.csv",
        "figures/overview-math.svg",
    }
    assert expected <= names
    assert transfer_statistics(store, study_key) == folder
    assert len(store.keys("statistics")) == 1


def test_curves_share_the_english_only_cell_and_unscored_items_are_left_out(
    store: Store, evaluated: Callable[..., str]
) -> None:
    found = json.loads((transfer_statistics(store, evaluated()) / "statistics.json").read_text())
    curves = {(curve["metric"], curve["mixture"]): curve for curve in found["curves"]}
    assert set(curves) == {(m, x) for m in ("math_answer", "bits_per_byte") for x in ("all", "latin")}
    everything, latin = curves["math_answer", "all"], curves["math_answer", "latin"]
    assert everything["points"][0]["per_language"] == latin["points"][0]["per_language"]
    assert everything["items"]["clusters"] == 19 and curves["bits_per_byte", "all"]["items"]["clusters"] == 20
    assert latin["held_out_languages"] == ["ja", "ko", "pt"]
    assert everything["main_metric"] and not curves["bits_per_byte", "all"]["main_metric"]
    assert [point["data_ratio"] for point in everything["points"]] == [0.0, 0.166667, 0.285714]
    assert everything["base"] is not None and everything["runs"] == ["0", "1"]


def test_missing_cells_are_named_with_their_state_and_the_rest_is_computed(
    store: Store, record: StudyRecord, evaluated: Callable[..., str]
) -> None:
    failed, absent = (cell for cell in record.grid.cells if cell.samples_per_language == 20)
    with pytest.raises(RuntimeError), store.track(record.evaluation_key(failed), cell=failed.key):
        raise RuntimeError("loss is not a number")
    study_key = evaluated((failed.key, absent.key))
    folder = transfer_statistics(store, study_key)
    found = json.loads((folder / "statistics.json").read_text())
    assert {cell["cell"]: cell["state"] for cell in found["missing_cells"]} == {
        failed.key: "failed",
        absent.key: "missing",
    }
    assert "loss is not a number" in next(c["error"] for c in found["missing_cells"] if c["cell"] == failed.key)
    everything = next(curve for curve in found["curves"] if curve["mixture"] == "all")
    assert [point["samples_per_language"] for point in everything["points"]] == [0, 10]
    evaluate(store, record, failed)
    assert transfer_statistics(store, study_key) != folder


def test_every_evaluated_checkpoint_is_read_and_only_the_selected_one_makes_the_curves(
    store: Store, record: StudyRecord, evaluated: Callable[..., str]
) -> None:
    several = next(cell for cell in record.grid.cells if cell.samples_per_language == 20)
    evaluate(store, record, several, steps=(10, 20, 30))
    found = find_scores(store, [evaluated((several.key,))])
    table = read_stored_scores(store, found)
    assert set(table.rows["checkpoint"]) == {0, 20} and table.rows["selected"].all()
    assert set(table.checkpoints["checkpoint"]) == {10, 30} and not table.checkpoints["selected"].any()
    assert set(table.checkpoints["samples_per_language"]) == {20}
    assert list(table.checkpoints.columns) == list(table.rows.columns)
    assert (table.checkpoints.dtypes == table.rows.dtypes).all()
    key = record.evaluation_key(several)
    assert {f"{key}/checkpoints/{step:08d}" for step in (10, 20, 30)} <= set(found.inputs)


def test_a_study_without_scores_says_so(store: Store, record: StudyRecord) -> None:
    study_key = publish_record(store, record)
    with pytest.raises(DataError, match="no cell is complete"):
        transfer_statistics(store, study_key)
    assert store.keys("statistics") == []


def test_a_report_of_a_study_is_the_artifacts_files(
    store: Store, evaluated: Callable[..., str], tmp_path: Path
) -> None:
    study_key = evaluated()
    output = report(store.uri, [study_key], tmp_path / "out")
    folder = transfer_statistics(store, study_key)
    assert (output / "statistics.json").read_bytes() == (folder / "statistics.json").read_bytes()
    assert not list(output.rglob("*.part"))


def test_weights_and_prices_reach_the_division_of_a_budget(store: Store, tmp_path: Path) -> None:
    weighted = STUDY.replace("[0, 10, 20]}", "[0, 10, 20], weights: {ja: 0.5}}")
    record = declared_record(load_study(weighted))
    for cell in record.grid.cells:
        evaluate(store, record, cell)
    key = publish_record(store, record)
    plain = report(store.uri, [key], tmp_path / "plain")
    assert json.loads((plain / "statistics.json").read_text())["allocations"] == []
    output = report(store.uri, [key], tmp_path / "out", budget=130, prices={"ja": 3.0})
    found = json.loads((output / "statistics.json").read_text())
    (one,) = found["allocations"]
    tried = {mixture["name"]: mixture for mixture in one["mixtures"]}
    assert tried["en+es+ja at n = 10"]["rows"] == {"es": 10, "ja": 5}
    assert tried["en+es+ja at n = 10"]["cost"] == 100 + 10 + 3 * 5
    assert "en+es+ja at n = 20" not in tried and found["donors"][0]["not_identified"] == []
    (recommended,) = found["recommendations"]
    assert recommended["considered"] == 2 and recommended["best"]["cost"] == 100 + 10 + 3 * 5  # the other is en+es


def test_the_order_of_targets_makes_no_other_statistics(
    store: Store, evaluated: Callable[..., str], tmp_path: Path
) -> None:
    key = evaluated()
    for number, targets in enumerate((("es", "ja"), ("ja", "es"))):
        report(store.uri, [key], tmp_path / str(number), targets=targets, samples=False)
    assert len(store.keys("statistics")) == 1


def test_exports_are_not_hidden_by_files_of_the_same_name(store: Store, evaluated: Callable[..., str]) -> None:
    """`report` was a module once its file had been imported: two calls in one process failed."""
    import clt.statistics as package

    transfer_statistics(store, evaluated())
    assert all(callable(getattr(package, name)) for name in package.__all__)


def test_the_package_imports_without_heavy_packages() -> None:
    code = (
        "import sys, clt.statistics;"
        "print(sorted({'torch', 'transformers', 'kfp', 'pandas', 'numpy', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER)
    assert done.stdout.strip() == "[]"


def test_the_key_holds_every_file_by_its_place_and_the_facts_about_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package/languages").mkdir(parents=True)
    facts = tmp_path / "metrics.py"
    for name in ("package/step.py", "package/a.py", "package/languages/source.json", "metrics.py"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(the_step, "__file__", str(tmp_path / "package/step.py"))
    monkeypatch.setattr(the_step.inspect, "getfile", lambda _: str(facts))
    seen = {the_step._code_checksum()}
    (tmp_path / "package/languages/source.json").write_text("another source")
    seen.add(the_step._code_checksum())
    (tmp_path / "package/a.py").rename(tmp_path / "package/languages/a.py")
    seen.add(the_step._code_checksum())
    facts.write_text("another range")
    seen.add(the_step._code_checksum())
    monkeypatch.setattr(the_step, "COMMON_SD", 0.2)  # what is assumed of the noise between runs
    seen.add(the_step._code_checksum())
    assert len(seen) == 5


def test_the_report_says_where_the_time_went_by_model(store: Store, record: StudyRecord) -> None:
    study_key = publish_record(store, record)
    for cell in record.grid.cells:
        evaluate(store, record, cell)
    key = record.evaluation_key(record.grid.cells[0])
    path = Path(store.uri) / key / "manifest.json"
    manifest = store.manifest(key)
    assert manifest is not None
    seconds = {"waiting": 7200.0, "evaluating": 90.0}
    changed = replace(manifest, metadata=dict(manifest.metadata) | {"seconds_by_phase": seconds})
    path.write_text(changed.to_json())
    folder = transfer_statistics(store, study_key)
    provenance = json.loads((folder / "statistics.json").read_text())["provenance"]
    assert list(provenance["seconds_by_phase"].values()) == [dict(sorted(seconds.items()))]
    page = (folder / "report.html").read_text()
    assert "Where the time went" in page and "<td>2.0 h</td>" in page and "<td>2 min</td>" in page
