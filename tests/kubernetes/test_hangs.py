"""Parts of a cluster that are down, and pods without a step: the launcher says so and gives up; nothing of it stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clt.cluster import Cluster
from clt.cluster.jobs import attended_job, job_progress
from clt.cluster.jobs.launch import launch
from clt.errors import CellFailure
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import kubectl
from tests.kubernetes.launching import INSTALLATION, Planned, jobs, plan, pods_of, until, variables, write_study
from tests.kubernetes.pods import POD_FIELDS

pytestmark = pytest.mark.timeout(600)

SOON = {"image_minutes": 0.05, "answer_minutes": 0.1, "start_minutes": 0.3, "progress_minutes": 0.1}


@pytest.fixture(autouse=True)
def quick_looks(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Looks that are minutes apart are seconds apart here."""
    monkeypatch.setattr(attended_job, "TICK", 1.0)
    monkeypatch.setattr(job_progress, "PAUSE", 1.0)
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path / "cache")}):
        yield


def planned(sandbox: Sandbox, folder: Path, pod: dict[str, Any] | None = None, **timeouts: float) -> Planned:
    resources = {"timeouts": SOON | timeouts, "restarts": 0, "grace_seconds": 20}
    return plan(sandbox, write_study(folder, pod=pod, resources=resources), prefix="/hangs")


def failure(study: Planned, **installation: Any) -> str:
    spec = study.spec(study.cell(20))
    with pytest.raises(CellFailure) as caught:
        launch(
            spec,
            study.record,
            replace(INSTALLATION, **installation),
            Cluster.connect(study.sandbox.namespace),
        )
    return str(caught.value)


@contextmanager
def without_operator() -> Iterator[None]:
    def scale(replicas: int) -> None:
        kubectl("scale", "deployment/training-operator", "--namespace=kubeflow", f"--replicas={replicas}")

    scale(0)
    try:
        selector = "--selector=control-plane=kubeflow-training-operator"
        kubectl("wait", "pod", "--namespace=kubeflow", selector, "--for=delete", "--timeout=60s")
        yield
    finally:
        scale(1)
        kubectl("rollout", "status", "deployment/training-operator", "--namespace=kubeflow", "--timeout=120s")


def test_a_scheduler_that_is_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    error = failure(planned(sandbox, tmp_path, {"schedulerName": "nobody"}))
    assert "waits for scheduler" in error and "nobody has not looked at it" in error
    assert jobs(sandbox.namespace) == []


def test_a_job_that_a_finalizer_keeps_in_deletion(sandbox: Sandbox, tmp_path: Path) -> None:
    study = planned(sandbox, tmp_path, {"schedulerName": "nobody"})
    failure(study)  # makes the job, and deletes it
    job = study.job(study.cell(20))
    stuck = {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob"}
    from clt.cluster.jobs.pytorch_job import pytorch_job

    cluster = Cluster.connect(sandbox.namespace)
    body = pytorch_job(study.spec(study.cell(20)), study.record, INSTALLATION) | stuck
    body["metadata"]["finalizers"] = ["example.org/never"]
    until(lambda: not jobs(sandbox.namespace))
    cluster.create("pytorchjobs", body)
    cluster.delete("pytorchjobs", job)
    try:
        error = failure(study)
        assert "waits for deletion" in error and "example.org/never" in error
    finally:
        cluster.merge("pytorchjobs", job, {"metadata": {"finalizers": None}})
    until(lambda: not jobs(sandbox.namespace))


def test_a_pod_that_sleeps_instead_of_a_step(sandbox: Sandbox, tmp_path: Path) -> None:
    study = planned(sandbox, tmp_path)
    resources = study.record.study.resources
    (container,) = resources.pod["spec"]["containers"]
    sleeping = {"spec": resources.pod["spec"] | {"containers": [container | {"command": ["sleep", "3600"]}]}}
    changed = study.record.study.model_copy(update={"resources": resources.model_copy(update={"pod": sleeping})})
    study = replace(study, record=study.record.model_copy(update={"study": changed}))
    error = failure(study, pod_fields=(*POD_FIELDS, "spec.containers.command"))
    assert "no sign of life" in error and "right image" in error
    assert jobs(sandbox.namespace) == []
    until(lambda: not pods_of(sandbox.namespace, study.job(study.cell(20))))


def test_an_operator_that_is_down(sandbox: Sandbox, tmp_path: Path) -> None:
    """Its webhook is down with it, so no job can be made. Others cannot use the cluster meanwhile."""
    study = planned(sandbox, tmp_path)
    with without_operator():
        error = failure(study)
    assert "waits for operator" in error and "failed calling webhook" in error and "training-operator" in error
    assert jobs(sandbox.namespace) == []


def test_a_training_that_works_is_left_alone_with_narrow_limits_and_its_log_is_kept(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    from tests.kubernetes.launching import in_process

    study = planned(sandbox, tmp_path, progress_minutes=0.75)  # notes go out every 15 s
    cell = study.cell(20)
    in_process(study, cell)
    assert study.is_complete(cell)
    key = study.record.training_key(cell)
    logs = study.store.manifests(study.store.keys(f"{key}/job-logs"))  # of the tests before, too: it is one training
    (log,) = [name for name, manifest in logs.items() if not manifest.metadata["failure"]]
    assert "from step 1 of 12" in (study.store.fetch(log) / "log.txt").read_text()
    seconds = study.store.manifest(key).metadata["seconds_by_phase"]  # type: ignore[union-attr]
    assert {"waiting", "loading", "training", "saving"} <= set(seconds) and seconds["waiting"] > 0
