"""`clt status --run` and `clt cancel`: a run's states as a back end was seen to give them, and its tasks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd


@pytest.fixture
def run_id(kfp: BackEnd, clt: Clt, pipeline: Path, pod_study: Callable[..., Path]) -> str:
    assert clt("submit", pod_study(), "--store", "s3://bucket/p", "--pipeline", pipeline).exit_code == 0
    return next(iter(kfp.runs))


def state(clt: Clt, run_id: str) -> str:
    return clt("status", "--run", run_id).output.splitlines()[0].split(": ", 1)[1].split(" ")[0]


def task(name: str, state: str, minute: int, error: str = "") -> dict:
    detail = {"display_name": name, "task_id": f"{name}-{minute}", "state": state}
    detail["create_time"] = f"2026-11-25T00:{minute:02d}:00Z"
    return detail | ({"error": {"code": 2, "message": error}} if error else {})


def test_no_state_for_a_moment_is_pending(clt: Clt, run_id: str) -> None:
    assert [state(clt, run_id) for _ in range(3)] == ["pending", "pending", "running"]


def test_a_cancelled_run_is_told_from_a_failed_one(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    result = clt("cancel", run_id)
    assert result.exit_code == 0, result.output
    assert "its exit task deletes its jobs" in result.output
    assert f"clt cleanup --namespace kubeflow --run {run_id}" in result.output
    assert [state(clt, run_id) for _ in range(2)] == ["cancelling", "cancelled"]
    assert kfp.runs[run_id]["state"] == "FAILED"


def test_a_run_that_is_over_is_not_cancelled(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    kfp.finish(run_id)
    result = clt("cancel", run_id)
    assert (result.exit_code, result.output) == (0, f"run {run_id} is over: succeeded; nothing to cancel\n")
    assert "run_service_terminate_run" not in kfp.calls


def test_tasks_of_one_name_are_one_line_and_plumbing_is_left_out(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    tasks = [
        task("train", "SUCCEEDED", 3),
        task("train", "FAILED", 4, "exit code 1"),
        task("plan", "SUCCEEDED", 1),
        task("plan-driver", "SUCCEEDED", 0),
        task("executor", "SUCCEEDED", 2),
    ]
    kfp.finish(run_id, "FAILED", error="2 tasks failed", tasks=tasks)
    output = clt("status", "--run", run_id).output
    assert "error: 2 tasks failed" in output
    assert "1 failed, 1 succeeded" in output
    assert "exit code 1" in output
    assert output.index("plan") < output.index("train")
    assert "driver" not in output
    assert "executor" not in output
    assert f"/#/runs/details/{run_id}" in output


def test_the_time_of_a_finished_run_is_from_its_start_to_its_end(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    kfp.finish(run_id)
    assert ": succeeded after 1:00 min\n" in clt("status", "--run", run_id).output


@pytest.mark.parametrize("arguments", [[], ["--store", "x", "--run", "y"], ["study", "--run", "y"]])
def test_status_wants_a_store_or_a_run(clt: Clt, arguments: list[str]) -> None:
    result = clt("status", *arguments)
    assert result.exit_code == 2
    assert result.stderr == "Error: clt status: expected either --store STORE [STUDY] or --run RUN_ID\n"
