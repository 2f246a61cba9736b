"""How a pod ended, from statuses as a cluster shows them: what is tried again, and what is not."""

from pathlib import Path
from typing import Any

import pytest

from clt.cluster.jobs import termination_message
from clt.cluster.jobs.failure import pod_end
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
        file.touch()
        monkeypatch.setattr(termination_message, "_FILE", file)
        termination_message.write_termination_message(error)
        end = pod_end(pod(terminated={"exitCode": 2, "message": file.read_text()}))
        assert end is not None and not end.lost
        assert (type(end.error), str(end.error)) == (type(error), str(error))
    logs = pod_end(pod(terminated={"exitCode": 1, "message": "Traceback: the log's last lines"}))
    assert logs is not None and logs.error is None
