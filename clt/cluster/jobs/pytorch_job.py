"""A JobSpec as a PyTorchJob: one Master and, with several nodes, Workers, all alike but for their rank.

A job never restarts its own pods (restartPolicy Never): ranks that restart one by one hang or train on stale peers, so
the launcher starts a lost job again as a whole, and training resumes from its checkpoint.
"""

from dataclasses import replace
from typing import Any

from clt.cluster.jobs.cluster import GROUP
from clt.cluster.jobs.created import created_now
from clt.cluster.jobs.installation import (
    DATA_FOLDER,
    HUB_SECRET_FOLDER,
    JUDGE_SECRET_FOLDER,
    STORE_SECRET_FOLDER,
    Installation,
)
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.naming import DOMAIN, MANAGED, QUEUE, job_name, labels
from clt.cluster.jobs.patch import strategic_merge
from clt.endpoints import KEYS_VARIABLE
from clt.errors import StudyError
from clt.hashing import digest
from clt.logs import VARIABLE
from clt.models import IMAGE_VARIABLE
from clt.study import SERVERS, SERVERS_VARIABLE, Placement, Resources, StudyRecord, pod_problems

SPEC_HASH = f"{DOMAIN}/spec-hash"  # annotation
USER = 65532
EVALUATION_GRACE = 10  # seconds; it ends at SIGTERM, and its answers so far stand
_AGENT_GRACE = 5  # seconds that torchrun has after its processes


def pytorch_job(spec: JobSpec, record: StudyRecord, installation: Installation, attempt: int = 1) -> dict[str, Any]:
    """The object to create. Its annotation SPEC_HASH covers all but for whom it is: labels, the study and the cell.

    StudyError if `resources.pod` holds what the installation does not allow: a record in a bucket may be forged.
    """
    resources = record.study.resources
    for place, problem in pod_problems(resources.pod, installation.pod_fields):
        raise StudyError(problem, field=".".join(("resources", "pod", *map(str, place))))
    placement = record.study.placement(record.grid.cell(spec.cell_key).model, spec.kind)
    body = _body(spec, placement, resources, installation)
    for_anyone = _body(replace(spec, study_key="", cell_key=""), placement, resources, installation)
    for container in body["pytorchReplicaSpecs"]["Master"]["template"]["spec"]["containers"]:  # the Workers' too
        container["env"] = [*container["env"], created_now()]
    queue = {QUEUE: resources.queue} if resources.queue is not None else {}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "PyTorchJob",
        "metadata": {
            "name": job_name(spec, record, attempt),
            "labels": labels(spec) | queue,
            "annotations": {SPEC_HASH: digest(for_anyone)},
        },
        "spec": body,
    }


def _body(spec: JobSpec, placement: Placement, resources: Resources, installation: Installation) -> dict[str, Any]:
    processes = placement.accelerators_per_node if spec.kind == "training" else 1
    template = _pod_template(spec, placement, resources, installation, processes)
    replicas = {"Master": _replica(template, 1)}
    if placement.nodes > 1:
        replicas["Worker"] = _replica(template, placement.nodes - 1)
    # no backoffLimit: past it the operator deletes the pods, and with them what they say of their end
    policy: dict[str, Any] = {"cleanPodPolicy": "Running"}
    if resources.deadline_hours is not None:
        policy["activeDeadlineSeconds"] = max(1, round(resources.deadline_hours * 3600))
    if resources.queue is not None:
        policy["suspend"] = True
    return {"nprocPerNode": str(processes), "runPolicy": policy, "pytorchReplicaSpecs": replicas}


def _replica(template: dict[str, Any], count: int) -> dict[str, Any]:
    return {"replicas": count, "restartPolicy": "Never", "template": template}


def _pod_template(
    spec: JobSpec, placement: Placement, resources: Resources, installation: Installation, processes: int
) -> dict[str, Any]:
    pod: dict[str, Any] = {
        "serviceAccountName": installation.service_account,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": _grace(spec, resources),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec, placement, resources, installation, processes)],
        "volumes": _volumes(spec, placement, installation),
    }
    if selector := resources.node_selector | placement.node_selector:
        pod["nodeSelector"] = selector
    if resources.tolerations:
        pod["tolerations"] = [toleration.model_dump(exclude_none=True) for toleration in resources.tolerations]
    if resources.priority_class is not None:
        pod["priorityClassName"] = resources.priority_class
    if resources.image_pull_secret is not None:
        pod["imagePullSecrets"] = [{"name": resources.image_pull_secret}]
    template = {
        "metadata": {
            "labels": MANAGED | {f"{DOMAIN}/kind": spec.kind, "sidecar.istio.io/inject": "false"},
            "annotations": {"sidecar.istio.io/inject": "false"},  # older Istio reads the annotation
        },
        "spec": pod,
    }
    return strategic_merge(template, resources.pod)


def _container(
    spec: JobSpec, placement: Placement, resources: Resources, installation: Installation, processes: int
) -> dict[str, Any]:
    several = processes > 1 or placement.nodes > 1
    # the operator's variables (PET_*) tell torchrun nodes, rank, processes and the Master's address
    runner = ["python3", "-m", "torch.distributed.run", "-m"] if several else ["python3", "-m"]
    environment = _environment(spec, installation)
    if several:  # its processes would be killed after 30 s
        environment["TORCH_ELASTIC_SHUTDOWN_TIMEOUT"] = str(max(1, _grace(spec, resources) - _AGENT_GRACE))
    amounts = {"cpu": str(placement.cpu), "memory": placement.memory}
    if not placement.on_cpu:
        amounts[resources.accelerator_resource] = str(placement.accelerators_per_node)
    return {
        "name": "pytorch",  # the operator knows its container by this name
        "image": installation.job_image,
        "imagePullPolicy": "IfNotPresent",
        "command": [*runner, "clt.cluster.jobs", spec.kind, spec.store, spec.study_key, spec.cell_key],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "resources": {"requests": amounts, "limits": amounts},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": _mounts(spec, installation),
    }


def _grace(spec: JobSpec, resources: Resources) -> int:
    return resources.grace_seconds if spec.kind == "training" else EVALUATION_GRACE


def _environment(spec: JobSpec, installation: Installation) -> dict[str, str]:
    environment = {"HOME": "/tmp", "CLT_CACHE": "/cache/clt", "HF_HOME": "/cache/huggingface"}
    environment[IMAGE_VARIABLE] = installation.job_image
    if installation.endpoint:
        environment["AWS_ENDPOINT_URL"] = installation.endpoint
    if installation.log_format:
        environment[VARIABLE] = installation.log_format
    if installation.store_secret:
        environment["OBJECT_STORE_SECRET"] = STORE_SECRET_FOLDER
    if installation.hub_secret:
        environment["HF_TOKEN_PATH"] = f"{HUB_SECRET_FOLDER}/token"
    if spec.kind == "evaluation":  # also without a Secret: no study may name a variable of the pod as its key
        environment |= {KEYS_VARIABLE: JUDGE_SECRET_FOLDER, SERVERS_VARIABLE: " ".join(SERVERS)}
    return environment


def _asks_endpoints(spec: JobSpec, installation: Installation) -> bool:
    """Whether the job gets the endpoints' keys: no training needs one."""
    return bool(installation.judge_secret) and spec.kind == "evaluation"


def _volumes(spec: JobSpec, placement: Placement, installation: Installation) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [
        {"name": "tmp", "emptyDir": {}},
        _cache(installation),
        {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": placement.shared_memory}},
    ]
    if installation.store_secret:
        volumes.append({"name": "object-store", "secret": {"secretName": installation.store_secret}})
    if installation.hub_secret:
        volumes.append({"name": "hub", "secret": {"secretName": installation.hub_secret}})
    if _asks_endpoints(spec, installation):
        volumes.append({"name": "judge", "secret": {"secretName": installation.judge_secret}})
    if installation.data_claim:
        claim = {"claimName": installation.data_claim, "readOnly": True}
        volumes.append({"name": "data", "persistentVolumeClaim": claim})
    return volumes


def _cache(installation: Installation) -> dict[str, Any]:
    if installation.cache_claim:
        return {"name": "cache", "persistentVolumeClaim": {"claimName": installation.cache_claim}}
    return {"name": "cache", "emptyDir": {}}


def _mounts(spec: JobSpec, installation: Installation) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [
        {"name": "tmp", "mountPath": "/tmp"},
        {"name": "cache", "mountPath": "/cache"},
        {"name": "shared-memory", "mountPath": "/dev/shm"},
    ]
    if installation.store_secret:
        mounts.append({"name": "object-store", "mountPath": STORE_SECRET_FOLDER, "readOnly": True})
    if installation.hub_secret:
        mounts.append({"name": "hub", "mountPath": HUB_SECRET_FOLDER, "readOnly": True})
    if _asks_endpoints(spec, installation):
        mounts.append({"name": "judge", "mountPath": JUDGE_SECRET_FOLDER, "readOnly": True})
    if installation.data_claim:
        mounts.append({"name": "data", "mountPath": DATA_FOLDER, "readOnly": True})
    return mounts
