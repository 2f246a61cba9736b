"""What a study may say of its jobs' pods: placement and amounts, and nothing that gives it the node or a Secret."""

from typing import Any

import pytest

from clt.errors import StudyError
from clt.study import load_study, pod_problems
from tests.cluster.jobs.conftest import STUDY as PLACED


def container(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "pytorch"} | fields]}}


def volume(**source: Any) -> dict[str, Any]:
    return {"spec": {"volumes": [{"name": "cache"} | source]}}


HOSTILE = {
    "spec.hostNetwork": {"spec": {"hostNetwork": True}},
    "spec.hostPID": {"spec": {"hostPID": True}},
    "spec.hostIPC": {"spec": {"hostIPC": True}},
    "spec.serviceAccountName": {"spec": {"serviceAccountName": "clt-launcher"}},
    "spec.automountServiceAccountToken": {"spec": {"automountServiceAccountToken": True}},
    "spec.initContainers": {"spec": {"initContainers": [{"name": "x", "image": "evil"}]}},
    "spec.nodeName": {"spec": {"nodeName": "control-plane"}},
    "spec.shareProcessNamespace": {"spec": {"shareProcessNamespace": True}},
    "spec.securityContext.runAsUser": {"spec": {"securityContext": {"runAsUser": 0}}},
    "spec.securityContext.runAsNonRoot": {"spec": {"securityContext": {"runAsNonRoot": False}}},
    "spec.securityContext": {"spec": {"securityContext": None}},
    "spec.volumes.hostPath": volume(hostPath={"path": "/"}),
    "spec.volumes.secret": volume(secret={"secretName": "mlpipeline-minio-artifact"}),
    "spec.volumes.projected": volume(projected={"sources": [{"serviceAccountToken": {"path": "token"}}]}),
    "spec.volumes.configMap": volume(configMap={"name": "kfp-launcher"}),
    "spec.volumes.csi": volume(csi={"driver": "secrets-store.csi.k8s.io"}),
    "spec.volumes.nfs": volume(nfs={"server": "10.0.0.1", "path": "/"}),
    "spec.volumes.persistentVolumeClaim": volume(persistentVolumeClaim={"claimName": "data-clt-minio-0"}),
    "spec.volumes.ephemeral.volumeClaimTemplate.spec.dataSource": volume(
        ephemeral={"volumeClaimTemplate": {"spec": {"dataSource": {"kind": "PersistentVolumeClaim", "name": "x"}}}}
    ),
    "spec.containers.image": container(image="evil"),
    "spec.containers.command": container(command=["sh"]),
    "spec.containers.args": container(args=["-c"]),
    "spec.containers.name": {"spec": {"containers": [{"name": "sidecar", "resources": {}}]}},
    "spec.containers.lifecycle": container(lifecycle={"postStart": {"exec": {"command": ["sh"]}}}),
    "spec.containers.livenessProbe": container(livenessProbe={"exec": {"command": ["sh"]}}),
    "spec.containers.envFrom": container(envFrom=[{"secretRef": {"name": "clt-object-store"}}]),
    "spec.containers.env.NCCL_DEBUG.valueFrom": container(
        env=[{"name": "NCCL_DEBUG", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    ),
    "spec.containers.env.AWS_ENDPOINT_URL": container(env=[{"name": "AWS_ENDPOINT_URL", "value": "http://evil"}]),
    "spec.containers.env.HF_ENDPOINT": container(env=[{"name": "HF_ENDPOINT", "value": "http://evil"}]),
    "spec.containers.env.NVIDIA_VISIBLE_DEVICES": container(env=[{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]),
    "spec.containers.env.LD_PRELOAD": container(env=[{"name": "LD_PRELOAD", "value": "/data/x.so"}]),
    "spec.containers.securityContext.privileged": container(securityContext={"privileged": True}),
    "spec.containers.securityContext": container(securityContext=None),
    "spec.containers.securityContext.capabilities": container(securityContext={"capabilities": {"add": ["SYS_ADMIN"]}}),
    "spec.containers.volumeMounts.mountPropagation": container(
        volumeMounts=[{"name": "cache", "mountPath": "/cache", "mountPropagation": "Bidirectional"}]
    ),
    "metadata.labels.app.kubernetes.io/name": {"metadata": {"labels": {"app.kubernetes.io/name": "clt-reaper"}}},
    "metadata.labels.cross-lingual-transfer/kind": {"metadata": {"labels": {"cross-lingual-transfer/kind": None}}},
    "metadata.labels.aadpodidbinding": {"metadata": {"labels": {"aadpodidbinding": "admin"}}},
    "metadata.annotations.iam.amazonaws.com/role": {"metadata": {"annotations": {"iam.amazonaws.com/role": "admin"}}},
    "metadata.annotations.k8s.v1.cni.cncf.io/networks": {
        "metadata": {"annotations": {"k8s.v1.cni.cncf.io/networks": "storage"}}
    },
    "metadata.namespace": {"metadata": {"namespace": "kube-system"}},
    "spec": {"spec": "text"},
}
HARMLESS = [
    {},
    {"spec": {"nodeSelector": {"pool": "gpu"}, "tolerations": None, "runtimeClassName": "nvidia"}},
    {"spec": {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}}},
    {"metadata": {"labels": {"team": "nlp"}, "annotations": {"karpenter.sh/do-not-disrupt": "true"}}},
    volume(emptyDir={"sizeLimit": "200Gi"}),
    volume(
        ephemeral={
            "volumeClaimTemplate": {
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "200Gi"}}}
            }
        }
    ),
    container(resources={"requests": {"ephemeral-storage": "200Gi"}}),
    container(env=[{"name": "NCCL_SOCKET_IFNAME", "value": "eth0"}, {"name": "NCCL_DEBUG", "value": "INFO"}]),
    container(volumeMounts=[{"name": "cache", "mountPath": "/cache", "readOnly": False}]),
    container(securityContext={"readOnlyRootFilesystem": True, "privileged": False}),
]


@pytest.mark.parametrize("path", HOSTILE)
def test_whatever_would_widen_a_pods_rights_is_refused_by_its_field(path: str) -> None:
    problems = pod_problems(HOSTILE[path])
    assert problems, path
    text = problems[0][1]
    assert f"`{path}" in text and "expected one of" in text and "clt-pod-fields" in text


@pytest.mark.parametrize("patch", HARMLESS)
def test_placement_amounts_and_scratch_space_are_a_studys_own(patch: dict[str, Any]) -> None:
    assert pod_problems(patch) == []


@pytest.mark.parametrize("path", [path for path in HOSTILE if path != "spec"])
def test_the_administrator_may_allow_any_single_field(path: str) -> None:
    assert pod_problems(HOSTILE[path], [path]) == []
    other = next(name for name in HOSTILE if not name.startswith(path) and not path.startswith(name))
    assert pod_problems(HOSTILE[other], [path]) != []


def test_an_entry_with_a_value_allows_no_other_value() -> None:
    claim = "spec.volumes.persistentVolumeClaim.claimName"
    assert pod_problems(volume(persistentVolumeClaim={"claimName": "scratch"}), [f"{claim}=scratch"]) == []
    assert pod_problems(volume(persistentVolumeClaim={"claimName": "data-clt-minio-0"}), [f"{claim}=scratch"]) != []


def test_a_secret_in_a_variable_is_not_shown() -> None:
    (problem,) = pod_problems(container(env=[{"name": "HF_TOKEN", "value": "hf_s3cret"}]))
    assert "s3cret" not in problem[1] and "HF_TOKEN" in problem[1]


STUDY = f"""{PLACED}resources:
  pod:
    spec:
      hostNetwork: true
"""


def test_a_study_is_refused_with_line_and_field_when_it_is_read() -> None:
    with pytest.raises(StudyError, match=r":13: resources\.pod\.spec\.hostNetwork: got true, expected one of spec\."):
        load_study(STUDY)


def test_what_a_cluster_allows_can_be_told_to_whoever_reads_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_study(STUDY, pod_fields=["spec.hostNetwork"]).resources.pod["spec"]["hostNetwork"] is True
    monkeypatch.setenv("CLT_POD_FIELDS", "spec.hostPID spec.hostNetwork")
    assert load_study(STUDY).resources.pod
    with pytest.raises(StudyError):
        load_study(STUDY, pod_fields=[])  # where the cluster itself was asked, no variable adds to it
