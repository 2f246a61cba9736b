"""Jobs that cannot run here: each is given up with the cluster's own reason, and nothing of it stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clt.cluster import Cluster, Installation
from clt.cluster.jobs.launch import launch
from clt.errors import CellFailure
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.launching import INSTALLATION, jobs, plan, variables, write_study

pytestmark = pytest.mark.timeout(600)

SOON = {"image_minutes": 0.05, "unschedulable_hours": 0.001}


@pytest.fixture(scope="module", autouse=True)
def store_variables(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path_factory.mktemp("cache"))}):
        yield


def failure(
    sandbox: Sandbox, folder: Path, resources: dict[str, Any], installation: Installation = INSTALLATION, **changes: Any
) -> str:
    """The error of a training with these resources; there must be one, and no job left."""
    planned = plan(sandbox, write_study(folder, resources={"timeouts": SOON} | resources, **changes))
    spec = planned.spec(planned.cell(20))
    with pytest.raises(CellFailure) as caught:
        launch(spec, planned.record, installation, Cluster.connect(sandbox.namespace))
    assert jobs(sandbox.namespace) == []
    return str(caught.value)


def test_a_gpu_that_no_node_has(sandbox: Sandbox, tmp_path: Path) -> None:
    training = {"accelerator": "h100", "cpu": 1, "memory": "1Gi"}
    error = failure(sandbox, tmp_path, {"speeds": {"h100": 4e14, "cpu-thread": 1e9}, "training": training})
    assert "waits for room" in error and "Insufficient nvidia.com/gpu" in error and "resources.timeouts" in error


def test_an_image_that_cannot_be_pulled(sandbox: Sandbox, tmp_path: Path) -> None:
    error = failure(sandbox, tmp_path, {}, replace(INSTALLATION, job_image="example.invalid/none:1"))
    assert "waits for image" in error and "--gpu-image" in error


def test_a_secret_that_is_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    error = failure(sandbox, tmp_path, {}, replace(INSTALLATION, hub_secret="no-such-secret"))
    assert "waits for configuration" in error and 'secret "no-such-secret" not found' in error


def test_a_queue_that_admits_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    error = failure(sandbox, tmp_path, {"queue": "nobody-serves-this"})
    assert "waits for admission" in error and "nobody-serves-this" in error


def test_too_little_memory_is_told_and_not_tried_again(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "clt.launcher")
    error = failure(sandbox, tmp_path, {"training": {"cpu": 1, "memory": "256Mi", "shared_memory": "16Mi"}})
    assert "OOMKilled (exit code 137)" in error and "memory" in error
    assert "created" in caplog.text and "started again" not in caplog.text


def test_a_job_past_its_deadline(sandbox: Sandbox, tmp_path: Path) -> None:
    error = failure(sandbox, tmp_path, {"deadline_hours": 0.001}, training={"max_steps": 100_000})
    assert "ran longer than resources.deadline_hours = 0.001" in error
