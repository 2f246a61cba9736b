"""A text in a bucket is read as it was written; what is wrong with its name or content is said."""

from pathlib import Path

import pytest
from minio import Minio

from clt.errors import StoreError, StudyError
from clt.store import Store, read_text, write_text
from clt.study import demo_folder, load_study, resolve
from tests.store.minio_server import MinioServer


def test_a_text_is_read_as_it_was_written(object_store: Store) -> None:
    uri = f"{object_store.uri}/studies/größe.yaml"
    write_text(uri, "name: 比較\n")
    assert read_text(uri) == "name: 比較\n"
    write_text(uri, "name: second\n")
    assert read_text(uri) == "name: second\n"


def test_a_missing_text_is_named(object_store: Store) -> None:
    with pytest.raises(StoreError, match=f"^{object_store.uri}/none.yaml: there is no such object"):
        read_text(f"{object_store.uri}/none.yaml")


def test_what_is_no_utf8_is_refused(object_store: Store, minio: MinioServer) -> None:
    import io

    bucket, _, prefix = object_store.uri.removeprefix("s3://").partition("/")
    client = Minio(f"127.0.0.1:{minio.port}", minio.keys["access"], minio.keys["secret"], secure=False)
    client.put_object(bucket, f"{prefix}/latin.yaml", io.BytesIO(b"name: caf\xe9"), 10)
    with pytest.raises(StoreError, match="byte 9 is not UTF-8"):
        read_text(f"{object_store.uri}/latin.yaml")


@pytest.mark.parametrize("uri", ["s3://bucket", "s3://bucket/", "s3:///path", "http://bucket/path", "path"])
def test_what_names_no_object_is_refused(uri: str) -> None:
    with pytest.raises(StoreError, match="expected s3://BUCKET/PATH"):
        read_text(uri)


def test_a_run_takes_its_study_from_a_bucket(object_store: Store) -> None:
    from clt.cluster.runs.start import read_study

    uri = f"{object_store.uri}/study.yaml"
    text = (demo_folder() / "study.yaml").read_text(encoding="utf-8")
    write_text(uri, text)
    assert read_study(uri) == (resolve(load_study(demo_folder() / "study.yaml"), Path.cwd()), text)
    write_text(uri, text.replace("seeds:", "seed:"))
    with pytest.raises(StudyError, match=rf"^{uri}:\d+: .*seed: unknown key"):
        read_study(uri)
