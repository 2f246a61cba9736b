"""How a pod ended, from statuses as a cluster shows them: what is tried again, and what is not."""

import json
from typing import Any

import pytest

from components.jobs.failure import pod_end
from components.jobs.job import USER_ERROR


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


def test_a_users_error_is_read_from_the_termination_message() -> None:
    end = pod_end(pod(terminated={"exitCode": 2, "message": json.dumps({USER_ERROR: "loss is nan"})}))
    assert end is not None and (end.user_error, end.lost) == ("loss is nan", False)
    logs = pod_end(pod(terminated={"exitCode": 1, "message": "Traceback: the log's last lines"}))
    assert logs is not None and logs.user_error == ""
