"""How far a run is, as its steps left it in a bucket: what a cancelled or killed run has left as well."""

import pytest

from clt.cluster import StepProgress, read_progress, run_step
from clt.cluster.runs.note import RunNote, write_note
from clt.errors import CellFailure
from clt.store import Store

RUN = "6E0A2F9C"
CELLS = ["b-cell", "a-cell"]


def test_a_bucket_tells_every_step_that_has_begun_in_the_loops_order(object_store: Store) -> None:
    uri = object_store.uri

    def plan(store: Store) -> None:
        write_note(store, RUN, RunNote(study_key="sums-1", repeat="", cells=CELLS, shard="1/1"))

    def train(store: Store) -> None:
        seen = read_progress(uri, RUN).steps["b-cell", "train"]
        assert (seen.state, seen.error) == ("running", "") and seen.seconds is not None
        raise CellFailure("out of memory\nlower micro_batch_tokens")

    run_step(uri, RUN, "plan", plan)
    run_step(uri, RUN, "mix", lambda _: None, cell="b-cell")
    with pytest.raises(CellFailure):
        run_step(uri, RUN, "train", train, cell="b-cell")
    progress = read_progress(uri, RUN)
    assert (progress.study_key, list(progress.cells)) == ("sums-1", CELLS)
    assert {each: step.state for each, step in progress.steps.items()} == {
        ("", "plan"): "done", ("b-cell", "mix"): "done", ("b-cell", "train"): "failed",
    }  # fmt: skip
    assert progress.steps["b-cell", "train"].error == "out of memory\nlower micro_batch_tokens"
    assert all(step.seconds is not None for step in progress.steps.values())


def test_a_bug_shows_its_last_line(object_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLT_RETRIES", "0")
    with pytest.raises(ZeroDivisionError):
        run_step(object_store.uri, RUN, "statistics", lambda _: 1 // 0)
    (step,) = read_progress(object_store.uri, RUN).steps.values()
    assert isinstance(step, StepProgress) and step.error.startswith("ZeroDivisionError: ")


def test_a_run_that_the_store_does_not_know_has_neither_cells_nor_steps(object_store: Store) -> None:
    progress = read_progress(object_store.uri, "another")
    assert (progress.cells, dict(progress.steps)) == ((), {})


def test_a_run_that_waits_for_others_computes_no_cells(object_store: Store) -> None:
    write_note(object_store, RUN, RunNote(study_key="sums-1", repeat="", cells=CELLS))
    assert read_progress(object_store.uri, RUN).cells == ()
