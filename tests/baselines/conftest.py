"""A baseline in a local store."""

from pathlib import Path

import pytest

from clt.store import open_store
from tests.baselines.recorded_runs import Runs


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(open_store(tmp_path / "store"))
