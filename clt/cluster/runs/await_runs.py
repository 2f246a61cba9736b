"""The last run of a study of several runs: it waits for the others, by what they leave in the store."""

import time
from collections import Counter
from dataclasses import dataclass

from clt.cluster.runs.finalize import cell_states, has_ended
from clt.cluster.runs.retry import run_step
from clt.cluster.runs.start import choose_repeat, plan_record, read_study, write_note
from clt.errors import CellFailure
from clt.store import Manifest, State, Store
from clt.study import StudyRecord

LOOK = 60.0  # seconds between two looks
SETTLE = 600.0  # seconds without a change after which no run is taken to be still on its way to its note
GIVE_UP = 48 * 3600.0  # seconds without a change; a queue may well be a day long


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """Everything that tells that something goes on."""

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
    look: float = LOOK,
    settle: float = SETTLE,
    give_up: float = GIVE_UP,
) -> str:
    """Wait until every cell of a study is done, or the last run that took it has ended; returns the study's key.

    Notes this run as one that takes all cells but computes none, so that statistics knows its study and what to miss.
    CellFailure if nothing changed for `give_up` seconds.
    """
    with run_step(store_uri, run, "wait") as store:
        record = plan_record(store, *read_study(study), choose_repeat(repeat, run, alone=False))
        write_note(store, run, record, [cell.key for cell in record.grid.cells])
        seen, since = _look(store, record), time.monotonic()
        print(seen.text(), flush=True)
        while any(state.state != "done" for state in seen.states.values()):
            quiet = time.monotonic() - since
            if not seen.open and quiet >= settle:
                break
            if quiet >= give_up:
                raise CellFailure(_silence(seen, give_up))
            time.sleep(look)
            if (now := _look(store, record)) != seen:
                seen, since = now, time.monotonic()
                print(seen.text(), flush=True)
    return record.key


def _look(store: Store, record: StudyRecord) -> _Seen:
    states = cell_states(store, record)
    last: dict[str, str] = {}  # cell -> the last run that took it
    for key, note in sorted(_notes(store, record.key), key=lambda one: one[1].created):
        last |= dict.fromkeys(note.metadata["cells"], key)
    ended = {key: has_ended(store, key) for key in set(last.values())}
    left = (cell for cell, state in states.items() if state.state != "done")
    return _Seen(states=states, open=frozenset(cell for cell in left if cell not in last or not ended[last[cell]]))


def _notes(store: Store, study_key: str) -> list[tuple[str, Manifest]]:
    """The runs that compute cells of a study."""
    notes = ((key, store.manifest(key)) for key in store.keys("runs"))
    return [(key, note) for key, note in notes if note is not None and _computes(note, study_key)]


def _computes(note: Manifest, study_key: str) -> bool:
    return note.metadata.get("study_key") == study_key and "shard" in note.metadata


def _silence(seen: _Seen, seconds: float) -> str:
    named = sorted(seen.open)[:3]
    return (
        f"nothing changed for {seconds / 3600:.3g} hours: {seen.text()}, such as {', '.join(named)}; look whether the "
        "study's other runs are still there (`clt status`), start those that are missing, then run this one again"
    )
