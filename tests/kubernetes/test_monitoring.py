"""The exporter under its own account, and launchers' metrics, as Prometheus gets them on a real cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import Refused, kubectl
from tests.kubernetes.launching import Planned, plan, until, variables, write_study
from tests.kubernetes.places import place
from tests.kubernetes.pods import Pod, python, start_pod

pytestmark = pytest.mark.timeout(600)

OPERATORS_OWN = ("PodMonitor", "PrometheusRule")  # known only where the Prometheus operator is
ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())"


@pytest.fixture(scope="module")
def monitored(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    folder = place(tmp_path_factory.mktemp("monitored"), "base", sandbox.namespace, components=["monitoring"])
    objects = list(yaml.safe_load_all(kubectl("kustomize", str(folder))))
    ours = [thing for thing in objects if thing["kind"] not in (*OPERATORS_OWN, "Deployment")]
    assert {thing["kind"] for thing in objects} >= {*OPERATORS_OWN, "Deployment", "ConfigMap"}
    kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", text=yaml.safe_dump_all(ours))
    return sandbox


@pytest.fixture(scope="module")
def planned(monitored: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    folder = tmp_path_factory.mktemp("planned")
    with variables(monitored.objects.variables | {"CLT_CACHE": str(folder / "cache")}):
        yield plan(monitored, write_study(folder, training={"max_steps": 400, "checkpoint_every": 100}))


def metrics(asker: Pod, address: str) -> str:
    """What is answered at an address inside of the pod; nothing while nobody answers."""
    try:
        return kubectl("exec", asker.name, f"--namespace={asker.namespace}", "--", python(), "-c", ASK, address)
    except Refused as refusal:
        if asker.exit_code() is not None:
            raise AssertionError(asker.log()) from refusal
        return ""


def test_jobs_and_the_launchers_own_samples_are_scraped_while_a_job_runs(planned: Planned) -> None:
    namespace = planned.sandbox.namespace
    exporter = start_pod(
        namespace,
        *(python(), "-m", "clt.cluster.jobs.exporter"),
        service_account="clt-metrics",
        labels={"app.kubernetes.io/name": "clt-metrics"},
    )
    kubectl("wait", f"pod/{exporter.name}", f"--namespace={namespace}", "--for=condition=Ready", "--timeout=60s")
    cell = planned.cell(20)
    launcher = planned.launch(cell)
    local = "http://127.0.0.1:9464/metrics"
    running = 'clt_jobs{kind="training",reason="",state="Running"} 1.0'
    until(lambda: running in metrics(exporter, local) or launcher.exit_code() is not None, seconds=240)
    assert launcher.exit_code() is None, launcher.log()
    text = until(lambda: metrics(exporter, local))
    assert "clt_orphaned_jobs 0.0" in text and "# TYPE clt_accelerator_seconds_total counter" in text
    labels = f'{{cell="{cell.key}",kind="training",study="{planned.record.key}"}}'
    assert f"clt_launcher_silent_seconds{labels}" in until(lambda: _with(metrics(launcher, local), "silent_seconds{"))
    assert launcher.wait(240) == 0, launcher.log()
    until(lambda: 'state="Running"' not in (metrics(exporter, local) or 'state="Running"'))
    exporter.delete("--wait=false", "--grace-period=0", "--force")


def _with(text: str, part: str) -> str:
    return text if part in text else ""


def test_what_the_prometheus_operator_would_be_given_is_well_formed(cluster: None, tmp_path: Path) -> None:
    objects = list(
        yaml.safe_load_all(kubectl("kustomize", str(place(tmp_path, "base", "x", components=["monitoring"]))))
    )
    for thing in objects:
        if thing["kind"] in OPERATORS_OWN:
            assert thing["apiVersion"] == "monitoring.coreos.com/v1" and thing["metadata"]["namespace"] == "x"
