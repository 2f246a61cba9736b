"""A step tells the store how it went; what may pass is tried again in its process, what the user must mend is not."""

from collections.abc import Callable

import pytest

from clt.cluster import run_step
from clt.cluster.runs.step import RETRIES, StepOutcome, step_key
from clt.errors import CellFailure, DataError, StoreError, StudyError, UserError
from clt.store import Store, open_store

RUN = "6E0A2F9C"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that steps slept, none of them really."""
    slept: list[float] = []
    monkeypatch.setattr("clt.cluster.runs.step.time.sleep", slept.append)
    return slept


def failing(tries: list[Store], error: Exception, times: int = 100) -> Callable[[Store], str]:
    """Work that fails so many times, and notes every try."""

    def work(store: Store) -> str:
        tries.append(store)
        if len(tries) <= times:
            raise error
        return "done"

    return work


@pytest.mark.parametrize("error", [StudyError("no such language"), DataError("row 3"), CellFailure("the loss is NaN")])
def test_what_the_user_must_mend_is_tried_once_and_without_a_pause(
    store: str, pauses: list[float], error: Exception
) -> None:
    tries: list[Store] = []
    with pytest.raises(type(error), match=str(error)):
        run_step(store, RUN, "plan", failing(tries, error))
    assert (len(tries), pauses) == (1, [])
    state = open_store(store).state(step_key(RUN, "plan"))
    assert (state.state, state.error) == ("failed", str(error))
    assert state.facts["seconds"] >= 0


@pytest.mark.parametrize("error", [ConnectionError("reset"), StoreError("no answer"), UserError("no API server")])
def test_what_may_pass_is_tried_again_after_growing_pauses(store: str, pauses: list[float], error: Exception) -> None:
    tries: list[Store] = []
    assert run_step(store, RUN, "plan", failing(tries, error, times=2)) == "done"
    assert (len(tries), pauses) == (3, [30.0, 60.0])


def test_after_the_last_try_the_error_stands_in_the_store(
    store: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RETRIES, "1")
    tries: list[Store] = []
    with pytest.raises(ConnectionError):
        run_step(store, RUN, "mix", failing(tries, ConnectionError("reset")), cell="tiny-n0")
    assert (len(tries), pauses) == (2, [30.0])
    assert "ConnectionError: reset" in open_store(store).state(step_key(RUN, "mix", "tiny-n0")).error


def test_a_step_that_is_done_says_how_long_it_took_and_forgets_its_failures(store: str, pauses: list[float]) -> None:
    run_step(store, RUN, "plan", failing([], ConnectionError("reset"), times=1))
    opened = open_store(store)
    assert opened.state(step_key(RUN, "plan")).state == "done"
    outcome = StepOutcome.read(opened, step_key(RUN, "plan"))
    assert outcome is not None and outcome.seconds >= 0


def test_the_same_run_may_be_asked_again_after_a_failure(store: str) -> None:
    """As by Kubeflow's own Retry: what was mended meanwhile works."""
    with pytest.raises(CellFailure):
        run_step(store, RUN, "plan", failing([], CellFailure("bad")))
    assert run_step(store, RUN, "plan", lambda _: 3) == 3
    assert open_store(store).state(step_key(RUN, "plan")).state == "done"


def test_a_number_of_retries_that_is_none_is_refused(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RETRIES, "many")
    with pytest.raises(UserError, match="CLT_RETRIES: got 'many', expected a whole number"):
        run_step(store, RUN, "plan", lambda _: 3)
