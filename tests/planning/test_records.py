"""The record of a study in a real store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import open_store, publish_record, read_record
from clt.study import StudyRecord


def test_a_record_is_read_as_it_was_published(record_of: Callable[..., StudyRecord], tmp_path: Path, text: str) -> None:
    store, record = open_store(str(tmp_path)), record_of(("training:", "settings: [multi_task]\ntraining:"))
    key = publish_record(store, record, text)
    assert key == record.key
    assert read_record(store, key) == record
    assert read_record(store, key).key == key
    assert (store.fetch(f"studies/{key}") / "study.yaml").read_text() == text


def test_publishing_twice_is_publishing_once(record_of: Callable[..., StudyRecord], tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    assert publish_record(store, record_of()) == publish_record(store, record_of())
    assert len(store.keys("studies")) == 1


def test_a_study_that_was_never_planned_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        read_record(open_store(str(tmp_path)), "tiny-00000000")


def test_a_record_of_another_version_is_refused(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    with store.writer("studies/old") as attempt:
        (attempt.path / "record.json").write_text('{"study": 1}')
    with pytest.raises(StoreError, match=r"another version; plan the study again"):
        read_record(store, "old")
