"""kubectl, as a user would call it: with the cluster of KUBECONFIG, or with the token of one service account."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

# What a request may take: more than the 30 s for which some test stops the API server.
SECONDS = 120


class Refused(AssertionError):
    """kubectl ended with an error; the text is what it said."""


def is_there() -> str:
    """Empty if there is a cluster to test with, else why there is none."""
    if not os.environ.get("KUBECONFIG"):
        return "no cluster to test with: set KUBECONFIG (any cluster with the training operator, such as kind)"
    if shutil.which("kubectl") is None:
        return "no cluster to test with: no `kubectl` on the PATH"
    try:
        kubectl("get", "--raw", "/readyz", "--request-timeout=10s")
    except Refused as refusal:
        return f"no cluster to test with: KUBECONFIG names one that does not answer: {refusal}"
    return ""


def kubectl(*arguments: str, text: str | None = None, environment: dict[str, str] | None = None) -> str:
    """What the command printed; `text` goes to its standard input. Refused, with its message, if it fails."""
    command = ["kubectl", *arguments]
    done = subprocess.run(
        command, input=text, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode:
        raise Refused(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def get(*arguments: str) -> Any:
    """The JSON of `kubectl get`: an object, or a list of them under `items`."""
    return json.loads(kubectl("get", *arguments, "--output=json"))


def create(manifest: dict[str, Any], *arguments: str) -> Any:
    """Create one object; the JSON of what the API server made of it."""
    return json.loads(kubectl("create", "--filename=-", "--output=json", *arguments, text=json.dumps(manifest)))


class ServiceAccount:
    """kubectl with a service account's own token and with nothing else of the administrator's."""

    def __init__(self, namespace: str, name: str, folder: Path) -> None:
        self.namespace, self.name = namespace, name
        token = kubectl("create", "token", name, f"--namespace={namespace}", "--duration=1h").strip()
        # A kubeconfig of its own: beside a client certificate, a token is not even looked at.
        config = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
        config["users"] = [{"name": name, "user": {"token": token}}]
        config["contexts"][0]["context"] |= {"user": name, "namespace": namespace}
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".kubeconfig", delete=False) as file:
            json.dump(config, file)
        self.kubeconfig = file.name

    def __call__(self, *arguments: str, text: str | None = None) -> str:
        """As kubectl above; the namespace is the service account's own if none is named."""
        return kubectl(*arguments, text=text, environment={"KUBECONFIG": self.kubeconfig})

    def may(self, verb: str, resource: str, *arguments: str) -> bool:
        """The answer of a SelfSubjectAccessReview."""
        try:
            return self("auth", "can-i", verb, resource, *arguments).strip() == "yes"
        except Refused as refusal:
            if str(refusal).strip().endswith("no"):
                return False
            raise
