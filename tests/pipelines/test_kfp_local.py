"""The pipeline under Kubeflow's own local runner: the same numbers as the local runner, and what a bad cell leaves."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clt.cluster import cell_states
from clt.store import Store, open_store, read_record
from clt.study import StudyRecord
from tests.cli.small_study import write_study

RUN = """
import sys
from kfp import local
from clt.pipelines.compile_options import CompileOptions
from clt.pipelines.study_statistics import define_study_statistics
from clt.pipelines.transfer_study import define_transfer_study

pipeline, study, store, root, repeat = sys.argv[1:]
local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
if pipeline == "study":
    define = define_transfer_study(CompileOptions(baseline=True))
    define(study_yaml_or_uri=study, store_uri=store, shard_of_cells="1/1", repeat_label=repeat)
else:
    define_study_statistics()(study_yaml_or_uri=study, store_uri=store, repeat_label=repeat)
"""
CLT = [sys.executable, "-m", "clt"]


# Every component is a process that loads kfp, and two of a cell's three load torch: 15 s of CPU a cell.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# Planning cannot know a model's layers: training this one fails, evaluating its base model does not.
BASELINE = {"primary": {"task": "sums", "languages": ["es"]}, "worth": 0.2}
BAD_MODEL = {"name": "bad", "path": "model", "method": "lora", "lora": {"target_modules": ["no_such_layer"]}}


def make_study(folder: Path) -> Path:
    """One tiny model, one task, n of 0 and 4, two steps: 3 cells."""
    return _changed(write_study(folder, steps=2), {"samples_per_language": [0, 4]})


def make_bad_study(folder: Path) -> Path:
    """A baseline of two cells: the base model, and a training that fails."""
    return _changed(write_study(folder, steps=2), {"samples_per_language": [0]}, models=[BAD_MODEL], baseline=BASELINE)


def _changed(path: Path, mixture: dict[str, Any], **changes: Any) -> Path:
    study = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    study["mixtures"][0] |= mixture
    path.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return path


def run_pipeline(
    study: str, store: Path, root: Path, name: str = "study", repeat: str = "none"
) -> subprocess.CompletedProcess[str]:
    # In a process of its own: kfp.local keeps global state, and its components are found by the PATH's interpreter.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "KMP_WARNINGS": "0"}
    command = [sys.executable, "-c", RUN, name, study, str(store), str(root), repeat]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def only_record(store: Store) -> StudyRecord:
    (key,) = store.keys("studies")
    return read_record(store, key.removeprefix("studies/"))


def artifacts(root: Path, name: str) -> list[Path]:
    return sorted(root.rglob(name))


@pytest.fixture(scope="module")
def good_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("good")
    study = make_study(folder)
    done = run_pipeline(str(study), folder / "kfp-store", folder / "root")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, folder / "root"


def statistics(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["provenance"]
    return document


@pytest.fixture(scope="module")
def local_run(good_run: tuple[Path, Path]) -> Path:
    """The same study by `clt run`, in a store of its own."""
    folder, _ = good_run
    command = [*CLT, "run", str(folder / "study.yaml"), "--store", str(folder / "store"), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 cells complete" in done.stdout
    return folder


def test_both_runners_give_equal_statistics(local_run: Path) -> None:
    report = [*CLT, "report", "--store", str(local_run / "kfp-store"), "--study", str(local_run / "study.yaml")]
    assert subprocess.run([*report, "--output", str(local_run / "kfp-report")]).returncode == 0
    theirs = statistics(local_run / "kfp-report" / "statistics.json")
    assert theirs == statistics(local_run / "store" / "report" / "statistics.json")


def test_a_complete_study_is_reported_again_without_loading_torch(local_run: Path) -> None:
    arguments = ["run", str(local_run / "study.yaml"), "--store", str(local_run / "store")]
    code = (
        "import sys\nfrom clt.cli.main import main\ntry:\n"
        f"    main({arguments!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "sys.exit(', '.join({'torch', 'transformers', 'datasets', 'kfp'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{local_run / 'store' / 'report' / 'report.html'}\n" in done.stdout


def test_the_run_page_shows_report_plan_and_summary(good_run: tuple[Path, Path]) -> None:
    _, root = good_run
    (report,) = artifacts(root, "report")
    assert report.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert '<base href="about:srcdoc">' in report.read_text(encoding="utf-8")
    (overview,) = artifacts(root, "plan_overview")
    assert "# sums: 3 of 3 cells in this run" in overview.read_text(encoding="utf-8")
    (summary,) = artifacts(root, "summary")
    assert "| curve | n | EN |" in summary.read_text(encoding="utf-8")
    for name in ("validation_losses", "mean_scores", "samples"):
        assert len(artifacts(root, name)) == 3
    (verdict,) = artifacts(root, "verdict")
    assert "The study sums has no `baseline`" in verdict.read_text(encoding="utf-8")
    for model in artifacts(root, "model"):
        assert json.loads(model.read_text(encoding="utf-8"))["location"]


def test_the_last_run_of_a_split_study_reports_on_what_the_others_left(good_run: tuple[Path, Path]) -> None:
    folder, root = good_run
    done = run_pipeline(str(folder / "study.yaml"), folder / "kfp-store", folder / "last-root", "statistics")
    assert done.returncode == 0, done.stdout + done.stderr
    (theirs,), (ours,) = artifacts(folder / "last-root", "summary"), artifacts(root, "summary")
    assert theirs.read_text(encoding="utf-8") == ours.read_text(encoding="utf-8")


def test_a_bad_cell_leaves_the_others_and_names_its_error(tmp_path: Path) -> None:
    study = make_bad_study(tmp_path)
    done = run_pipeline(str(study), tmp_path / "store", tmp_path / "root", repeat="run")
    assert done.returncode != 0
    store = open_store(tmp_path / "store")
    record = only_record(store)
    states = cell_states(store, record)
    failed = [cell for cell, state in states.items() if state.state != "done"]
    assert len(failed) == 1 and failed[0].startswith("bad-sums-n0")
    assert states[failed[0]].error.startswith("models.bad.lora.target_modules: got ['no_such_layer']: ")
    assert f"1 of this run's {len(states)} cells have no scores:\n{failed[0]}: failed: " in plain(done.stdout)
    assert f"{len(states) - 1} of {len(states)} cells complete" in plain(done.stdout)  # cleanup's last words
    (report,) = artifacts(tmp_path / "root", "report")  # statistics succeeded, and require_complete failed after it
    assert failed[0] in report.read_text(encoding="utf-8")
    assert "Task 'require-complete' finished with status FAILURE" in plain(done.stdout)
    assert "Task 'statistics' finished with status SUCCESS" in plain(done.stdout)
    (verdict,) = artifacts(tmp_path / "root", "verdict")  # a part gives none, and the task for it ran all the same
    text = verdict.read_text(encoding="utf-8")
    assert text.startswith("# ? cannot tell yet: sums") and "No run is complete yet" in text
    assert "Task 'baseline' finished with status SUCCESS" in plain(done.stdout)
    run = run_note(store)
    assert store.manifest(f"{run}/ended") is not None
    assert store.state(f"{run}/cells/{failed[0]}/train").error == states[failed[0]].error
    assert store.state(f"{run}/cells/{failed[0]}/mix").state == store.state(f"{run}/statistics").state == "done"
    # The cell's error came up once: what the user has to mend is not tried again.
    assert plain(done.stdout).count("get_peft_model(base, config)") <= 1  # kfp.local loses a line now and then
    assert "tried again" not in done.stdout


def run_note(store: Store) -> str:
    (key,) = (key for key in store.keys("runs") if key.count("/") == 1)
    return key


def test_a_study_that_cannot_be_planned_ends_the_run_with_its_error(tmp_path: Path) -> None:
    inline = "name: small\n" + "# long\n" * 1200
    done = run_pipeline(inline, tmp_path / "store", tmp_path / "root")
    assert done.returncode != 0
    log = plain(done.stdout)
    assert "study_yaml_or_uri: got 8412 bytes of inline YAML, expected at most 8000; put the study into a file" in log
    assert "CellFailure: the plan did not complete, so there is nothing to compute" in log  # require_complete
    assert "the plan did not complete, so no cell was started" in log  # cleanup
    assert [key for key in open_store(tmp_path / "store").keys("") if not key.startswith("runs/")] == []


def plain(log: str) -> str:
    """The log without the colors and the indentation that kfp.local adds."""
    return re.sub(r"(?m)^ +", "", re.sub(r"\x1b\[[0-9;]*m", "", log))
