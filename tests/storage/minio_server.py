"""A real MinIO for tests: one of our own on a free port, or the one at MINIO_ENDPOINT."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

MISSING = "no object store to test with: no `minio` on the PATH and no MINIO_ENDPOINT (make minio builds one with Go)"


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
        command = ["minio", "server", str(self.folder), "--address", f"127.0.0.1:{self.port}", "--quiet"]
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

    def stop(self) -> None:
        """As a crash: nothing is flushed on purpose."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def is_there() -> bool:
    return shutil.which("minio") is not None


@contextmanager
def running_minio(folder: Path) -> Iterator[MinioServer]:
    """A fresh server, stopped at the end."""
    server = MinioServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
