"""An object store of a test's own, in a real MinIO."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio

from clt.store import Store, open_store
from tests.declared_study import record_of
from tests.store.faulty_proxy import FaultyProxy, faulty_proxy
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


@pytest.fixture
def proxy(minio: MinioServer, object_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """Between the server and every store that is opened from now on."""
    with faulty_proxy(f"127.0.0.1:{minio.port}") as between:
        monkeypatch.setenv("AWS_ENDPOINT_URL", between.url)
        yield between


@pytest.fixture
def behind_proxy(proxy: FaultyProxy, object_store: Store) -> Store:
    """The same store as `object_store`, seen through the proxy."""
    return open_store(object_store.uri)


def fresh_store(server: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINIO_", "OBJECT_STORE_"))]:
        monkeypatch.delenv(name)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    Minio(f"127.0.0.1:{server.port}", server.keys["access"], server.keys["secret"], secure=False).make_bucket(bucket)
    return open_store(f"s3://{bucket}/some/prefix")
