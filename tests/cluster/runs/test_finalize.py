"""How a run ends: the exit task tells what became of its cells, and may run again."""

import pytest

from clt.cluster import finalize_run, planned_study, start_run
from clt.errors import CellFailure, StudyError
from clt.store import open_store

RUN = "6e0a2f9c-4c1b-4f7e-9a51-0d2f6b1c7e33"


def test_the_exit_task_says_that_the_run_has_ended_and_may_run_again(study: str, store: str) -> None:
    cells = start_run(store, study, "1/1", "", RUN).cells
    words = finalize_run(store, RUN)
    assert open_store(store).manifest(f"runs/{RUN}/ended") is not None
    assert f"0 of {len(cells)} cells complete" in words
    assert finalize_run(store, RUN) == words


def test_an_end_without_a_plan_names_the_plans_own_error(study: str, store: str) -> None:
    with pytest.raises(StudyError):
        start_run(store, study, "9/9", "", RUN)
    assert "no cell was started: shard_of_cells: got '9/9', expected at most" in finalize_run(store, RUN)
    with pytest.raises(CellFailure, match="nothing to compute: shard_of_cells: got '9/9', expected at most"):
        planned_study(store, RUN)
    assert open_store(store).manifest(f"runs/{RUN}/ended") is not None
