"""Rows at s3://BUCKET/PATH: the same rows, keys and mixtures as those of the files."""

import os
from pathlib import Path

import pytest

from clt.data import unused_conversions
from clt.data.bucket_files import bucket_files
from clt.data.sources import open_rows
from clt.errors import DataError
from clt.store import Store
from clt.store.bucket import Bucket
from clt.store.transfer import upload_files
from clt.study import Source
from tests.data.conftest import Workplace
from tests.data.test_draws import keys
from tests.store.conftest import minio, object_store

__all__ = ["minio", "object_store"]


@pytest.fixture
def uri(workplace: Workplace, object_store: Store) -> str:
    """All rows of the workplace, in a bucket."""
    uri = f"{object_store.uri}/data"
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    upload_files(Bucket(bucket, ""), workplace.folder, prefix, [path.name for path in workplace.folder.glob("*.jsonl")])
    return uri


def test_rows_in_a_bucket_give_the_keys_of_the_files(workplace: Workplace, uri: str) -> None:
    task = {part: {"path": f"{uri}/{part}.{{language}}.jsonl"} for part in ("train", "test")}
    ours, theirs = workplace.plan(workplace.study(task=task)), workplace.plan(workplace.study())
    assert keys(ours) == keys(theirs) and ours.items_key("math") == theirs.items_key("math")
    cell = ours.grid.cells[-1].key
    assert workplace.mixture(ours, cell).sha256 == workplace.mixture(theirs, cell).sha256


def test_a_row_is_named_by_its_place_in_the_bucket(uri: str) -> None:
    rows = open_rows(Source(path=f"{uri}/train.{{language}}.jsonl"), "ja", "tasks.math.train")
    assert rows.name == f"{uri}/train.ja.jsonl" and rows.location(3) == f"{uri}/train.ja.jsonl:3"


def test_a_pattern_takes_several_objects(uri: str) -> None:
    files = bucket_files(f"{uri}/test.*.jsonl", "tasks.math.test")
    assert list(files) == [f"{uri}/test.{code}.jsonl" for code in ("ar", "en", "ja", "ko", "zh")]
    assert all(Path(path).is_file() for path in files.values())


def test_a_missing_object_is_named(uri: str) -> None:
    with pytest.raises(DataError, match=rf"^tasks\.math\.test: {uri}/none\.jsonl: there is no such object"):
        bucket_files(f"{uri}/none.jsonl", "tasks.math.test")


def test_a_copy_that_nobody_used_for_a_week_can_go(uri: str) -> None:
    (copy,) = bucket_files(f"{uri}/test.ja.jsonl", "tasks.math.test").values()
    assert unused_conversions() == []
    os.utime(copy.parent, (1, 1))
    (garbage,) = unused_conversions()
    assert garbage.place == str(copy.parent) and garbage.remove() and not copy.exists()
