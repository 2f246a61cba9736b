"""A study of real files, and the uri of an empty store."""

from pathlib import Path

import pytest

from tests.cli.small_study import write_study
from tests.store.conftest import minio, object_store

__all__ = ["minio", "object_store"]  # fixtures of a real MinIO


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the study's file; making its model loads torch, so it is made once."""
    return str(write_study(tmp_path_factory.mktemp("study")))


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")
