"""The study file of a recurring baseline means its newest run, whose seeds are some of the file's."""

from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.local import find_planned
from clt.store import open_store, read_record
from tests.baselines.recorded_runs import Runs, weekly


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(open_store(tmp_path / "store"))


def test_a_baselines_file_means_its_newest_run(runs: Runs) -> None:
    for _ in range(3):
        name = runs.add()
    found = read_record(runs.store, find_planned(runs.store, weekly()))
    assert found.repeat in ("run-001", "run-002", "run-003")  # made within a second of each other
    assert read_record(runs.store, find_planned(runs.store, weekly(), repeat=name)).repeat == name


def test_another_baseline_study_is_not_found_and_the_runs_that_are_there_are_named(runs: Runs) -> None:
    for _ in range(2):
        runs.add()
    with pytest.raises(StoreError, match=r"clt baseline run weekly\.yaml") as refused:
        find_planned(runs.store, weekly(("worth: 0.2", "worth: 0.1")), "weekly.yaml")
    for name in ("run-001", "run-002"):
        key = find_planned(runs.store, weekly(), repeat=name)
        assert f"{key} (run {name})" in str(refused.value)
    with pytest.raises(StoreError, match="runs of the baseline monthly: there is none"):
        find_planned(runs.store, weekly(("name: weekly", "name: monthly")))


def test_other_seeds_are_another_study_where_there_is_no_baseline(runs: Runs) -> None:
    runs.add()
    plain = weekly().model_copy(update={"baseline": None})
    with pytest.raises(StoreError, match="run it with `clt run "):
        find_planned(runs.store, plain)
