"""What goes by age is what no remaining study needs, and never what one that is used names."""

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clt.data.sources import open_rows
from clt.errors import StoreError
from clt.local import find_garbage
from clt.local.study_needs import needed_by
from clt.store import Store, open_store
from clt.study import Source
from tests.cli.small_study import write_study
from tests.local.computed import LONG, compute, outputs, places, plan, publish


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path)


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether what is published from now on is 90 days old."""
    old = (datetime.now(UTC) - timedelta(days=90)).isoformat(timespec="seconds")

    def switch(on: bool) -> None:
        if on:
            monkeypatch.setattr("clt.store.local.now", lambda: old)
        else:
            monkeypatch.undo()

    return switch


def test_resume_states_of_complete_trainings_go_whole(store: Store) -> None:
    for key in ("trainings/a/states/00000002", "trainings/a/states/00000004", "trainings/b/states/00000002"):
        publish(store, key)
    store.prune("trainings/a/states/00000002", "superseded")
    assert find_garbage(store) == []
    publish(store, "trainings/a")
    found = find_garbage(store)
    assert {each.place: each.size for each in found} == {
        "trainings/a/states/00000002": 0,
        "trainings/a/states/00000004": 4,
    }
    assert all(each.remove() for each in found)
    assert store.keys("") == ["trainings/a", "trainings/b/states/00000002"]


def test_the_state_of_a_training_that_makes_pruned_weights_again_stays(store: Store, long_ago: Callable) -> None:
    """Its training is complete, and looks done: only its time tells that somebody is at work."""
    long_ago(True)
    publish(store, "trainings/a/states/00000002")
    publish(store, "trainings/a")
    publish(store, "trainings/b")
    publish(store, "trainings/b/states/00000002")  # of such a process that was killed
    long_ago(False)
    publish(store, "trainings/a/states/00000004")
    assert places(store, None) == {"trainings/a/states/00000002", "trainings/b/states/00000002"}


def test_conversions_of_data_go_once_nobody_has_used_them_for_a_week(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))
    table = tmp_path / "rows.csv.gz"
    table.write_bytes(gzip.compress(b"id,question,answer\na,1+1,2\n"))
    source = Source(path=str(table))
    assert [row["answer"] for _, _, row in open_rows(source, "en", "tasks.math.train").scan()] == ["2"]
    conversions = list((tmp_path / "cache" / "rows").iterdir())
    assert conversions and places(store, None) == set()
    for path in conversions:
        os.utime(path, (0, 0))
    assert [row["answer"] for _, _, row in open_rows(source, "en", "tasks.math.train").scan()] == ["2"]  # a use
    unused = {str(path) for path in conversions if path.stat().st_mtime == 0}
    assert places(store, None) == unused
    for path in conversions:
        os.utime(path, (0, 0))
    assert all(each.remove() for each in find_garbage(store))
    assert not list((tmp_path / "cache" / "rows").iterdir())
    assert [row["answer"] for _, _, row in open_rows(source, "en", "tasks.math.train").scan()] == ["2"]


def test_an_old_study_goes_with_what_no_other_names(store: Store, study: Path, long_ago: Callable) -> None:
    long_ago(True)
    old = plan(store, study, "old", seed=1)
    compute(store, old)
    publish(store, "runs/r1", study_key=old.key)
    publish(store, "runs/r1/ended")
    publish(store, "statistics/s1", studies=[old.key])
    long_ago(False)
    kept = plan(store, study, "kept", seed=2)
    compute(store, kept)
    publish(store, "statistics/s2", studies=[kept.key])
    assert places(store, None) == set()
    needed = outputs(store, kept)
    shared = outputs(store, old) & needed  # the test items and the base model's answers, made long ago
    assert {key.partition("/")[0] for key in shared} >= {"items", "answers"}
    gone = {f"studies/{old.key}", "runs/r1", "statistics/s1"} | (outputs(store, old) - shared)
    assert places(store) == gone
    assert all(each.remove() for each in find_garbage(store, older_than=LONG))
    left = set(store.keys(""))
    assert needed | {f"studies/{kept.key}", "statistics/s2"} <= left and not gone & left
    assert places(store) == set()


def test_judgements_stay_with_their_study_and_old_replies_go(store: Store, study: Path, long_ago: Callable) -> None:
    judge = "judge: {endpoint: {url: 'http://localhost:1/v1', model: judge}}"
    text = study.read_text().replace("[exact_match", "[judge, exact_match")
    study.write_text(f"{text}\n{judge}\n")
    long_ago(True)
    record = plan(store, study, "judged", seed=1)
    compute(store, record)
    publish(store, "replies/old")
    long_ago(False)
    publish(store, "replies/new")
    publish(store, "runs/r1", study_key=record.key)
    assert any(key.startswith("judgements/") for key in outputs(store, record))
    assert places(store) == {"replies/old"}


@pytest.mark.parametrize("use", ["run", "report", "cell"])
def test_an_old_study_that_is_used_stays(store: Store, study: Path, long_ago: Callable, use: str) -> None:
    long_ago(True)
    old = plan(store, study, "old", seed=1)
    compute(store, old)
    if use == "cell":
        store.remove(old.evaluation_key(old.grid.cells[-1]), only=None)
    long_ago(False)
    if use == "run":
        publish(store, "runs/r1", study_key=old.key)
    elif use == "report":
        publish(store, "statistics/s1", studies=[old.key])
    else:
        publish(store, old.evaluation_key(old.grid.cells[-1]))
    assert places(store) == set()


def test_an_old_study_that_runs_stays(store: Store, study: Path, long_ago: Callable) -> None:
    long_ago(True)
    old = plan(store, study, "old", seed=1)
    publish(store, "runs/r1", study_key=old.key)
    with store.track(old.training_key(old.grid.cells[-1])):
        assert places(store) == set()
    assert places(store) == {f"studies/{old.key}", "runs/r1"} | {
        key for key in store.keys("") if key.startswith("items/")
    }


def test_superseded_statistics_go_and_the_newest_stay(store: Store, study: Path, long_ago: Callable) -> None:
    long_ago(True)
    kept = plan(store, study, "kept", seed=1)
    publish(store, "statistics/s1", studies=[kept.key])
    long_ago(False)
    compute(store, kept)
    publish(store, "statistics/s2", studies=[kept.key])
    assert places(store) == {"statistics/s1"}


def test_nothing_goes_once_another_study_was_planned(store: Store, study: Path, long_ago: Callable) -> None:
    long_ago(True)
    old = plan(store, study, "old", seed=1)
    compute(store, old)
    found = find_garbage(store, older_than=LONG)
    plan(store, study, "again", seed=1)
    assert found and not any(each.remove() for each in found)
    assert needed_by(old) <= set(store.keys(""))


def test_with_a_study_that_cannot_be_read_nothing_goes_by_age(store: Store, study: Path, long_ago: Callable) -> None:
    long_ago(True)
    compute(store, plan(store, study, "old", seed=1))
    with store.writer("studies/newer-00000000") as attempt:
        (attempt.path / "record.json").write_text('{"from": "another version"}')
    with pytest.raises(StoreError, match="another version"):
        find_garbage(store, older_than=LONG)
