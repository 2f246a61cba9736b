"""What `kubectl apply -k` makes of manifests/, on a real API server."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kubernetes.kubectl import Refused, create, get, kubectl
from tests.kubernetes.kueue import kueue_definitions
from tests.kubernetes.places import MANIFESTS, OVERLAYS, RESTRICTED, STORE_SECRET, apply, fresh_namespace, place
from tests.kubernetes.pods import IMAGE, Pod

SOURCES = ["base", *OVERLAYS]
# Images are the user's to choose; one that does not exist keeps the pods from running where a test is not about them.
MINIO_IMAGE = {"pgsty/minio": os.environ.get("CLT_TEST_MINIO_IMAGE", "test/minio:latest")}
ROOT = {"rootuser": "the-administrator", "rootpassword": "a-secret-of-the-administrator"}
KEYS = {"accesskey": "manifests-test", "secretkey": "a-secret-of-the-test"}
NEW_KEYS = {"accesskey": "manifests-test-2", "secretkey": "another-secret-of-the-test"}


def rendered(folder: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(kubectl("kustomize", str(folder))))


def pod_templates(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and pod template of every object that makes pods."""
    for thing in objects:
        spec = thing.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield f"{thing['kind']}/{thing['metadata']['name']}", template


@pytest.fixture(scope="module")
def restricted(cluster: None) -> Iterator[str]:
    """A namespace that admits no pod beyond Pod Security's `restricted`."""
    with fresh_namespace(RESTRICTED) as name:
        yield name


# Kueue's queues belong to the whole cluster, so a test only asks what the API server would say to them.
@pytest.mark.parametrize("source", [source for source in SOURCES if source != "kueue"])
def test_applied_twice_changes_nothing(source: str, cluster: None, tmp_path: Path) -> None:
    with fresh_namespace(RESTRICTED) as namespace:
        folder = place(tmp_path, source, namespace)
        apply(folder)
        before = _as_applied(folder)
        apply(folder)
        assert _as_applied(folder) == before


@pytest.mark.parametrize("source", SOURCES)
def test_the_api_server_accepts_it(source: str, namespace: str, tmp_path: Path) -> None:
    with kueue_definitions() if source == "kueue" else nullcontext():
        apply(place(tmp_path, source, namespace), "--dry-run=server")


def test_the_components_go_with_the_base(namespace: str, tmp_path: Path) -> None:
    components = sorted(folder.name for folder in (MANIFESTS / "components").iterdir())
    components.remove("monitoring")  # needs the definitions of the Prometheus operator: test_monitoring
    folder = place(tmp_path, "base", namespace, components=components)
    apply(folder, "--dry-run=server")
    assert {"clt-accelerators", "clt-data"} < {thing["metadata"]["name"] for thing in rendered(folder)}


@pytest.mark.parametrize("source", SOURCES)
def test_every_pod_is_admitted_under_pod_security_restricted(
    source: str, restricted: str, cluster: None, tmp_path: Path
) -> None:
    for name, template in pod_templates(rendered(place(tmp_path, source, restricted))):
        # a pod needs its service account to be admitted at all, and rights are another test's subject
        spec = template["spec"] | {"serviceAccountName": "default"}
        claims = {mount["name"] for box in spec["containers"] for mount in box["volumeMounts"]}
        claims -= {volume["name"] for volume in spec["volumes"]}
        spec["volumes"] = spec["volumes"] + [{"name": claim, "emptyDir": {}} for claim in claims]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "admitted-"}, "spec": spec}
        assert create(pod, f"--namespace={restricted}", "--dry-run=server"), name
        for container in spec["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"], name
            assert container["resources"]["limits"]["memory"], name


def test_a_pod_that_may_become_root_is_refused_in_the_same_namespace(restricted: str) -> None:
    """So that the test above means something."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "refused"}}
    spec = {"containers": [{"name": "main", "image": IMAGE}]}
    with pytest.raises(Refused, match="violates PodSecurity"):
        create(pod | {"spec": spec}, f"--namespace={restricted}", "--dry-run=server")


@pytest.mark.parametrize("source", SOURCES)
def test_no_rendered_manifest_holds_a_secret(source: str, cluster: None, tmp_path: Path) -> None:
    objects = rendered(place(tmp_path, source, "anywhere"))
    assert not [thing["metadata"]["name"] for thing in objects if thing["kind"] == "Secret"]
    for name, template in pod_templates(objects):
        for container in template["spec"]["containers"]:
            for variable in container.get("env", []):
                if re.search("KEY|PASSWORD|SECRET|TOKEN|USER", variable["name"]):
                    assert "secretKeyRef" in variable["valueFrom"], f"{name}: {variable['name']}"


@pytest.mark.parametrize("source", SOURCES)
def test_images_have_a_version(source: str, cluster: None, tmp_path: Path) -> None:
    for _, template in pod_templates(rendered(place(tmp_path, source, "anywhere"))):
        for container in template["spec"]["containers"]:
            tag = container["image"].rpartition(":")[2]
            assert tag not in ("", "latest") and tag != container["image"], container["image"]
            ours = container["image"].startswith("cross-lingual-transfer")
            assert ours or "@sha256:" in container["image"], "somebody else's tag may become another image"


def test_the_readmes_commands_give_a_minio_whose_keys_open_its_bucket_alone_and_can_be_changed(
    cluster: None, tmp_path: Path
) -> None:
    with fresh_namespace(RESTRICTED) as namespace:
        folder = place(tmp_path, "single-node", namespace, MINIO_IMAGE)
        shell(
            commands(r"kubectl create secret generic clt-minio-root .*?-k manifests/overlays/minio"),
            namespace,
            folder,
            ROOT | KEYS,
        )
        kubectl("wait", "job/clt-bucket", "--for=condition=Complete", f"--namespace={namespace}", "--timeout=100s")
        # asked from inside, at the endpoint that the Secret names
        secret = get("secret", STORE_SECRET, f"--namespace={namespace}")["data"]
        endpoint = base64.b64decode(secret["endpoint"]).decode()
        asked = mc(namespace, endpoint, KEYS, "mc ls s; echo x | mc pipe s/clt/x; mc cat s/clt/x; mc rm s/clt/x")
        assert "clt/" in asked
        for refused in ("mc mb s/other", "mc admin info s", "mc admin user list s", "mc anonymous set public s/clt"):
            assert "Denied" in mc(namespace, endpoint, KEYS, f"! {refused}"), refused

        script = commands(
            r"kubectl create secret generic clt-object-store --namespace kubeflow --dry-run.*?--timeout=5m"
        )
        shell(script.replace("=NEW", "=..."), namespace, folder, NEW_KEYS)
        assert "clt/" in mc(namespace, endpoint, NEW_KEYS, "mc ls s")
        assert "clt/" in mc(namespace, endpoint, KEYS, "mc ls s")  # of pods that have not read the new ones yet
        root = {"accesskey": ROOT["rootuser"], "secretkey": ROOT["rootpassword"]}
        remove = commands(r"mc admin user remove store OLD").replace("store OLD", f"s {KEYS['accesskey']}")
        mc(namespace, endpoint, root, remove)
        with pytest.raises(AssertionError, match=r"Access Key Id|InvalidAccessKeyId"):
            mc(namespace, endpoint, KEYS, "mc ls s")
        settings = mc(namespace, endpoint, root, "mc admin config get s api")
        assert "STALE_UPLOADS_EXPIRY=48h" in settings


def commands(pattern: str) -> str:
    """Commands of manifests/README.md."""
    found = re.search(pattern, (MANIFESTS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found, pattern
    return found[0]


def shell(script: str, namespace: str, folder: Path, values: dict[str, str]) -> None:
    """Run commands of a page in a namespace and with a kustomization of the test's own."""
    script = script.replace("--namespace kubeflow", f"--namespace {namespace}")
    script = script.replace("manifests/overlays/minio", str(folder))
    for name, value in values.items():
        script = script.replace(f"{name}=...", f"{name}={value}")
    subprocess.run(["bash", "-euc", script], check=True, timeout=180)


def mc(namespace: str, endpoint: str, keys: dict[str, str], script: str) -> str:
    """What MinIO's client says in a pod of the namespace; the alias `s` is the server."""
    pod = Pod(namespace, create(_client_pod(endpoint, keys, script), f"--namespace={namespace}")["metadata"]["name"])
    assert pod.wait() == 0, pod.log()
    return pod.log()


def _as_applied(folder: Path) -> dict[str, Any]:
    """By object, what an apply could change: its fields and how often they changed, not what controllers report."""
    found = json.loads(kubectl("get", "-k", str(folder), "--output=json"))
    return {
        f"{thing['kind']}/{thing['metadata']['name']}": (
            thing["metadata"].get("generation"),
            {name: value for name, value in thing.items() if name not in ("metadata", "status")},
        )
        for thing in found["items"]
    }


def _client_pod(endpoint: str, keys: dict[str, str], script: str) -> dict[str, Any]:
    """A pod, admitted under `restricted`, with MinIO's own client."""
    whole = f'mc -q alias set s "$0" "$1" "$2" 2>&1 || exit 7; {script}'
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "client-"},
        "spec": {
            "restartPolicy": "Never",
            "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "main",
                    "image": MINIO_IMAGE["pgsty/minio"],
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["sh", "-euc", f"exec 2>&1; {whole}", endpoint, keys["accesskey"], keys["secretkey"]],
                    "env": [{"name": "HOME", "value": "/tmp"}],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }
