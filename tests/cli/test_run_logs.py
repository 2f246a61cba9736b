"""`clt logs`: which pods of a run it reads, what of their logs is ours, and what it says when there are none."""

from pathlib import Path

import pytest

from clt.cli.run_logs import ours
from tests.cli.conftest import Clt
from tests.cli.pods_server import Pods

OURS = """\
9 cells planned
{"ours": true}
Traceback (most recent call last):
  File "/opt/venv/plan.py", line 3, in plan
    raise error
clt.errors.StudyError: languages.train: got 'xx'
"""
BEFORE = """\
time="2026-11-25T00:00:00.000Z" level=info msg="capturing logs" argo=true
I1125 00:00:01.123456      17 launcher_v2.go:105] input ComponentSpec:{
  "executorLabel": "exec-plan",
  "inputDefinitions": {
    "parameters": {}
  }
}
I1125 00:00:01.223456      17 cache.go:139] Cannot detect ml-pipeline in the same namespace, default to kubeflow
[KFP Executor 2026-11-25 00:00:02,123 INFO]: Looking for component `plan` in --component_module_path `/tmp/x.py`
[KFP Executor 2026-11-25 00:00:02,124 INFO]: Got executor_input:
{
    "inputs": {
        "parameterValues": {}
    }
}
"""
AFTER = """\
I1125 00:00:03.123456      17 launcher_v2.go:151] publish success.
F1125 00:00:03.223456      17 main.go:49] failed to execute component: exit status 1
time="2026-11-25T00:00:03.387Z" level=info msg="sub-process exited" argo=true error="<nil>"
Error: exit status 1
"""
# A task's log as a back end 2.14 writes it: the launcher's lines with a document, the executor's, Argo's, and ours.
LOG = BEFORE + OURS + AFTER


@pytest.fixture
def logs(clt: Clt) -> Clt:
    return lambda *arguments: clt("logs", *arguments)


def test_what_kubeflow_says_around_our_code_is_left_out() -> None:
    assert "".join(ours(LOG.splitlines(keepends=True))) == OURS


def test_everything_is_shown_when_asked_for(pods: Pods, run_id: str, logs: Clt) -> None:
    stamped = "".join(f"2026-11-25T00:00:01Z {line}" for line in LOG.splitlines(keepends=True))
    pods.add(run_id, "w.root.exit-handler-1.plan.executor", stamped)
    pods.add(run_id, "w.root.exit-handler-1.plan-driver", "2026-11-25T00:00:01Z plumbing\n")
    assert logs(run_id).stdout == f"== plan  pod-0  Succeeded\n{OURS}"
    shown = logs(run_id, "--all").stdout
    assert shown == f"== plan  pod-0  Succeeded\n{LOG}== plan-driver  pod-1  Succeeded\nplumbing\n"
    assert logs(run_id, "--task", "plan-driver").stdout == "== plan-driver  pod-1  Succeeded\nplumbing\n"


def test_a_cells_task_is_shown_with_its_iteration_and_what_ended_its_pod(pods: Pods, run_id: str, logs: Clt) -> None:
    node = "w.root.exit-handler-1.measure.cells.for-loop-1.iteration-iterations(3:3).iteration-item.train.executor"
    status = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory."}
    pods.add(run_id, node, None, status)
    assert logs(run_id).stdout.startswith(
        "== train of iteration 3  pod-0  Failed  Evicted: The node was low on memory."
    )


def test_the_components_pods_in_their_order_without_timestamps(pods: Pods, run_id: str, logs: Clt) -> None:
    pods.add(run_id, "w.root.study.plan.executor", "2026-11-25T00:00:01Z planned\n2026-11-25T00:00:02Z two: 9 cells\n")
    pods.add(run_id, "w.root.study.plan-driver", "2026-11-25T00:00:01Z plumbing\n")
    pods.add(run_id, "w.root.study.train.executor", None)
    pods.add("other", "w.root.study.plan.executor", "2026-11-25T00:00:01Z other\n")
    done = logs(run_id)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "== plan  pod-0  Succeeded\nplanned\ntwo: 9 cells\n== train  pod-2  Succeeded\n(no log: Bad Request)\n"
    )
    assert {path.split("/")[4] for path in pods.asked} == {"kubeflow"}


def test_one_task(pods: Pods, run_id: str, logs: Clt) -> None:
    for name in ("plan", "mix"):
        pods.add(run_id, f"w.root.study.{name}.executor", f"2026-11-25T00:00:01Z I am {name}\n")
    assert logs(run_id, "--task", "mix").stdout == "== mix  pod-1  Succeeded\nI am mix\n"
    done = logs(run_id, "--task", "trian")
    assert (done.exit_code, done.stderr) == (2, "Error: --task 'trian': expected one of mix, plan\n")


def test_a_run_without_pods_says_what_can_be_had(pods: Pods, run_id: str, logs: Clt) -> None:
    done = logs(run_id)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: run {run_id}: no pod of it in the namespace kubeflow")
    assert f"`clt status --run {run_id}` the errors" in done.stderr


def test_no_right_to_read_pods(pods: Pods, run_id: str, logs: Clt) -> None:
    pods.refuses = 403
    done = logs(run_id)
    assert done.exit_code == 2
    assert "pods is forbidden" in done.stderr


def test_no_cluster(kubeconfig: Path, run_id: str, logs: Clt) -> None:
    assert not kubeconfig.exists()
    done = logs(run_id)
    assert done.exit_code == 2
    assert "set KUBECONFIG to the file of a cluster" in done.stderr
