"""The least rights, proven with the tokens of the service accounts themselves: by asking, and by doing."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import Refused, ServiceAccount, create, get, kubectl
from tests.kubernetes.places import STORE_SECRET, fresh_namespace
from tests.kubernetes.pods import IMAGE, python, start_pod

# All that each account may do in its namespace; objects by name after a colon.
LAUNCHER = {
    "pytorchjobs.kubeflow.org": {"create", "get", "list", "watch", "patch", "delete"},
    "pods": {"list"},
    "pods/log": {"get"},
    "events": {"list"},
    "leases.coordination.k8s.io": {"create", "get", "list", "update", "patch", "delete"},
    # what KFP's own containers in the pod need
    "workflowtaskresults.argoproj.io": {"create", "patch"},
    "workflowtasksets.argoproj.io": {"list", "watch"},
    "workflowtasksets/status.argoproj.io": {"patch"},
    "configmaps:clt-pod-fields": {"get"},
    "configmaps:kfp-launcher": {"get"},
    "secrets:mlpipeline-minio-artifact": {"get"},
}
REAPER = {
    "pytorchjobs.kubeflow.org": {"list", "delete"},
    "leases.coordination.k8s.io": {"list", "delete"},
}
# Every account of every cluster may ask about itself.
ABOUT_ITSELF = {"authentication.k8s.io", "authorization.k8s.io"}

JOB: dict[str, Any] = {
    "apiVersion": "kubeflow.org/v1",
    "kind": "PyTorchJob",
    "metadata": {"name": "rights"},
    "spec": {
        "pytorchReplicaSpecs": {
            "Master": {
                "replicas": 1,
                "restartPolicy": "Never",
                "template": {
                    "spec": {
                        "serviceAccountName": "clt-job",
                        "containers": [
                            {
                                "name": "pytorch",
                                "image": IMAGE,
                                "imagePullPolicy": "IfNotPresent",
                                "command": ["sh", "-c", "ls /var/run/secrets/kubernetes.io 2>&1; echo trained"],
                            }
                        ],
                    }
                },
            }
        }
    },
}
LEASE: dict[str, Any] = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "rights"},
    "spec": {"holderIdentity": "a-launcher", "leaseDurationSeconds": 60},
}


@pytest.fixture(scope="module")
def act_as(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ServiceAccount]:
    """kubectl as one of the sandbox's service accounts."""
    folder = tmp_path_factory.mktemp("kubeconfigs")
    return lambda name: ServiceAccount(sandbox.namespace, name, folder)


@pytest.fixture(scope="module")
def neighbour(cluster: None) -> Iterator[str]:
    """Somebody else's namespace."""
    with fresh_namespace() as name:
        yield name


@pytest.mark.parametrize(("name", "rights"), [("clt-launcher", LAUNCHER), ("clt-reaper", REAPER), ("clt-job", {})])
def test_an_account_has_its_rights_and_no_others(
    name: str, rights: dict[str, set[str]], act_as: Callable[[str], ServiceAccount], sandbox: Sandbox, neighbour: str
) -> None:
    assert _granted(act_as(name), sandbox.namespace) == rights
    assert not _granted(act_as(name), neighbour)


def test_the_launcher_does_its_work(act_as: Callable[[str], ServiceAccount]) -> None:
    launcher = act_as("clt-launcher")
    assert launcher.may("create", "pytorchjobs.kubeflow.org")
    launcher("create", "--filename=-", "--dry-run=server", text=json.dumps(JOB))
    launcher("create", "--filename=-", text=json.dumps(LEASE))
    launcher("patch", "lease", "rights", "--type=merge", '--patch={"spec": {"holderIdentity": "its-successor"}}')
    launcher("create", "--filename=-", text=json.dumps(JOB))
    launcher("label", "pytorchjob", "rights", "cross-lingual-transfer/run=run-1")
    launcher("wait", "pytorchjob/rights", "--for=condition=Succeeded", "--timeout=90s")  # gets, lists and watches
    log = f"/api/v1/namespaces/{launcher.namespace}/pods/rights-master-0/log"  # `kubectl logs` would get the pod, too
    assert "trained" in launcher("get", "--raw", log)
    assert "SuccessfulCreatePod" in launcher("get", "events")
    launcher("delete", "pytorchjob", "rights")
    launcher("delete", "lease", "rights")


def test_a_jobs_pod_holds_no_token(sandbox: Sandbox) -> None:
    pod = start_pod(sandbox.namespace, "ls", "/var/run/secrets/kubernetes.io", service_account="clt-job")
    assert pod.wait() == 2
    assert "No such file or directory" in pod.log()


def test_the_launcher_is_refused_what_is_not_its_work(
    act_as: Callable[[str], ServiceAccount], sandbox: Sandbox, neighbour: str
) -> None:
    launcher = act_as("clt-launcher")
    pod = start_pod(sandbox.namespace, "sleep", "60", service_account="clt-job")
    kubectl("wait", f"pod/{pod.name}", f"--namespace={sandbox.namespace}", "--for=condition=Ready", "--timeout=60s")
    for attempt in (
        ("get", "secret", STORE_SECRET),
        ("get", "secrets"),
        ("get", "nodes"),
        ("get", "pods", f"--namespace={neighbour}"),
        ("get", "pytorchjobs", "--all-namespaces"),
        ("exec", pod.name, "--", "true"),
        ("delete", "pod", pod.name),
        ("create", "deployment", "mine", f"--image={IMAGE}"),
        ("create", "token", "clt-reaper"),
        ("run", "mine", f"--image={IMAGE}"),
    ):
        with pytest.raises(Refused, match=r"forbidden|Forbidden"):
            launcher(*attempt)
    pod.delete("--wait=false", "--grace-period=0", "--force")


def test_the_launcher_may_read_the_artifact_stores_key_by_its_name_alone(
    act_as: Callable[[str], ServiceAccount],
) -> None:
    """KFP's own containers in the pod read it; the role clt-kfp-runtime names what they read."""
    launcher = act_as("clt-launcher")
    assert launcher.may("get", "secrets/mlpipeline-minio-artifact")
    assert launcher.may("get", "configmaps/kfp-launcher")
    assert not launcher.may("get", f"secrets/{STORE_SECRET}")
    assert not launcher.may("patch", "secrets/mlpipeline-minio-artifact")


def test_the_launchers_pod_uses_its_own_token(sandbox: Sandbox) -> None:
    """The rights above are those of a real pod's mounted token, not of a token that a test asked for."""
    program = (
        "from kubernetes import client, config; config.load_incluster_config(); "
        "from kubernetes.client.rest import ApiException; import sys\n"
        "print(len(client.CustomObjectsApi().list_namespaced_custom_object("
        "'kubeflow.org', 'v1', sys.argv[1], 'pytorchjobs')['items']), 'jobs')\n"
        "try: client.CoreV1Api().list_namespaced_secret(sys.argv[1])\n"
        "except ApiException as refusal: print('secrets', refusal.status)\n"
    )
    pod = start_pod(sandbox.namespace, python(), "-c", program, sandbox.namespace)
    assert pod.wait() == 0, pod.log()
    assert "jobs" in pod.log() and "secrets 403" in pod.log()


def test_the_reaper_deletes_jobs_and_leases_and_changes_neither(
    act_as: Callable[[str], ServiceAccount], sandbox: Sandbox
) -> None:
    reaper = act_as("clt-reaper")
    create(JOB, f"--namespace={sandbox.namespace}")
    create(LEASE, f"--namespace={sandbox.namespace}")
    reaper("get", "pytorchjobs")
    for attempt in (
        ("label", "pytorchjob", "rights", "a=b"),
        ("patch", "lease", "rights", "--type=merge", '--patch={"spec": {"holderIdentity": "me"}}'),
        ("get", "pods"),
    ):
        with pytest.raises(Refused, match="forbidden"):
            reaper(*attempt)
    reaper("delete", "pytorchjob", "rights", "--wait=false")
    reaper("delete", "lease", "rights", "--wait=false")
    deadline = time.monotonic() + 30
    while get("pytorchjobs", f"--namespace={sandbox.namespace}")["items"]:
        assert time.monotonic() < deadline, "the job that the reaper deleted is still there after 30 s"
        time.sleep(0.5)


def _granted(account: ServiceAccount, namespace: str) -> dict[str, set[str]]:
    """By resource, every verb that the API server's SelfSubjectRulesReview lists, cluster-wide grants included."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    status = json.loads(
        account("create", "--filename=-", "--output=json", "--validate=false", text=json.dumps(review))
    )["status"]
    assert not status["incomplete"], status
    granted: dict[str, set[str]] = {}
    for rule in status["resourceRules"]:
        for group in set(rule["apiGroups"]) - ABOUT_ITSELF:
            for resource in rule["resources"]:
                kind = f"{resource}.{group}".rstrip(".")
                for name in rule.get("resourceNames", [""]):
                    granted.setdefault(f"{kind}:{name}".rstrip(":"), set()).update(rule["verbs"])
    return granted
