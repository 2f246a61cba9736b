"""Whole runs of a small study by real processes: the steps' results are the same however often a run is killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clt.local.cell_status import status
from clt.planning import plan_study
from clt.store import Store, open_store
from clt.study import StudyRecord, load_study, resolve
from tests.cli.small_study import write_study
from tests.processes import has_ended

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # each starts torch several times

RUN = """
import sys
from clt.planning import make_plan
from clt.store import open_store, read_record
from clt.cli.run_progress import view
from clt.local import run_study

if __name__ == "__main__":
    store, key = sys.argv[1:]
    costs = {cost.cell.key: cost.seconds for cost in make_plan(read_record(open_store(store), key)).cells}
    result = run_study(store, key, list(costs), workers=2, costs=costs, watch=view)
    print(result.summary())
    sys.exit(result.exit_status)
"""


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    return write_study(tmp_path, steps=40)


@pytest.fixture
def plan(study_file: Path) -> Callable[[str], tuple[Store, StudyRecord]]:
    def plan_into(name: str) -> tuple[Store, StudyRecord]:
        store = open_store(study_file.parent / name)
        return store, plan_study(store, resolve(load_study(study_file), study_file.parent))

    return plan_into


def start(store: Store, record: StudyRecord) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, store.uri, record.key], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    return output


def results(store: Store, record: StudyRecord) -> dict[str, str]:
    """Checksums of all scores and of the weights that were kept, by key and file."""
    found = {}
    for cell in record.grid.cells:
        for key in (record.evaluation_key(cell), record.training_key(cell)):
            for below in store.keys(key):
                manifest = store.manifest(below)
                assert manifest is not None
                if manifest.pruned is None:
                    files = manifest.files.items()
                    kept = (
                        (name, facts)
                        for name, facts in files
                        if not name.endswith("metrics.jsonl") and "tfevents" not in name
                    )
                    found |= {f"{below}/{name}": facts.sha256 for name, facts in kept}  # those hold times
    return found


def working(store: Store, record: StudyRecord) -> set[int]:
    """The ids of the processes that work on cells."""
    states = [each.state for each in status(store, record)]
    return {state.facts["pid"] for state in states if state.state == "running"}


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Look into the store until something is there: it tells nobody when it changes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def some_training_is_half_done(store: Store) -> bool:
    return any("/states/" in key for key in store.keys("trainings"))


def test_a_run_killed_in_the_middle_and_resumed_gives_the_same_bits(
    plan: Callable[[str], tuple[Store, StudyRecord]],
) -> None:
    whole, record = plan("whole")
    output = finish(start(whole, record))
    assert "4 of 4 cells complete" in output and output.count(" done (") == 4

    killed, _ = plan("killed")
    process = start(killed, record)
    wait_for(lambda: some_training_is_half_done(killed))
    workers = working(killed, record)
    process.kill()
    process.wait()
    assert all(has_ended(worker, seconds=5) for worker in workers)
    states = {each.state.state for each in status(killed, record)}
    assert workers and "interrupted" in states and "running" not in states

    assert "4 of 4 cells complete" in finish(start(killed, record))
    assert results(killed, record) == results(whole, record) != {}
    assert all(each.state.state == "done" and each.seconds for each in status(killed, record))


def test_sigterm_ends_the_cells_promptly_and_says_how_to_resume(
    plan: Callable[[str], tuple[Store, StudyRecord]],
) -> None:
    store, record = plan("store")
    process = start(store, record)
    wait_for(lambda: some_training_is_half_done(store))
    workers = working(store, record)
    sent = time.monotonic()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert time.monotonic() - sent < 30  # seconds; a busy machine takes ten
    assert process.returncode == 143 and all(has_ended(worker) for worker in workers)
    assert "stopped by SIGTERM; all workers have ended\nrun the same command again to resume" in output


def test_a_failing_cell_leaves_the_others_to_complete(plan: Callable[[str], tuple[Store, StudyRecord]]) -> None:
    store, record = plan("store")
    dearest = record.grid.cells[-1]
    with store.writer(record.mixture_key(dearest)) as attempt:  # a mixture that training cannot read
        (attempt.path / "train.jsonl").write_text("this is not JSON\n")
        (attempt.path / "validation.jsonl").write_text("this is not JSON\n")
    process = start(store, record)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "3 of 4 cells complete, 1 failed:" in output and f"  {dearest.key}: " in output
    assert [each.state.state for each in status(store, record)] == ["done"] * 3 + ["failed"]
    assert Path(store.uri, "logs", record.key, f"{dearest.key}.log").exists()
