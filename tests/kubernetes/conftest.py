"""A place on a cluster for each module of tests: any cluster by KUBECONFIG, any object store by MINIO_ENDPOINT.

Pods use CLT_TEST_IMAGE and CLT_TEST_MINIO_IMAGE, which the nodes must have or be able to pull, and see this checkout at
its own path (with kind: extraMounts of the checkout, its virtual environment and the interpreter).
"""

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from minio import Minio
from minio.error import S3Error

from tests.kubernetes.fault_table import write_table
from tests.kubernetes.kubectl import is_there, kubectl
from tests.kubernetes.places import allow_pod_fields, apply, fresh_namespace, make_store_secret, place
from tests.kubernetes.pods import POD_FIELDS

STORE_VARIABLES = ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")


@dataclass(frozen=True)
class ObjectStore:
    """A bucket of the tests' own; the pods and this process reach it at the same address."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str

    def client(self) -> Minio:
        parts = urlsplit(self.endpoint)
        return Minio(parts.netloc, self.access_key, self.secret_key, secure=parts.scheme == "https")

    @property
    def variables(self) -> dict[str, str]:
        """What clt.store needs in this process."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


@dataclass(frozen=True)
class Sandbox:
    """A namespace with the base manifests, the Secret of the object store in it, and a bucket."""

    namespace: str
    objects: ObjectStore

    @property
    def store(self) -> str:
        """The uri of a store in the bucket, one for each sandbox."""
        return f"s3://{self.objects.bucket}/{self.namespace}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.cluster)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, []) if one.when == "call"
    ]
    faults = [value for one in reports for name, value in one.user_properties if name == "fault"]
    if faults:
        terminalreporter.section("faults")
        write_table(faults, terminalreporter.write_line)


@pytest.fixture(scope="session")
def cluster() -> None:
    """Skip where no cluster answers."""
    if reason := is_there():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def namespace(cluster: None) -> Iterator[str]:
    """A fresh namespace, deleted with all in it at the end."""
    with fresh_namespace() as name:
        yield name


@pytest.fixture(scope="session")
def objects() -> Iterator[ObjectStore]:
    """A bucket of this session's in the object store of MINIO_ENDPOINT, removed at the end."""
    missing = [name for name in STORE_VARIABLES if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no object store that pods can reach: set {', '.join(missing)}")
    endpoint, access_key, secret_key = (os.environ[name] for name in STORE_VARIABLES)
    store = ObjectStore(endpoint, access_key, secret_key, f"clt-test-{uuid.uuid4().hex[:8]}")
    client = store.client()
    client.make_bucket(store.bucket)
    yield store
    _remove_bucket(client, store.bucket)


def _remove_bucket(client: Minio, bucket: str, tries: int = 30) -> None:
    """Empty the bucket and remove it: a job that a test has ended may write for a moment yet."""
    for found in client.list_objects(bucket, recursive=True):
        client.remove_object(bucket, found.object_name)
    try:
        client.remove_bucket(bucket)
    except S3Error as error:
        if error.code != "BucketNotEmpty" or not tries:
            raise
        time.sleep(1)
        _remove_bucket(client, bucket, tries - 1)


@pytest.fixture(scope="module")
def sandbox(namespace: str, objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """The base manifests applied in a fresh namespace, with the Secret and the bucket that launcher and jobs need."""
    make_store_secret(namespace, objects.access_key, objects.secret_key, objects.endpoint)
    apply(place(tmp_path_factory.mktemp("place"), "base", namespace))
    allow_pod_fields(namespace, POD_FIELDS)
    # a reaper at any fifth minute would take part in tests of launchers that were killed
    kubectl(
        "patch",
        "cronjob",
        "clt-reaper",
        f"--namespace={namespace}",
        "--type=merge",
        '--patch={"spec": {"suspend": true}}',
    )
    return Sandbox(namespace, objects)
