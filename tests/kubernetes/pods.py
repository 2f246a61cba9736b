"""Pods that run this checkout with the Python that runs the tests, where no image of the project is at hand.

Checkout, virtual environment and interpreter are read-only hostPath volumes at their own paths, so this works on a
single node that shares the machine's file system; namespaces that enforce Pod Security `restricted` refuse hostPath.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kubernetes.kubectl import Refused, create, get, kubectl

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGE = os.environ.get("CLT_TEST_IMAGE", "test/python:3.11")  # Debian 12 or newer, with a shell
USER = 65532  # as in the project's images
ENDED = ("Succeeded", "Failed")

# What the administrator of a test's namespace lets studies say: what mounts this checkout into the jobs' pods.
POD_FIELDS = (
    "spec.volumes.hostPath",
    "spec.dnsPolicy",
    "spec.dnsConfig",
    "spec.noSuchField",  # for a test of what the API server itself refuses
    *(
        f"spec.containers.env.{name}.value"
        for name in ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "HOME", "CLT_CACHE")
    ),
)


def python() -> str:
    """The interpreter, as a pod finds it."""
    return str(Path(sys.prefix).resolve() / "bin" / "python")


# With python3 and clt first on it, as in the project's images.
PATH = f"{Path(python()).parent}:/usr/bin:/bin"


def checkout() -> dict[str, Any]:
    """Volumes of a pod's spec, and volumeMounts and env of its container."""
    interpreter = Path(sys.base_prefix).resolve()
    folders = {"checkout": REPOSITORY, "environment": Path(sys.prefix).resolve(), "interpreter": interpreter}
    volumes: list[dict[str, Any]] = [
        {"name": name, "hostPath": {"path": str(path), "type": "Directory"}} for name, path in folders.items()
    ]
    mounts: list[dict[str, Any]] = [
        {"name": name, "mountPath": str(path), "readOnly": True} for name, path in folders.items()
    ]
    if interpreter.is_relative_to("/root"):
        # The image's own /root is closed to other users; an empty volume in its place is not.
        volumes.append({"name": "root", "emptyDir": {}})
        mounts.insert(0, {"name": "root", "mountPath": "/root"})
    written = writable()
    variables = {
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "HOME": "/tmp",
        "CLT_CACHE": "/cache",
    }
    return {
        "volumes": volumes + written["volumes"],
        "volumeMounts": mounts + written["volumeMounts"],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
    }


def writable() -> dict[str, Any]:
    """As `checkout`, with only the two folders that the project's images write to."""
    folders = {"tmp": "/tmp", "cache": "/cache"}
    return {
        "volumes": [{"name": name, "emptyDir": {}} for name in folders],
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in folders.items()],
        "env": [],
    }


@dataclass(frozen=True)
class Pod:
    """A pod of one container."""

    namespace: str
    name: str

    def phase(self) -> str:
        return str(get("pod", self.name, f"--namespace={self.namespace}")["status"].get("phase", ""))

    def log(self, *arguments: str) -> str:
        return kubectl("logs", self.name, f"--namespace={self.namespace}", *arguments)

    def exit_code(self) -> int | None:
        """None while it runs."""
        statuses = get("pod", self.name, f"--namespace={self.namespace}")["status"].get("containerStatuses", [])
        ended = [status["state"]["terminated"]["exitCode"] for status in statuses if "terminated" in status["state"]]
        return int(ended[0]) if ended else None

    def wait(self, seconds: float = 120) -> int:
        """The exit code. AssertionError with what the cluster knows of the pod if it has not ended by then."""
        deadline = time.monotonic() + seconds
        while (code := self.exit_code()) is None:
            if self.phase() in ENDED or time.monotonic() > deadline:
                raise AssertionError(f"no exit code after {seconds} s: {self.describe()}")
            time.sleep(0.5)
        return code

    def wait_for_log(self, text: str, seconds: float = 120) -> None:
        """Return once the log holds the text. AssertionError with the log if the pod ends or time passes before."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self.phase() in ENDED  # read before the log: what it wrote last is in there then
            try:
                log = self.log()
            except Refused as refusal:  # the container is still being created
                log = str(refusal)
            if text in log:
                return
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"{text!r} is not in the log of {self.name}: {log}\n{self.describe()}")
            time.sleep(0.5)

    def describe(self) -> str:
        return kubectl("describe", "pod", self.name, f"--namespace={self.namespace}")

    def delete(self, *arguments: str) -> None:
        """As `kubectl delete`; --wait=false, --grace-period=0 and --force are arguments."""
        kubectl("delete", "pod", self.name, f"--namespace={self.namespace}", "--ignore-not-found", *arguments)


def start_pod(
    namespace: str,
    *command: str,
    service_account: str = "clt-launcher",
    environment: dict[str, str] | None = None,
    store_secret: str = "",
    labels: dict[str, str] | None = None,
    memory: str = "2Gi",
    image: str = "",
) -> Pod:
    """Start a command in a pod, non-root and with a read-only root file system; `python()` is the interpreter.

    A Secret named as `store_secret` is mounted at clt.cluster.STORE_SECRET_FOLDER, with OBJECT_STORE_SECRET set.
    `image` is one of the project's own: nothing of this checkout is in the pod then.
    """
    own = writable() if image else checkout()
    env = own["env"] + [{"name": name, "value": value} for name, value in (environment or {}).items()]
    if store_secret:
        from clt.cluster import STORE_SECRET_FOLDER

        own["volumes"].append({"name": "object-store", "secret": {"secretName": store_secret}})
        own["volumeMounts"].append({"name": "object-store", "mountPath": STORE_SECRET_FOLDER, "readOnly": True})
        env.append({"name": "OBJECT_STORE_SECRET", "value": STORE_SECRET_FOLDER})
    container = {
        "name": "main",
        "image": image or IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "workingDir": "/tmp" if image else str(REPOSITORY),
        "env": env,
        "volumeMounts": own["volumeMounts"],
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": memory}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    made = create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"generateName": "test-", "namespace": namespace, "labels": labels or {}},
            "spec": {
                "serviceAccountName": service_account,
                "restartPolicy": "Never",
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                    "runAsGroup": USER,
                    "fsGroup": USER,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [container],
                "volumes": own["volumes"],
            },
        }
    )
    return Pod(namespace, made["metadata"]["name"])
