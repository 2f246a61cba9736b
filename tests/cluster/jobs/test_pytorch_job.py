"""A job as a PyTorchJob: what the operator needs, what the study asks for, and nothing that a run may change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clt.cluster.jobs.installation import from_environment
from clt.cluster.jobs.pytorch_job import SPEC_HASH, pytorch_job
from clt.errors import StudyError
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import INSTALLATION, record_with, spec


def container(job: dict[str, Any], replica: str = "Master") -> dict[str, Any]:
    (only,) = job["spec"]["pytorchReplicaSpecs"][replica]["template"]["spec"]["containers"]
    return dict(only)


def test_one_process_is_started_without_torchrun(record: StudyRecord) -> None:
    job = pytorch_job(spec(record), record, INSTALLATION)
    assert list(job["spec"]["pytorchReplicaSpecs"]) == ["Master"]
    assert container(job)["command"][:4] == ["python3", "-m", "clt.cluster.jobs", "training"]
    assert job["spec"]["nprocPerNode"] == "1"  # the API takes a string


def test_nodes_and_accelerators_become_replicas_and_processes(tmp_path: Path) -> None:
    training = {"accelerator": "h100", "nodes": 3, "accelerators_per_node": 2, "cpu": 8, "memory": "64Gi"}
    record = record_with(tmp_path, {"training": training, "evaluation": {"accelerator": "h100"}})
    job = pytorch_job(spec(record), record, INSTALLATION)
    replicas = job["spec"]["pytorchReplicaSpecs"]
    assert (replicas["Master"]["replicas"], replicas["Worker"]["replicas"], job["spec"]["nprocPerNode"]) == (1, 2, "2")
    assert "torch.distributed.run" in container(job)["command"]
    assert container(job, "Worker")["resources"]["limits"] == {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "2"}
    evaluation = pytorch_job(spec(record, kind="evaluation"), record, INSTALLATION)
    assert container(evaluation)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert list(evaluation["spec"]["pytorchReplicaSpecs"]) == ["Master"]


def test_a_training_has_time_to_save_its_state_and_torchrun_leaves_it_that_time(tmp_path: Path) -> None:
    record = record_with(tmp_path, {"grace_seconds": 300, "training": {"accelerators_per_node": 2}})
    graces, shutdowns = [], []
    for kind in ("training", "evaluation"):
        job = pytorch_job(spec(record, kind=kind), record, INSTALLATION)
        pod = job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]
        graces.append(pod["terminationGracePeriodSeconds"])
        variables = {variable["name"]: variable.get("value") for variable in container(job)["env"]}
        shutdowns.append(variables.get("TORCH_ELASTIC_SHUTDOWN_TIMEOUT"))
    assert graces == [300, 10] and shutdowns == ["295", None]


def test_a_job_knows_its_image_which_its_manifests_name(record: StudyRecord) -> None:
    for kind in ("training", "evaluation"):
        job = container(pytorch_job(spec(record, kind=kind), record, INSTALLATION))
        assert {"name": "CLT_IMAGE", "value": job["image"]} in job["env"]


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


def test_a_forged_record_gets_no_pod_that_the_cluster_does_not_allow(record: StudyRecord) -> None:
    hostile = {"spec": {"hostNetwork": True, "serviceAccountName": "clt-launcher"}}
    resources = record.study.resources.model_copy(update={"pod": hostile})
    forged = record.model_copy(update={"study": record.study.model_copy(update={"resources": resources})})
    with pytest.raises(StudyError, match=r"resources\.pod\.spec\.hostNetwork: got true, expected one of"):
        pytorch_job(spec(forged), forged, INSTALLATION)
    allowed = replace(INSTALLATION, pod_fields=("spec.hostNetwork", "spec.serviceAccountName"))
    job = pytorch_job(spec(forged), forged, allowed)
    assert job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]["hostNetwork"] is True


def test_no_variable_of_a_pipeline_widens_what_studies_may_say() -> None:
    allowed = replace(INSTALLATION, pod_fields=("spec.hostNetwork",))
    variables = allowed.environment() | {"CLT_POD_FIELDS": "spec.hostNetwork", "": "spec.hostNetwork"}
    assert "hostNetwork" not in str(allowed.environment())
    assert from_environment(variables) == INSTALLATION


def test_pods_have_no_rights_no_secrets_in_sight_and_no_sidecar(record: StudyRecord) -> None:
    template = pytorch_job(spec(record), record, INSTALLATION)["spec"]["pytorchReplicaSpecs"]["Master"]["template"]
    pod, (only,) = template["spec"], template["spec"]["containers"]
    assert pod["automountServiceAccountToken"] is False and pod["securityContext"]["runAsNonRoot"] is True
    assert only["securityContext"]["readOnlyRootFilesystem"] is True
    assert template["metadata"]["annotations"] == {"sidecar.istio.io/inject": "false"}
    assert not any("valueFrom" in variable for variable in only["env"])  # secrets are files
    names = {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    assert names == {"clt-object-store", "hub"}


def test_the_keys_of_endpoints_are_files_of_evaluations_alone(record: StudyRecord) -> None:
    judged = replace(INSTALLATION, judge_secret="keys")
    assert from_environment(judged.environment()) == judged
    mounted = {}
    for kind in ("training", "evaluation"):
        job = pytorch_job(replace(spec(record), kind=kind), record, judged)
        pod = job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]
        (only,) = pod["containers"]
        folders = {mount["name"]: mount["mountPath"] for mount in only["volumeMounts"]}
        assert {volume["name"] for volume in pod["volumes"]} == folders.keys()
        variables = {each["name"]: each.get("value") for each in only["env"]}
        mounted[kind] = folders.get("judge"), variables.get("CLT_ENDPOINT_KEYS")
    assert mounted == {"training": (None, None), "evaluation": ("/var/run/secrets/clt/judge",) * 2}


def test_no_study_has_a_pods_own_variable_sent_as_a_key_or_any_program_run_as_a_server(record: StudyRecord) -> None:
    job = pytorch_job(replace(spec(record), kind="evaluation"), record, INSTALLATION)  # without a Secret of keys
    (only,) = job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]["containers"]
    variables = {each["name"]: each.get("value") for each in only["env"]}
    assert variables["CLT_ENDPOINT_KEYS"] and variables["CLT_SERVERS"] == "vllm sglang"


def test_jobs_share_a_cache_where_the_cluster_has_a_claim_for_it(record: StudyRecord) -> None:
    shared = replace(INSTALLATION, cache_claim="model-cache")
    assert from_environment(shared.environment()) == shared
    volumes = [
        pytorch_job(spec(record), record, each)["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]["volumes"]
        for each in (INSTALLATION, shared)
    ]
    assert {"name": "cache", "emptyDir": {}} in volumes[0]
    assert {"name": "cache", "persistentVolumeClaim": {"claimName": "model-cache"}} in volumes[1]


def test_the_spec_hash_changes_with_the_pod_and_not_with_the_run(tmp_path: Path) -> None:
    record = record_with(tmp_path, {})
    patched = record_with(tmp_path, {"pod": {"spec": {"terminationGracePeriodSeconds": 5}}})
    hashes = [
        pytorch_job(spec(record, run=run), with_pod, INSTALLATION)["metadata"]["annotations"][SPEC_HASH]
        for run, with_pod in (("one", record), ("two", record), ("one", patched))
    ]
    assert hashes[0] == hashes[1] != hashes[2]
