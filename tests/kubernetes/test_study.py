"""A study through the compiled pipeline's own tasks: pods that launch PyTorchJobs, with a bucket for their store."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clt.cluster import JobSpec
from clt.cluster.jobs.naming import job_name, lease_of
from clt.cluster.runs.frame import framed
from clt.store import open_store, read_record, write_text
from tests.kubernetes.back_end import Done, Run, compile_here, published, statistics_of
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import get
from tests.kubernetes.launching import jobs, variables, write_study
from tests.kubernetes.pods import POD_FIELDS

pytestmark = pytest.mark.timeout(1200)

# Planning cannot know a model's layers: training this one fails, evaluating its base model does not.
BAD_MODEL = {
    "name": "bad",
    "path": "demo:small",
    "bytes_per_token": 4.0,
    "method": "lora",
    "lora": {"target_modules": ["no_such_layer"]},
}


@dataclass(frozen=True)
class Good:
    """A run in which all went well."""

    study: Path
    run: Run
    study_key: str
    cells: dict[str, dict[str, Done]]
    statistics: Done
    cleanup: Done


@pytest.fixture(scope="module", autouse=True)
def store_variables(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path_factory.mktemp("cache"))}):
        yield


@pytest.fixture(scope="module")
def good(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Good:
    """The study file lies in the bucket, as `clt submit` leaves it there."""
    folder = tmp_path_factory.mktemp("good")
    study = write_study(folder)
    write_text(f"{sandbox.store}/study.yaml", study.read_text(encoding="utf-8"))
    run = Run(sandbox, compile_here(folder), f"{sandbox.store}/good")
    study_key, cells = run.plan(f"{sandbox.store}/study.yaml")
    done = run.cells(study_key, cells)
    return Good(study, run, study_key, done, run.task("statistics"), run.task("cleanup"))


def test_every_step_of_every_cell_points_to_what_it_left_in_the_store(good: Good) -> None:
    store = open_store(good.run.store)
    record = read_record(store, good.study_key)
    assert sorted(good.cells) == sorted(cell.key for cell in record.grid.cells)
    for cell in record.grid.cells:
        done = good.cells[cell.key]
        for step in ("mix", "train", "evaluate"):
            assert done[step].code == 0, done[step].log
        pointers = [done["evaluate"].metadata("scores"), *done["mix"].metadata("items").values()]
        if not cell.is_base:
            pointers += [done["train"].metadata("model"), done["mix"].metadata("mixture")]
            assert "validation_losses" in done["train"].checksums
        for pointer in pointers:
            assert pointer["store_uri"] == good.run.store and pointer["checksum"]
            assert store.manifest(pointer["key"]) is not None
        assert "mean_scores" in done["evaluate"].checksums


def test_each_trained_and_evaluated_cell_was_a_job(good: Good) -> None:
    for cell, done in good.cells.items():
        launched = [name for name, task in done.items() if ": created\n" in task.log]
        assert launched == (["evaluate"] if "base" in cell else ["train", "evaluate"])


def test_the_run_page_has_the_report_that_is_in_the_store(good: Good) -> None:
    report = framed((published(good.run.store) / "report.html").read_text(encoding="utf-8"))
    assert good.statistics.checksums["report"] == hashlib.sha256(report.encode()).hexdigest()


def test_the_end_leaves_no_job_and_says_so_in_the_store(good: Good) -> None:
    assert good.cleanup.code == 0, good.cleanup.log
    assert f"run run-1 of {good.study_key}: 3 of 3 cells complete" in good.cleanup.log
    assert open_store(good.run.store).manifest("runs/run-1/ended") is not None
    assert jobs(good.run.sandbox.namespace) == []
    assert get("leases", f"--namespace={good.run.sandbox.namespace}")["items"] == []


def test_a_cluster_and_a_laptop_compute_the_same_numbers(good: Good, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "clt", "run", str(good.study), "--store", str(tmp_path / "store")]
    told = {"CLT_CACHE": str(tmp_path), "CLT_POD_FIELDS": " ".join(POD_FIELDS)}  # what the cluster allows
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert statistics_of(published(good.run.store)) == statistics_of(tmp_path / "store" / "report")


def test_a_cell_that_the_user_has_to_mend_is_named_and_not_tried_again(sandbox: Sandbox, tmp_path: Path) -> None:
    study = write_study(
        tmp_path,
        name="one-bad",
        models=[BAD_MODEL],
        mixtures=[{"english_samples": 20, "samples_per_language": [5]}],
    )
    run = Run(sandbox, compile_here(tmp_path), f"{sandbox.store}/bad")
    study_key, cells = run.plan(study.read_text(encoding="utf-8"))
    done = run.cells(study_key, cells)
    (bad,) = [cell for cell, steps in done.items() if "evaluate" not in steps]
    error = "models.bad.lora.target_modules: got ['no_such_layer']: "
    assert done[bad]["train"].code and error in done[bad]["train"].log

    statistics, required = run.task("statistics"), run.task("require-complete")
    assert statistics.code == 0 and "report" in statistics.checksums, statistics.log
    assert required.code and f"1 of this run's {len(cells)} cells have no scores" in required.log
    assert f"{bad}: failed: {error}" in required.log
    document = statistics_of(published(run.store))
    assert [cell["cell"] for cell in document["missing_cells"]] == [bad] and document["bases"]
    cleanup = run.task("cleanup")
    assert cleanup.code == 0 and f"{len(cells) - 1} of {len(cells)} cells complete" in cleanup.log

    assert "tried again" not in done[bad]["train"].log
    spec = JobSpec(kind="training", store=run.store, study_key=study_key, cell_key=bad)
    job = lease_of(job_name(spec, read_record(open_store(run.store), study_key), attempt=1))
    assert jobs_made(sandbox, job) == 1 and jobs(sandbox.namespace) == []


def jobs_made(sandbox: Sandbox, start: str) -> int:
    """How many jobs whose names start so there ever were, by the operator's events: they outlive a job."""
    things = [event["involvedObject"] for event in get("events", f"--namespace={sandbox.namespace}")["items"]]
    return len({one["uid"] for one in things if one["kind"] == "PyTorchJob" and one["name"].startswith(start)})
