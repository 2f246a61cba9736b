"""An object store of a test's own, in a real MinIO."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio

from clt.store import Store, open_store
from tests.declared_study import record_of
from tests.store.minio_server import MISSING, MinioServer, is_there, running_minio

__all__ = ["record_of"]


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioServer]:
    """One server for all tests that do not stop it."""
    if not is_there():
        pytest.skip(MISSING)
    with running_minio(tmp_path_factory.mktemp("minio")) as server:
        yield server


@pytest.fixture
def object_store(minio: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store in a bucket of its own; its cache is a folder of the test's."""
    return fresh_store(minio, tmp_path, monkeypatch)


def fresh_store(server: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINIO_", "OBJECT_STORE_"))]:
        monkeypatch.delenv(name)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    Minio(f"127.0.0.1:{server.port}", server.keys["access"], server.keys["secret"], secure=False).make_bucket(bucket)
    return open_store(f"s3://{bucket}/some/prefix")
