"""How a pod ended, from statuses as a cluster shows them: what is tried again, and what is not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException

from clt.cluster.jobs import termination_message
from clt.cluster.jobs.failure import describe_failure, pod_end
from clt.errors import CellFailure, StoreError, StudyError
from clt.store import Unreachable


def pod(phase: str = "Failed", terminated: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    containers = [{"name": "pytorch", "state": {"terminated": terminated}}] if terminated else []
    return {"metadata": {"name": "j-master-0"}, "status": {"phase": phase, "containerStatuses": containers} | status}


def test_a_pod_that_runs_or_succeeded_has_not_failed() -> None:
    assert pod_end(pod("Running")) is None
    assert pod_end(pod("Succeeded", {"exitCode": 0, "reason": "Completed"})) is None


@pytest.mark.parametrize(
    ("status", "lost"),
    [
        (pod(terminated={"exitCode": 1, "reason": "Error"}), False),
        (pod(terminated={"exitCode": 143, "reason": "Error"}), True),
        (pod(terminated={"exitCode": 137, "reason": "Error"}), True),
        (pod(terminated={"exitCode": 137, "reason": "OOMKilled"}), False),
        (pod(reason="Evicted", message="The node was low on resource: memory."), True),
        (pod(terminated={"exitCode": 1}, conditions=[{"type": "DisruptionTarget", "status": "True"}]), True),
        (pod(), True),
    ],
)
def test_only_what_the_cluster_ended_is_lost(status: dict[str, Any], lost: bool) -> None:
    end = pod_end(status)
    assert end is not None and end.lost is lost


def test_a_users_error_comes_out_of_the_pod_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A store that did not answer may be back, and Kubeflow tries again; a cell's failure is final: see runs.retry.
    for error in (
        CellFailure("loss is nan"),
        StoreError("is full"),
        Unreachable("away"),
        StudyError("got 1", field="seeds"),
    ):
        file = tmp_path / "termination-log"
        file.write_text("")
        monkeypatch.setattr(termination_message, "_FILE", file)
        termination_message.write_termination_message(error)
        end = pod_end(pod(terminated={"exitCode": 2, "message": file.read_text()}))
        assert end is not None and not end.lost
        assert (type(end.error), str(end.error)) == (type(error), str(error))
    logs = pod_end(pod(terminated={"exitCode": 1, "message": "Traceback: the log's last lines"}))
    assert logs is not None and logs.error is None


def test_of_several_processes_in_a_pod_the_first_ones_error_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "termination-log"
    file.touch()
    monkeypatch.setattr(termination_message, "_FILE", file)
    for text in ("first", "follows"):
        termination_message.write_termination_message(StoreError(text))
    assert str(termination_message.read_termination_message(file.read_text())) == "first"


@pytest.mark.parametrize(("seconds", "retry"), [(1, False), (90, True)])
def test_a_rank_that_ends_because_another_was_replaced_is_no_error_of_its_own(seconds: int, retry: bool) -> None:
    """A Worker deleted by force is made anew, and of the job only the master's exit code 1 is left to see."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    master = pod(terminated={"exitCode": 1, "message": ""})
    worker = pod("Running")
    master["metadata"] |= {"name": "job-master-0", "creationTimestamp": start.isoformat()}
    worker["metadata"] |= {
        "name": "job-worker-0",
        "creationTimestamp": (start + timedelta(seconds=seconds)).isoformat(),
    }
    job = {"status": {"conditions": [{"type": "Failed", "status": "True", "message": "1 Master replica(s) failed"}]}}
    assert describe_failure(NoLogs(), job, [master, worker], []).retry is retry  # type: ignore[arg-type]


class NoLogs:
    """A cluster whose pods have left no log."""

    def log(self, pod: str, tail: int) -> None:
        raise ApiException(status=404)
