"""Objects of a bucket as files of this machine: fetched once, and never a mixture of two versions."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, fetch_objects, list_objects
from clt.store.bucket import Bucket

LARGE = 40 * 2**20  # three parts
FETCH = """
import sys
from clt.store import fetch_objects, list_objects
print("begun", flush=True)
print(fetch_objects(sys.argv[1], list_objects(sys.argv[1])))
"""


@pytest.fixture
def uri(object_store: Store) -> str:
    """A folder of a bucket with a large and a small object, and another folder within."""
    uri = f"{object_store.uri}/models/small"
    put(uri, "model.safetensors", os.urandom(LARGE))
    put(uri, "config.json", b"{}")
    put(uri, "onnx/config.json", b"{}")
    return uri


def put(uri: str, name: str, content: bytes) -> None:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    client = Bucket(bucket, "").client
    client.put_object(bucket, f"{prefix}/{name}", io.BytesIO(content), len(content))


def fetch(uri: str) -> Path:
    return fetch_objects(uri, list_objects(uri))


def test_a_folder_of_objects_is_a_folder_of_files(uri: str) -> None:
    folder = fetch(uri)
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == {
        "model.safetensors": LARGE,
        "config.json": 2,
    }
    before = (folder / "config.json").stat()
    assert fetch(uri) == folder and (folder / "config.json").stat() == before


def test_what_was_replaced_is_fetched_anew(uri: str) -> None:
    first = fetch(uri)
    put(uri, "config.json", b"[]")
    second = fetch(uri)
    assert (second / "config.json").read_bytes() == b"[]" and (first / "config.json").read_bytes() == b"{}"


def test_what_is_replaced_while_it_is_read_is_refused(uri: str) -> None:
    listed = list_objects(uri)
    put(uri, "config.json", b"[]")
    with pytest.raises(StoreError, match=r"models/small/config\.json: was replaced while it was read"):
        fetch_objects(uri, listed)
    assert (fetch(uri) / "config.json").read_bytes() == b"[]"


def test_a_fetch_that_was_killed_goes_on(uri: str, tmp_path: Path) -> None:
    folder = fetch(uri)
    expected = (folder / "model.safetensors").read_bytes()
    cache = tmp_path / "other-cache"
    process = subprocess.Popen(
        [sys.executable, "-c", FETCH, uri], env=os.environ | {"CLT_CACHE": str(cache)}, stdout=subprocess.PIPE
    )
    while not list(cache.rglob(".model.safetensors.part")) and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(
        [sys.executable, "-c", FETCH, uri],
        env=os.environ | {"CLT_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (Path(done.stdout.split()[-1]) / "model.safetensors").read_bytes() == expected


def test_a_missing_bucket_and_an_empty_prefix_are_named(uri: str) -> None:
    with pytest.raises(StoreError, match=r"s3://no-such-bucket/x: objects: there is no bucket 'no-such-bucket'"):
        list_objects("s3://no-such-bucket/x")
    with pytest.raises(StoreError, match=f"^{uri}/none: there is nothing directly below it"):
        list_objects(f"{uri}/none")


def test_who_may_not_look_is_told_so(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong" * 5)
    with pytest.raises(StoreError, match=r"refused by .*SignatureDoesNotMatch"):
        list_objects(uri)
