"""The last run of a study in several runs begins when there is nothing more to wait for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clt.cluster import await_runs, finalize_run, planned_study, require_complete, start_run
from clt.cluster.runs.await_runs import SETTLE_SECONDS
from clt.errors import CellFailure
from clt.store import Store, open_store, read_record
from clt.study import StudyRecord


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


class FakeClock:
    """Time passes by sleeping alone; at each of these seconds something is done."""

    def __init__(self, **events: Callable[[], object]) -> None:
        self.now = 0.0
        self._events = {float(at.removeprefix("at_")): event for at, event in events.items()}

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for at in [at for at in self._events if at <= self.now]:
            self._events.pop(at)()


def _wait(
    store: Store, study: str, run: str = "last", clock: FakeClock | None = None, give_up_seconds: float = 7200.0
) -> str:
    return await_runs(store.uri, study, "", run, give_up_seconds=give_up_seconds, clock=clock or FakeClock())


def _begin(store: Store, study: str, *shards: str) -> StudyRecord:
    keys = {start_run(store.uri, study, shard, "", f"run-{shard[0]}").study_key for shard in shards}
    (key,) = keys
    return read_record(store, key)


def _complete(store: Store, record: StudyRecord, cells: list[str]) -> None:
    for cell in cells:
        with store.writer(record.evaluation_key(record.grid.cell(cell))):
            pass


def test_a_complete_study_needs_no_wait_even_if_a_run_never_ended(store: Store, study: str) -> None:
    record = _begin(store, study, "1/2", "2/2")
    _complete(store, record, [cell.key for cell in record.grid.cells])
    assert _wait(store, study) == record.key == planned_study(store.uri, "last")
    require_complete(store.uri, "last")


def test_it_waits_for_the_run_that_ends_last(store: Store, study: str) -> None:
    _begin(store, study, "1/2", "2/2")
    finalize_run(store.uri, "run-1")
    clock = FakeClock(at_900=lambda: finalize_run(store.uri, "run-2"))
    _wait(store, study, clock=clock)
    assert clock.now == 900 + SETTLE_SECONDS


def test_cells_without_scores_are_named_after_it(store: Store, study: str) -> None:
    record = _begin(store, study, "1/1")
    finalize_run(store.uri, "run-1")
    _wait(store, study)
    with pytest.raises(CellFailure, match=f"{len(record.grid.cells)} of this run's {len(record.grid.cells)} cells"):
        require_complete(store.uri, "last")


def test_the_last_run_of_a_cell_counts(store: Store, study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as yesterday:  # notes tell their order by the second
        yesterday.setattr("clt.store.local.now", lambda: "2026-01-01T00:00:00Z")
        _begin(store, study, "1/1")  # died without an exit task
    start_run(store.uri, study, "1/1", "", "again")
    finalize_run(store.uri, "again")
    clock = FakeClock()
    _wait(store, study, clock=clock)
    assert clock.now == SETTLE_SECONDS


def test_it_gives_up_when_nothing_changes(store: Store, study: str) -> None:
    _begin(store, study, "1/2")
    finalize_run(store.uri, "run-1")
    with pytest.raises(CellFailure, match=r"nothing changed for 1 hours: .*; look whether the study's other"):
        _wait(store, study, give_up_seconds=3600.0)


def test_its_own_note_takes_no_cells(store: Store, study: str) -> None:
    _begin(store, study, "1/1")
    finalize_run(store.uri, "run-1")
    _wait(store, study, "last")
    clock = FakeClock()
    _wait(store, study, "later", clock)  # would wait for "last", which has no exit task
    assert clock.now == SETTLE_SECONDS
