"""How far a run is, from what its steps left in the store: people read it there, since Kubeflow's API has no errors."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from clt.cluster.runs.note import read_note
from clt.cluster.runs.step import StepOutcome, step_key
from clt.store import State, Store, open_store

CELL_STEPS = ("mix", "train", "evaluate")
RUN_STEPS = ("plan", "fetch", "await_runs", "statistics", "baseline", "require_complete", "cleanup")
READERS = 16  # requests side by side


@dataclass(frozen=True, kw_only=True, slots=True)
class StepProgress:
    """A step of a run that has begun."""

    state: str  # done, running, failed or interrupted
    seconds: float | None = None  # it took, or it runs for
    error: str = ""  # of a failed one


@dataclass(frozen=True, kw_only=True, slots=True)
class RunProgress:
    """What the store knows of a run."""

    study_key: str  # empty if the plan did not complete
    cells: tuple[str, ...]  # that it computes, by iteration of Kubeflow's loop
    steps: Mapping[tuple[str, str], StepProgress]  # (cell or "", step) of every step that has begun


def read_progress(store_uri: str, run: str) -> RunProgress:
    """What the steps of a run left in the store.

    Args:
        store_uri: The store's uri.
        run: The run's id.

    Returns:
        The run's cells, and each step that has begun; a run that the store has never heard of has neither.

    Raises:
        StoreError: The store cannot be read from here.
    """
    store = open_store(store_uri)
    note = read_note(store, run)
    cells = tuple(note.cells) if note is not None and note.shard is not None else ()
    wanted = [("", step) for step in RUN_STEPS] + [(cell, step) for cell in cells for step in CELL_STEPS]
    with ThreadPoolExecutor(READERS) as readers:
        found = readers.map(lambda each: _progress(store, step_key(run, each[1], each[0])), wanted)
        steps = {each: step for each, step in zip(wanted, found, strict=True) if step is not None}
    return RunProgress(study_key=note.study_key if note else "", cells=cells, steps=steps)


def _progress(store: Store, key: str) -> StepProgress | None:
    outcome = StepOutcome.read(store, key)
    if outcome is not None:
        return StepProgress(state="done", seconds=outcome.seconds)
    state = store.state(key)
    return None if state.state == "missing" else _begun(state)


def _begun(state: State) -> StepProgress:
    seconds = state.facts.get("seconds")
    if seconds is None and state.state == "running" and state.started:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(state.started)).total_seconds()
    return StepProgress(state=state.state, seconds=seconds, error=state.reason)
