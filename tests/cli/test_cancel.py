"""`clt cancel`: a run ends, and what Kubeflow does not end itself is ended or named."""

from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd
from tests.cli.pods_server import Pods

PULL = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nope"'}}}
HANGS = {"phase": "Pending", "containerStatuses": [PULL]}
UNSCHEDULED = {
    "phase": "Pending",
    "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}],
}


def stuck(kfp: BackEnd, run_id: str) -> None:
    """The back end never ends the run: its exit task waits for an image, too."""
    kfp.stuck.add(run_id)


def test_a_cancelled_run_is_told_from_a_failed_one(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    result = clt("cancel", run_id)
    assert result.exit_code == 0, result.output
    assert "its exit task deletes its jobs" in result.output
    assert f"run {run_id} is over: cancelled" in result.output
    assert kfp.runs[run_id]["state"] == "FAILED"
    assert clt("status", "--run", run_id).output.partition("\n")[0].endswith(": cancelled")


def test_a_run_that_is_over_is_not_cancelled(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    kfp.finish(run_id)
    result = clt("cancel", run_id)
    assert (result.exit_code, result.output) == (0, f"run {run_id} is over: succeeded; nothing to cancel\n")
    assert "run_service_terminate_run" not in kfp.calls


def test_pods_that_hang_and_jobs_that_are_left_are_ended(pods: Pods, kfp: BackEnd, clt: Clt, run_id: str) -> None:
    stuck(kfp, run_id)
    hangs = pods.add(run_id, "w.root.onExit.cleanup.executor", None, HANGS)
    homeless = pods.add(run_id, "w.root.exit-handler-1.plan.executor", None, UNSCHEDULED)
    works = pods.add(run_id, "w.root.exit-handler-1.mix.executor", None, {"phase": "Running"})
    pods.add_job(run_id, "train-tiny-1")
    pods.add_job("another", "train-other-1")
    result = clt("cancel", run_id)
    assert result.exit_code == 0, result.output
    bodies = {name: (method, body) for method, name, body in pods.changed}
    assert bodies[hangs] == ("PATCH", {"spec": {"activeDeadlineSeconds": 1}})  # so that Kubeflow sees it fail
    assert bodies[homeless][0] == "DELETE"  # no node has it, so none would look at its time
    assert bodies["train-tiny-1"][0] == "DELETE" and set(bodies) == {hangs, homeless, "train-tiny-1"}
    assert (
        f'ended: pod {hangs} of cleanup, which hung: ImagePullBackOff: Back-off pulling image "nope"' in result.output
    )
    assert f"left: pod {works} of mix is Running" in result.output
    assert "deleted: job train-tiny-1 (Running)" in result.output
    assert "Kubeflow still shows it as cancelling" in result.output


def test_without_a_kubeconfig_the_commands_are_said(kfp: BackEnd, clt: Clt, run_id: str) -> None:
    stuck(kfp, run_id)
    output = clt("cancel", run_id).output
    assert "what it has left could not be ended from here: no cluster" in output
    assert f"kubectl delete pods --namespace kubeflow --selector pipeline/runid={run_id}" in output
    assert f"clt cleanup --namespace kubeflow --run {run_id}" in output
