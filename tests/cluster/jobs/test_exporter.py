"""What Prometheus is told of a namespace, and what the alert rules and the dashboard ask for."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from clt.cluster.jobs import exporter
from clt.cluster.jobs.exporter import JobCollector
from clt.cluster.jobs.launcher_metrics import REGISTRY
from tests.cluster.jobs.simulated_cluster import Clock, SimulatedCluster, condition

MONITORING = Path(__file__).resolve().parents[3] / "manifests" / "components" / "monitoring"


def now() -> str:
    return datetime.now(UTC).isoformat()


def job(name: str, kind: str = "training", accelerators: int = 0, nodes: int = 1, *conditions: str) -> dict[str, Any]:
    limits = {"cpu": "4", "nvidia.com/gpu": str(accelerators)} if accelerators else {"cpu": "4"}
    template = {"spec": {"containers": [{"name": "pytorch", "resources": {"limits": limits}}]}}
    labels = {"cross-lingual-transfer/kind": kind, "cross-lingual-transfer/study": "tickets"}
    return {
        "metadata": {"name": name, "uid": name, "labels": labels, "creationTimestamp": now()},
        "spec": {"pytorchReplicaSpecs": {"Master": {"replicas": nodes, "template": template}}},
        "status": {"conditions": [condition(each) for each in conditions]},
    }


def lease(renewed: str) -> dict[str, Any]:
    return {"metadata": {"name": "train-a"}, "spec": {"holderIdentity": "x", "renewTime": renewed}}


@pytest.fixture
def cluster() -> SimulatedCluster:
    cluster = SimulatedCluster(Clock(), lambda *_: None)
    jobs = [
        job("train-a-1", "training", 4, 2, "Created", "Running"),
        job("train-b-1"),
        job("evaluate-c-1", "evaluation", 1, 1, "Created", "Succeeded"),
    ]
    cluster.objects["pytorchjobs"] = {each["metadata"]["name"]: each for each in jobs}
    cluster.objects["leases"] = {"train-a": lease(now())}
    cluster.objects["cronjobs"] = {"clt-reaper": {"status": {"lastSuccessfulTime": "2026-11-01T00:00:00Z"}}}
    return cluster


def scraped(cluster: SimulatedCluster) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(JobCollector(cluster))  # type: ignore[arg-type]
    return registry


def test_jobs_are_told_by_state_and_by_what_they_wait_for(cluster: SimulatedCluster) -> None:
    value = scraped(cluster).get_sample_value
    assert value("clt_jobs", {"kind": "training", "state": "Running", "reason": ""}) == 1
    assert value("clt_jobs", {"kind": "training", "state": "Created", "reason": "operator"}) == 1
    assert value("clt_jobs", {"kind": "evaluation", "state": "Succeeded", "reason": ""}) == 1


def test_accelerators_count_while_their_job_runs(cluster: SimulatedCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(exporter.time, "monotonic", clock.monotonic)
    registry = scraped(cluster)
    clock.now = 60.0
    families = {sample.name: sample.value for family in registry.collect() for sample in family.samples}
    assert families["clt_accelerators"] == 4 * 2 and families["clt_accelerator_seconds_total"] == 60 * 8


def test_a_job_whose_launcher_is_silent_is_an_orphan(cluster: SimulatedCluster) -> None:
    assert scraped(cluster).get_sample_value("clt_orphaned_jobs") == 0
    cluster.objects["leases"]["train-a"] = lease("2026-11-01T00:00:00Z")
    assert scraped(cluster).get_sample_value("clt_orphaned_jobs") == 1


def test_the_reapers_last_success_is_told_and_absent_where_it_never_had_one(cluster: SimulatedCluster) -> None:
    name = "clt_reaper_last_success_timestamp_seconds"
    assert scraped(cluster).get_sample_value(name) == datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    cluster.objects["cronjobs"] = {}
    assert scraped(cluster).get_sample_value(name) is None


def exported() -> set[str]:
    """Every name under which Prometheus stores a sample of ours."""
    families = [*JobCollector(SimulatedCluster(Clock(), lambda *_: None)).describe(), *REGISTRY.collect()]  # type: ignore[arg-type]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


@pytest.mark.parametrize("file", ["rules.yaml", "dashboard.yaml"])
def test_rules_and_dashboard_ask_only_for_what_is_exported(file: str) -> None:
    asked = set(re.findall(r"\bclt_[a-z_]+\b", (MONITORING / file).read_text(encoding="utf-8")))
    assert asked and asked <= exported()


def test_everything_that_is_exported_is_on_the_dashboard_or_in_a_rule() -> None:
    text = "".join((MONITORING / name).read_text(encoding="utf-8") for name in ("rules.yaml", "dashboard.yaml"))
    assert [name for name in sorted(exported()) if name not in text] == []


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    (rules,) = yaml.safe_load_all((MONITORING / "rules.yaml").read_text(encoding="utf-8"))
    alerts = [rule for group in rules["spec"]["groups"] for rule in group["rules"]]
    assert len(alerts) >= 5
    for alert in alerts:
        assert alert["annotations"].keys() == {"summary", "description"} and alert["labels"]["severity"]
        assert alert["for"], alert["alert"]
