"""What an API server does to a long-lived client, and how a launcher outlasts it."""

import os
import threading
import time
from base64 import b64decode
from pathlib import Path

import pytest
from kubernetes import client
from kubernetes.config.incluster_config import InClusterConfigLoader

from clt.cluster import Cluster
from clt.cluster.jobs import cluster as cluster_module
from clt.errors import UserError
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import get, kubectl

pytestmark = pytest.mark.timeout(300)


def with_token(sandbox: Sandbox, folder: Path, token: str) -> Cluster:
    """A client that reads its token from a file and reads it again, as in a pod."""
    import json

    config = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
    server = config["clusters"][0]["cluster"]
    (folder / "ca.crt").write_bytes(b64decode(server["certificate-authority-data"]))
    (folder / "token").write_text(token)
    host, _, port = server["server"].removeprefix("https://").partition(":")
    environment = os.environ | {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port or "443"}
    settings = client.Configuration()
    settings.retries = False
    loader = InClusterConfigLoader(
        token_filename=str(folder / "token"), cert_filename=str(folder / "ca.crt"), environ=environment
    )
    loader.load_and_set(settings)
    return Cluster(client.ApiClient(settings), sandbox.namespace)


def test_a_token_that_expired_is_read_again(sandbox: Sandbox, tmp_path: Path) -> None:
    cluster = with_token(sandbox, tmp_path, "expired")
    fresh = kubectl("create", "token", "clt-launcher", f"--namespace={sandbox.namespace}").strip()
    timer = threading.Timer(3, lambda: (tmp_path / "token").write_text(fresh))
    timer.start()
    assert cluster.list("pytorchjobs") == []


def test_a_token_that_stays_bad_is_named(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "EXPIRED_SECONDS", 3.0)
    cluster = with_token(sandbox, tmp_path, "expired")
    with pytest.raises(UserError, match="does not know who we are"):
        cluster.list("pytorchjobs")


def test_a_watch_from_a_version_that_is_too_old_ends_quietly(sandbox: Sandbox) -> None:
    cluster = Cluster.connect(sandbox.namespace)
    start = time.monotonic()
    assert list(cluster.watch("pytorchjobs", "none", "1", 5)) == []
    assert time.monotonic() - start < 30


def test_a_watch_ends_when_its_time_is_over(sandbox: Sandbox) -> None:
    version = get("pytorchjobs", f"--namespace={sandbox.namespace}")["metadata"]["resourceVersion"]
    start = time.monotonic()
    assert list(Cluster.connect(sandbox.namespace).watch("pytorchjobs", "none", version, 2)) == []
    assert time.monotonic() - start < 30


def test_a_right_that_is_missing_is_an_error_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    token = kubectl("create", "token", "clt-job", f"--namespace={sandbox.namespace}").strip()
    with pytest.raises(UserError, match=r"cannot list resource \"pytorchjobs\".*apply manifests/"):
        with_token(sandbox, tmp_path, token).list("pytorchjobs")


def test_an_api_server_that_never_answers_is_given_up(sandbox: Sandbox) -> None:
    settings = client.Configuration(host="https://127.0.0.1:1")
    settings.retries = False
    with pytest.raises(UserError, match="does not answer"):
        Cluster(client.ApiClient(settings), sandbox.namespace, retry_seconds=2).list("pods")
