"""Kueue's custom resource definitions, for a cluster without Kueue: schemas and rules answer, no controller does."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kubernetes.kubectl import Refused, kubectl

MODULE = "sigs.k8s.io/kueue@v0.17.0"
KINDS = ("resourceflavors", "clusterqueues", "localqueues")


@contextmanager
def kueue_definitions() -> Iterator[None]:
    """Within it the API server knows Kueue's kinds; skips where neither cluster nor Go has them."""
    try:
        kubectl("get", "crd", *(f"{kind}.kueue.x-k8s.io" for kind in KINDS))
        yield
        return
    except Refused as refusal:
        if "NotFound" not in str(refusal):
            raise
    if shutil.which("go") is None:
        pytest.skip("the cluster has no Kueue, and no `go` on the PATH to get its definitions with")
    done = subprocess.run(["go", "mod", "download", "-json", MODULE], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the cluster has no Kueue, and its definitions could not be had: {done.stdout} {done.stderr}")
    folder = Path(json.loads(done.stdout)["Dir"]) / "config/components/crd/bases"
    files = [f"--filename={folder / f'kueue.x-k8s.io_{kind}.yaml'}" for kind in KINDS]
    kubectl("apply", "--server-side", *files)
    try:
        kubectl("wait", "--for=condition=Established", *files, "--timeout=60s")
        yield
    finally:
        kubectl("delete", *files, "--wait=false")
