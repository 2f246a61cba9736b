"""A real MinIO for tests, on a free port."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from minio import MinioAdmin
from minio.credentials import StaticProvider

# on the PATH, or where `make minio` puts it
BINARY = shutil.which("minio") or shutil.which("minio", path=Path(sys.executable).parent)
MISSING = "no object store to test with: no `minio` on the PATH; `make minio` builds one with Go"


class MinioServer:
    """A server that can be stopped and started again on the same data and port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.keys = folder, {"access": "tester", "secret": secrets.token_hex(16)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.keys["access"],
            "AWS_SECRET_ACCESS_KEY": self.keys["secret"],
        }

    def start(self) -> None:
        own = {"MINIO_ROOT_USER": self.keys["access"], "MINIO_ROOT_PASSWORD": self.keys["secret"]}
        command = [str(BINARY), "server", str(self.folder), "--address", f"127.0.0.1:{self.port}", "--quiet"]
        environment = os.environ | own | {"MINIO_BROWSER": "off"}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                if urllib3.request("GET", f"{self.url}/minio/health/cluster", retries=False, timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError("MinIO did not become ready within 30 s")

    @contextmanager
    def user(self, name: str, secret: str) -> Iterator[None]:
        """A user of the server that may read and write everything."""
        self._admin.user_add(name, secret)
        self._admin.attach_policy(["readwrite"], user=name)
        try:
            yield
        finally:
            self._admin.user_remove(name)

    def disable(self, user: str) -> None:
        self._admin.user_disable(user)

    @property
    def _admin(self) -> MinioAdmin:
        keys = StaticProvider(self.keys["access"], self.keys["secret"])
        return MinioAdmin(endpoint=f"127.0.0.1:{self.port}", credentials=keys, secure=False)

    def stop(self) -> None:
        """As a crash: nothing is flushed on purpose."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def is_there() -> bool:
    return BINARY is not None


@contextmanager
def running_minio(folder: Path) -> Iterator[MinioServer]:
    """A fresh server, stopped at the end."""
    server = MinioServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
