"""The last run of a study of several runs: it waits for the others, by what they leave in the store."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clt.cluster.runs.completeness import cell_states
from clt.cluster.runs.finalize import ended_key
from clt.cluster.runs.form import check_store
from clt.cluster.runs.note import RunNote, write_note
from clt.cluster.runs.start import choose_repeat, plan_record, read_study
from clt.cluster.runs.step import run_step
from clt.errors import CellFailure
from clt.store import State, Store
from clt.study import StudyRecord

POLL_SECONDS = 60.0
SETTLE_SECONDS = 600.0  # without a change, after which no run is taken to be still on its way to its note
GIVE_UP_SECONDS = 48 * 3600.0  # without a change; a queue may well be a day long


class Clock(Protocol):
    """What waiting needs of the module `time`."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Progress:
    """Two that are equal mean that nothing changed in between."""

    states: dict[str, State]  # of all cells
    open: frozenset[str]  # not done, and no ended run has taken them

    def text(self) -> str:
        counts = Counter(state.state for state in self.states.values())
        return ", ".join(f"{number} {state}" for state, number in counts.most_common()) + (
            f"; {len(self.open)} cells are left to runs that have not ended" if self.open else ""
        )


def await_runs(
    store_uri: str,
    study: str,
    repeat: str,
    run: str,
    *,
    poll_seconds: float = POLL_SECONDS,
    settle_seconds: float = SETTLE_SECONDS,
    give_up_seconds: float = GIVE_UP_SECONDS,
    clock: Clock = time,
) -> str:
    """Wait until every cell of a study is done, or the last run that took it has ended.

    Notes this run as one that takes all cells but computes none, so that statistics knows its study and what to miss.

    Args:
        store_uri: The store that the study's runs share.
        study: The study: a path, s3://BUCKET/PATH/study.yaml, or inline YAML.
        repeat: The repeat of its cells, as the other runs were given it.
        run: The id of this run.
        poll_seconds: Between two looks into the store.
        settle_seconds: Without a change, after which cells that no run has taken are not waited for.
        give_up_seconds: Without a change, after which runs that never ended are not waited for.
        clock: Tells the time and waits.

    Returns:
        The study's key.

    Raises:
        CellFailure: Nothing changed for `give_up_seconds`.
        StudyError: The study is refused, or `repeat` is "run", of which each run would have its own.
    """
    check_store(store_uri)

    def wait(store: Store) -> str:
        record = plan_record(store, *read_study(study), choose_repeat(repeat, run, alone=False))
        cells = [cell.key for cell in record.grid.cells]
        write_note(store, run, RunNote(study_key=record.key, repeat=record.repeat, cells=cells))
        progress, since = _look(store, record), clock.monotonic()
        print(progress.text(), flush=True)
        while any(state.state != "done" for state in progress.states.values()):
            quiet = clock.monotonic() - since
            if not progress.open and quiet >= settle_seconds:
                break
            if quiet >= give_up_seconds:
                raise CellFailure(_silence(progress, give_up_seconds))
            clock.sleep(poll_seconds)
            if (now := _look(store, record, progress)) != progress:
                progress, since = now, clock.monotonic()
                print(progress.text(), flush=True)
        return record.key

    return run_step(store_uri, run, "await_runs", wait)


def _look(store: Store, record: StudyRecord, before: _Progress | None = None) -> _Progress:
    states = cell_states(store, record, None if before is None else before.states)
    last: dict[str, str] = {}  # cell -> the last run that took it
    runs = store.keys("runs")
    for key, note in _notes(store, runs, record.key):
        last |= dict.fromkeys(note.cells, key)
    ended = {key: ended_key(key) in runs for key in set(last.values())}
    left = (cell for cell, state in states.items() if state.state != "done")
    return _Progress(states=states, open=frozenset(cell for cell in left if cell not in last or not ended[last[cell]]))


def _notes(store: Store, runs: Sequence[str], study_key: str) -> list[tuple[str, RunNote]]:
    """The notes of the runs that compute cells of a study, in the order in which they were left."""
    manifests = store.manifests(key for key in runs if key.count("/") == 1)
    left = sorted(manifests.items(), key=lambda pair: pair[1].created)
    notes = [(key, RunNote.of(manifest)) for key, manifest in left]
    return [(key, note) for key, note in notes if note.study_key == study_key and note.shard is not None]


def _silence(progress: _Progress, seconds: float) -> str:
    named = sorted(progress.open)[:3]
    return (
        f"nothing changed for {seconds / 3600:.3g} hours: {progress.text()}, such as {', '.join(named)}; look whether "
        "the study's other runs are still there (`clt status`), start those that are missing, then run this one again"
    )
