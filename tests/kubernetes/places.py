"""A namespace with the project's manifests in it, made as manifests/README.md says."""

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.kubernetes.kubectl import kubectl

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
OVERLAYS = sorted(folder.name for folder in (MANIFESTS / "overlays").iterdir())
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
STORE_SECRET = "clt-object-store"


@contextmanager
def fresh_namespace(labels: dict[str, str] | None = None) -> Iterator[str]:
    """A namespace of its own name; the end deletes it and does not wait for that."""
    name = f"clt-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    try:
        marks = {"cross-lingual-transfer/test": "true"} | (labels or {})
        kubectl("label", "namespace", name, *(f"{key}={value}" for key, value in marks.items()))
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


def place(
    folder: Path, source: str, namespace: str, images: dict[str, str] | None = None, components: Sequence[str] = ()
) -> Path:
    """A kustomization in the folder: `base` or an overlay, in this namespace, with other images (name -> name:tag)."""
    origin = MANIFESTS / (source if source == "base" else f"overlays/{source}")
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace,
        "resources": [_relative(origin, folder)],
        "components": [_relative(MANIFESTS / "components" / name, folder) for name in components],
        "images": [
            {"name": name, "newName": image.rpartition(":")[0], "newTag": image.rpartition(":")[2]}
            for name, image in (images or {}).items()
        ],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def apply(folder: Path, *arguments: str) -> str:
    """The command of manifests/README.md."""
    return kubectl("apply", "--server-side", "-k", str(folder), *arguments)


def make_store_secret(namespace: str, access_key: str, secret_key: str, endpoint: str) -> None:
    """The command of manifests/README.md."""
    values = {"accesskey": access_key, "secretkey": secret_key, "endpoint": endpoint}
    literals = (f"--from-literal={name}={value}" for name, value in values.items())
    kubectl("create", "secret", "generic", STORE_SECRET, f"--namespace={namespace}", *literals)


def allow_pod_fields(namespace: str, entries: Sequence[str]) -> None:
    """As an administrator does: what studies of this namespace may say of their pods."""
    patch = json.dumps({"data": {"pod-fields": "\n".join(entries)}})
    kubectl("patch", "configmap", "clt-pod-fields", f"--namespace={namespace}", "--type=merge", f"--patch={patch}")


def _relative(path: Path, folder: Path) -> str:
    """kustomize takes no absolute path."""
    return os.path.relpath(path, folder.resolve())
