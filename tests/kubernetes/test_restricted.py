"""The jobs' pods in a namespace that admits nothing beyond Pod Security's `restricted`."""

from pathlib import Path

import pytest

from clt.cluster.jobs.pytorch_job import pytorch_job
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import create, get
from tests.kubernetes.launching import INSTALLATION, plan, pods_of, until, variables, write_study
from tests.kubernetes.places import RESTRICTED, apply, fresh_namespace, place

# The operator puts this container into Workers, in the form that its own settings give it.
OPERATORS_CONTAINER = "init-pytorch"


@pytest.mark.parametrize("nodes", [1, 2])
def test_nothing_that_a_job_asks_for_is_refused(nodes: int, sandbox: Sandbox, tmp_path: Path) -> None:
    # without the patch by which the other tests mount this checkout: hostPath is refused here
    placement = {"cpu": 1, "memory": "2Gi", "nodes": nodes}
    study = write_study(tmp_path, resources={"training": placement, "pod": {}})
    with variables(sandbox.objects.variables):
        planned = plan(sandbox, study, f"/restricted-{nodes}")
    spec = planned.spec(planned.cell(5))
    with fresh_namespace(RESTRICTED) as namespace:
        folder = tmp_path / "place"
        folder.mkdir()
        apply(place(folder, "base", namespace))
        job = create(pytorch_job(spec, planned.record, INSTALLATION), f"--namespace={namespace}")["metadata"]["name"]

        def refusals() -> list[str]:
            events = get("events", f"--namespace={namespace}")["items"]
            return [event["message"] for event in events if "violates PodSecurity" in event.get("message", "")]

        until(lambda: len(pods_of(namespace, job)) == nodes or refusals(), seconds=60)
        for refusal in refusals():
            assert OPERATORS_CONTAINER in refusal and '(container "pytorch"' not in refusal, refusal
        assert pods_of(namespace, job)
