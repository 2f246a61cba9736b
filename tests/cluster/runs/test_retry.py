"""What trying again cannot mend is not tried again in the same run; what may pass is."""

from pathlib import Path

import pytest

from clt.cluster import run_step
from clt.cluster.runs.retry import track_once
from clt.errors import CellFailure, StoreError, StudyError, UserError
from clt.store import Store, open_store

KEY = "evaluations/ab12"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def _try(store: Store, run: str, error: Exception) -> bool:
    """Whether the work was begun; it ends with the error."""
    begun = False
    with pytest.raises(UserError if isinstance(error, UserError) else type(error)), track_once(store, KEY, run):
        begun = True
        raise error
    return begun


def test_a_user_error_is_raised_again_without_work(store: Store) -> None:
    assert _try(store, "run-1", CellFailure("the loss is NaN; lower the learning rate"))
    with pytest.raises(UserError, match=r"^the loss is NaN; lower the learning rate$"), track_once(store, KEY, "run-1"):
        pytest.fail("worked again")


def test_the_third_try_knows_it_as_well(store: Store) -> None:
    error = CellFailure("bad")
    assert [_try(store, "run-1", error) for _ in range(3)] == [True, False, False]


def test_another_run_tries_again(store: Store) -> None:
    assert _try(store, "run-1", CellFailure("bad"))
    assert _try(store, "run-2", CellFailure("bad"))


@pytest.mark.parametrize(
    "error", [ConnectionError("reset"), StoreError("no answer"), UserError("the cluster gives no answer")]
)
def test_what_may_pass_is_tried_again(store: Store, error: Exception) -> None:
    assert _try(store, "run-1", error)
    assert _try(store, "run-1", error)


def test_success_after_a_failure_forgets_it(store: Store) -> None:
    assert _try(store, "run-1", ConnectionError("reset"))
    with track_once(store, KEY, "run-1"):
        pass
    assert store.state(KEY).state == "missing"


def test_a_step_of_a_whole_run_is_remembered_too(tmp_path: Path) -> None:
    for work in ("does", "knows"):
        with pytest.raises(UserError, match=r"^no such language$"), run_step(str(tmp_path / "store"), "RUN-1", "plan"):
            assert work == "does"
            raise StudyError("no such language")
