"""`clt status --run`: states as a back end was seen to give them, and the steps from wherever they are known."""

import re
from pathlib import Path

import pytest

from clt.cluster import run_step
from clt.cluster.runs.note import RunNote, write_note
from clt.errors import CellFailure
from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd, Document
from tests.cli.pods_server import Pods

CELLS = ["tiny-base-11", "tiny-sums-n0-22"]
LOOP = "w.root.exit-handler-1.measure.cells.for-loop-1.iteration-iterations({0}:{0}).iteration-item"


def state(clt: Clt, run_id: str) -> str:
    return clt("status", "--run", run_id).output.splitlines()[0].split(": ", 1)[1].split(" ")[0]


def task(name: str, state: str | None) -> Document:
    """As a back end 2.14 gives it: no error, and a time that is equal for all."""
    return {"display_name": name, "task_id": name, "state": state, "create_time": "2026-11-25T00:00:00Z"}


@pytest.fixture
def store(kfp: BackEnd, run_id: str, tmp_path: Path) -> str:
    """The run's store, which this machine can read; its plan has completed."""
    uri = str(tmp_path / "store")
    kfp.runs[run_id]["runtime_config"]["parameters"]["store_uri"] = uri
    run_step(uri, run_id, "plan", lambda store: write_note(store, run_id, RunNote(
        study_key="sums-1", repeat="", cells=CELLS, shard="1/1"
    )))  # fmt: skip
    return uri


def fail(uri: str, run_id: str, step: str, error: Exception, cell: str = "") -> None:
    def work(_: object) -> None:
        raise error

    with pytest.raises(type(error)):
        run_step(uri, run_id, step, work, cell=cell)


def rows(output: str) -> dict[str, list[str]]:
    """The cells of every line of a table, by the first of them that is no number; a duration counts as nothing."""
    found = {}
    for line in output.splitlines():
        parts = [re.sub(r" [\d.]+ s$", "", part.strip()) for part in line.split("│")[1:-1]]
        if len(parts) > 1:
            key = parts[1] if parts[0].isdigit() else parts[0]
            found[key] = parts[2:] if parts[0].isdigit() else parts[1:]
    return found


def test_no_state_for_a_moment_is_pending(clt: Clt, run_id: str) -> None:
    assert [state(clt, run_id) for _ in range(3)] == ["pending", "pending", "running"]


def test_the_time_of_a_finished_run_is_from_its_start_to_its_end(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    kfp.finish(run_id)
    assert ": succeeded after 1:00 min\n" in clt("status", "--run", run_id).output


def test_cells_have_their_steps_with_state_time_and_error(kfp: BackEnd, clt: Clt, run_id: str, store: str) -> None:
    """The API has no error, and tasks by names such as executor(0); the store has each step's own."""
    for step in ("mix", "train", "evaluate"):
        run_step(store, run_id, step, lambda _: None, cell=CELLS[0])
    run_step(store, run_id, "mix", lambda _: None, cell=CELLS[1])
    fail(store, run_id, "train", CellFailure("validation loss nan, expected a finite number\nlower it"), CELLS[1])
    run_step(store, run_id, "statistics", lambda _: None)
    fail(store, run_id, "require_complete", CellFailure("1 of this run's 2 cells have no scores:\n  tiny"))
    kfp.finish(run_id, "FAILED", tasks=[task("executor", "FAILED"), task("root", "FAILED"), task("train", "FAILED")])
    output = clt("status", "--run", run_id).output
    table = rows(output)
    assert table[CELLS[0]] == ["done", "done", "done", ""]
    assert table[CELLS[1]] == ["done", "failed", "-", "train: validation loss nan, expected a finite number"]
    assert table["plan"] == ["done", ""] and table["statistics"] == ["done", ""]
    assert table["require_complete"] == ["failed", "1 of this run's 2 cells have no scores:"]
    assert output.index(CELLS[0]) < output.index(CELLS[1]) < output.index("│ plan ")
    assert "clt logs" not in output and "executor" not in output
    assert f"/#/runs/details/{run_id}" in output


def test_what_never_came_to_writing_its_state_is_told_by_its_pod(
    pods: Pods, kfp: BackEnd, clt: Clt, run_id: str, store: str
) -> None:
    waiting = {"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}
    killed = {"state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    pods.add(run_id, f"{LOOP.format(0)}.mix.executor", None, {"phase": "Pending", "containerStatuses": [waiting]})
    pods.add(run_id, f"{LOOP.format(1)}.train.executor", None, {"phase": "Failed", "containerStatuses": [killed]})
    pods.add(run_id, f"{LOOP.format(1)}.evaluate-driver", None, {"phase": "Failed", "message": "no DNS"})
    table = rows(clt("status", "--run", run_id).output)
    assert table[CELLS[0]] == ["waiting", "-", "-", "mix: ErrImagePull: not found"]
    assert table[CELLS[1]][:3] == ["-", "failed", "failed"]
    assert "train: OOMKilled (exit code 137)" in table[CELLS[1]][3]


def test_a_driver_that_failed_is_named_with_the_command_that_shows_its_log(
    kfp: BackEnd, clt: Clt, run_id: str, store: str
) -> None:
    """Its pod may be gone, and the API has no text: what can be typed is said."""
    kfp.finish(run_id, "FAILED", tasks=[task("mix-driver", "FAILED"), task("mix", None), task("evaluate", "FAILED")])
    output = clt("status", "--run", run_id).output
    assert f"mix-driver: Kubeflow's own driver failed; what it printed: clt logs {run_id} --task mix-driver" in output
    assert f"evaluate: failed, nothing says why; what it printed: clt logs {run_id} --task evaluate" in output


def test_without_store_and_pods_the_states_by_name_are_shown_and_what_could_not_be_read(
    kfp: BackEnd, clt: Clt, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "OBJECT_STORE_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLT_CACHE", str(tmp_path))
    kfp.finish(
        run_id, "FAILED", tasks=[task("train", "SUCCEEDED"), task("train", "FAILED"), task("executor", "FAILED")]
    )
    output = clt("status", "--run", run_id).output
    assert "train: 1 failed, 1 succeeded" in output and "executor" not in output
    assert "what the steps wrote into the store could not be read: no credentials for the object store" in output
    assert "the run's pods could not be read: no cluster" in output
    assert f"clt logs {run_id} --task train" in output


def test_a_failure_of_which_nothing_at_all_is_known_names_the_command_for_logs(
    kfp: BackEnd, clt: Clt, run_id: str, store: str
) -> None:
    kfp.finish(run_id, "FAILED")
    assert (
        f"nothing says why it failed; what its tasks printed: clt logs {run_id}\n"
        in clt("status", "--run", run_id).output
    )


def test_pods_alone_give_a_table_by_iteration(
    pods: Pods, kfp: BackEnd, clt: Clt, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del kfp.runs[run_id]["runtime_config"]["parameters"]["store_uri"]
    pods.add(run_id, f"{LOOP.format(1)}.train.executor", None, {"phase": "Running"})
    table = rows(clt("status", "--run", run_id).output)
    assert table["iteration 1"] == ["-", "running", "-", ""]


def test_nothing_of_a_run_that_is_over_is_still_running(
    pods: Pods, kfp: BackEnd, clt: Clt, run_id: str, store: str
) -> None:
    pods.add(run_id, f"{LOOP.format(0)}.train.executor", None, {"phase": "Running"})
    kfp.finish(run_id, "FAILED")
    assert rows(clt("status", "--run", run_id).output)[CELLS[0]] == ["-", "interrupted", "-", ""]


def test_an_error_of_the_plan_is_shown_although_there_is_no_cell(
    kfp: BackEnd, clt: Clt, run_id: str, store: str
) -> None:
    other = str(Path(store).with_name("other"))
    kfp.runs[run_id]["runtime_config"]["parameters"]["store_uri"] = other
    fail(other, run_id, "plan", CellFailure("languages.train: got 'xx'"))
    assert rows(clt("status", "--run", run_id).output)["plan"] == ["failed", "languages.train: got 'xx'"]


@pytest.mark.parametrize("arguments", [[], ["--store", "x", "--run", "y"], ["study", "--run", "y"]])
def test_status_wants_a_store_or_a_run(clt: Clt, arguments: list[str]) -> None:
    result = clt("status", *arguments)
    assert result.exit_code == 2
    assert result.stderr == "Error: clt status: expected either --store STORE [STUDY] or --run RUN_ID\n"
