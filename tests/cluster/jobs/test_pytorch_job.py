"""A job as a PyTorchJob: what the operator needs, what the study asks for, and nothing that a run may change."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from clt.cluster import JobSpec
from clt.cluster.jobs.job_spec import Kind
from clt.cluster.jobs.naming import job_name, label_value
from clt.cluster.jobs.patch import strategic_merge
from clt.cluster.jobs.pytorch_job import SPEC_HASH, pytorch_job
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import INSTALLATION, record_with


def spec(record: StudyRecord, **changes: Any) -> JobSpec:
    facts = {"kind": "training", "store": "s3://b/p", "study_key": record.key, "cell_key": record.grid.cells[-1].key}
    return JobSpec(**(facts | changes))


def container(job: dict[str, Any], replica: str = "Master") -> dict[str, Any]:
    (only,) = job["spec"]["pytorchReplicaSpecs"][replica]["template"]["spec"]["containers"]
    return dict(only)


def test_names_are_legal_however_long_the_keys_and_leave_room_for_pods() -> None:
    for cell in ("a", "x" * 200, "größe_Ä.B--", "9lives"):
        facts = {"store": "s3://b", "study_key": "s-1", "cell_key": cell}
        for kind in get_args(Kind):
            name = job_name(JobSpec(kind=kind, **facts), 12)
            assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) and len(f"{name}-worker-999") <= 63


def test_a_name_depends_on_store_study_cell_kind_and_attempt_and_not_on_the_run(record: StudyRecord) -> None:
    base = spec(record)
    assert job_name(base, 1) == job_name(spec(record, run="other"), 1)
    others = [spec(record, store="s3://c"), spec(record, study_key="x"), spec(record, kind="evaluation")]
    assert len({job_name(base, 1), job_name(base, 2), *(job_name(other, 1) for other in others)}) == 5


def test_label_values_are_legal_and_distinct() -> None:
    long = ["a" * 80, "a" * 81, "with space", "-x-", ""]
    for text in long:
        assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label_value(text)), text
    assert len(set(map(label_value, long))) == len(long)


def test_one_process_is_started_without_torchrun(record: StudyRecord) -> None:
    job = pytorch_job(spec(record), record, INSTALLATION)
    assert list(job["spec"]["pytorchReplicaSpecs"]) == ["Master"]
    assert container(job)["command"][:4] == ["python3", "-m", "clt.cluster.jobs", "training"]
    assert job["spec"]["nprocPerNode"] == "1"  # the API takes a string


def test_nodes_and_accelerators_become_replicas_and_processes(tmp_path: Path) -> None:
    training = {"accelerator": "h100", "nodes": 3, "accelerators_per_node": 4, "cpu": 8, "memory": "64Gi"}
    record = record_with(tmp_path, {"training": training, "evaluation": {"accelerator": "h100"}})
    job = pytorch_job(spec(record), record, INSTALLATION)
    replicas = job["spec"]["pytorchReplicaSpecs"]
    assert (replicas["Master"]["replicas"], replicas["Worker"]["replicas"], job["spec"]["nprocPerNode"]) == (1, 2, "4")
    assert "torch.distributed.run" in container(job)["command"]
    assert container(job, "Worker")["resources"]["limits"] == {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "4"}
    evaluation = pytorch_job(spec(record, kind="evaluation"), record, INSTALLATION)
    assert container(evaluation)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert list(evaluation["spec"]["pytorchReplicaSpecs"]) == ["Master"]


def test_an_evaluation_with_several_accelerators_stays_one_process(tmp_path: Path) -> None:
    record = record_with(tmp_path, {"evaluation": {"accelerator": "h100", "accelerators_per_node": 2}})
    job = pytorch_job(spec(record, kind="evaluation"), record, INSTALLATION)
    assert job["spec"]["nprocPerNode"] == "1" and "torch.distributed.run" not in container(job)["command"]
    assert container(job)["resources"]["limits"]["nvidia.com/gpu"] == "2"


def test_the_study_places_its_jobs(tmp_path: Path) -> None:
    placed = {
        "queue": "team-a",
        "priority_class": "low",
        "node_selector": {"pool": "gpu", "zone": "a"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "image_pull_secret": "registry",
        "deadline_hours": 0.5,
        "training": {"node_selector": {"zone": "b"}, "shared_memory": "16Gi"},
    }
    record = record_with(tmp_path, placed)
    job = pytorch_job(spec(record), record, INSTALLATION)
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-a"
    policy = {"suspend": True, "activeDeadlineSeconds": 1800, "cleanPodPolicy": "Running"}
    assert job["spec"]["runPolicy"] == policy
    pod = job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]
    assert pod["nodeSelector"] == {"pool": "gpu", "zone": "b"}
    assert pod["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert (pod["priorityClassName"], pod["imagePullSecrets"]) == ("low", [{"name": "registry"}])
    assert {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "16Gi"}} in pod["volumes"]


def test_pods_have_no_rights_no_secrets_in_sight_and_no_sidecar(record: StudyRecord) -> None:
    template = pytorch_job(spec(record), record, INSTALLATION)["spec"]["pytorchReplicaSpecs"]["Master"]["template"]
    pod, (only,) = template["spec"], template["spec"]["containers"]
    assert pod["automountServiceAccountToken"] is False and pod["securityContext"]["runAsNonRoot"] is True
    assert only["securityContext"]["readOnlyRootFilesystem"] is True
    assert template["metadata"]["annotations"] == {"sidecar.istio.io/inject": "false"}
    assert not any("valueFrom" in variable for variable in only["env"])  # secrets are files
    names = {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    assert names == {"clt-object-store", "hub"}


def test_the_spec_hash_changes_with_the_pod_and_not_with_the_run(tmp_path: Path) -> None:
    record = record_with(tmp_path, {})
    patched = record_with(tmp_path, {"pod": {"spec": {"terminationGracePeriodSeconds": 5}}})
    hashes = [
        pytorch_job(spec(record, run=run), with_pod, INSTALLATION)["metadata"]["annotations"][SPEC_HASH]
        for run, with_pod in (("one", record), ("two", record), ("one", patched))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_patch_merges_named_things_and_replaces_the_rest() -> None:
    base = {
        "metadata": {"labels": {"a": "1"}},
        "spec": {
            "containers": [{"name": "pytorch", "env": [{"name": "A", "value": "1"}], "command": ["x", "y"]}],
            "volumes": [{"name": "cache", "emptyDir": {}}],
            "automountServiceAccountToken": False,
        },
    }
    patch = {
        "metadata": {"labels": {"b": "2"}},
        "spec": {
            "containers": [
                {"name": "pytorch", "env": [{"name": "A", "value": "9"}, {"name": "B", "value": "2"}], "command": ["z"]}
            ],
            "volumes": [{"name": "cache", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "more"}],
            "automountServiceAccountToken": None,
        },
    }
    merged = strategic_merge(base, patch)
    assert merged["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert merged["spec"] == {
        "containers": [
            {"name": "pytorch", "env": [{"name": "A", "value": "9"}, {"name": "B", "value": "2"}], "command": ["z"]}
        ],
        "volumes": [{"name": "cache", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "more"}],
    }


@pytest.mark.parametrize("text", ["pod", "[1]"])
def test_a_patch_must_be_a_mapping(tmp_path: Path, text: str) -> None:
    from clt.errors import StudyError

    with pytest.raises(StudyError, match="pod"):
        record_with(tmp_path, {"pod": text})
