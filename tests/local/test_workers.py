"""What worker processes promise, with real processes: `exec` is the task, and its text the name."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from clt.local.workers import Outcome, run_tasks
from tests.processes import Pipe, has_ended

RUN = """
import sys
from pathlib import Path
from clt.local.workers import run_tasks

class Watcher:
    def waiting(self, what): pass
    def started(self, name): print("started", flush=True)
    def ended(self, outcome): print("ended", outcome.error, flush=True)

stopped = run_tasks(exec, sys.argv[2:], workers=2, logs=Path(sys.argv[1]), watcher=Watcher(), preload=PRELOAD)
print("stopped by", stopped.name if stopped else None, flush=True)
"""
HANG = "import os, signal; print(os.getpid(), file=open(os.environ['PIDS'], 'w'), flush=True); signal.pause()"


class Watcher:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.outcomes: list[Outcome] = []
        self.waited: list[str] = []

    def waiting(self, what: str) -> None:
        assert not self.names, "nothing has started"
        self.waited.append(what)

    def started(self, name: str) -> None:
        self.names.append(name)

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    @property
    def errors(self) -> dict[str, str]:
        return {outcome.name: outcome.error for outcome in self.outcomes}


def run(logs: Path, *names: str, workers: int = 2) -> Watcher:
    watcher = Watcher()
    assert run_tasks(exec, names, workers=workers, logs=logs, watcher=watcher) is None
    assert sorted(watcher.errors) == sorted(names)
    return watcher


def test_tasks_start_in_order_and_side_by_side(tmp_path: Path) -> None:
    with TemporaryDirectory() as pipes:  # a short path: it is in the tasks' names, and so in those of their logs
        begun, go = Pipe(Path(pipes) / "begun"), Pipe(Path(pipes) / "go")
        meet = (
            f"import os; at = bytes.fromhex('{pipes.encode().hex()}').decode(); "
            "os.write(os.open(at + '\\x2fbegun', os.O_WRONLY), b'.'); os.read(os.open(at + '\\x2fgo', os.O_RDONLY), 1)"
        )
        names = [f"{meet}  # {number}" for number in range(4)]
        threading.Thread(target=lambda: go.write(begun.read(4)), daemon=True).start()
        watcher = run(tmp_path / "logs", *names, workers=4)
    assert watcher.names == names and not any(watcher.errors.values())


def test_a_worker_keeps_what_it_has_loaded(tmp_path: Path) -> None:
    note = "import sys; sys.loaded = True"
    use = "import sys; assert sys.loaded"
    assert run(tmp_path, note, use, workers=1).errors == {note: "", use: ""}


def test_a_failure_leaves_the_others_running_and_keeps_its_words(tmp_path: Path) -> None:
    bug = "print('before'); divmod(1, 0)"
    user = "from clt.errors import DataError; raise DataError('row 7 is empty')"
    leave = "raise SystemExit(3)"
    fine = ["pass #1", "pass #2", "pass #3"]
    errors = run(tmp_path, bug, user, leave, *fine).errors
    assert errors[bug] == "ZeroDivisionError: integer division or modulo by zero (<string>:1)"
    assert errors[user] == "row 7 is empty"
    assert errors[leave].startswith("SystemExit: 3")
    assert [errors[name] for name in fine] == ["", "", ""]


def test_what_a_task_prints_is_in_its_log(tmp_path: Path) -> None:
    run(tmp_path, "print('words')", "import os; os.write(2, b'raw')", "1 \N{DIVISION SLASH} 0")
    assert "SyntaxError" in (tmp_path / "1 \N{DIVISION SLASH} 0.log").read_text()
    assert (tmp_path / "print('words').log").read_text() == "words\n"
    assert (tmp_path / "import os; os.write(2, b'raw').log").read_text() == "raw"


def test_a_worker_that_dies_fails_its_task_and_is_replaced(tmp_path: Path) -> None:
    killed = "import os; os.kill(os.getpid(), 9)"
    crashed = "import ctypes; ctypes.string_at(0)"
    left = "import os; os._exit(5)"
    fine = ["pass #1", "pass #2"]
    errors = run(tmp_path, killed, crashed, left, *fine).errors
    assert "killed from outside, most likely because memory ran out" in errors[killed]
    assert "ended by SIGSEGV" in errors[crashed] and "Segmentation fault" in (tmp_path / f"{crashed}.log").read_text()
    assert "ended with exit status 5" in errors[left]
    assert [errors[name] for name in fine] == ["", ""]


def start(tmp_path: Path, *, preload: str = "()") -> tuple[subprocess.Popen[str], Pipe]:
    """A runner with two hanging tasks of three, and the pipe that the workers write their ids to."""
    pids = Pipe(tmp_path / "pids")
    code = RUN.replace("PRELOAD", preload)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "logs"), HANG, HANG, HANG],
        env=os.environ | {"PIDS": str(pids.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, pids


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_workers_at_once(tmp_path: Path, number: signal.Signals) -> None:
    process, pids = start(tmp_path)
    workers = [int(pids.read_line()) for _ in range(2)]
    sent = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - sent < 2
    assert output.splitlines()[-1] == f"stopped by {number.name}"
    assert all(has_ended(worker) for worker in workers)


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    process, pids = start(tmp_path)
    workers = [int(pids.read_line()) for _ in range(2)]
    process.kill()
    process.wait()
    assert all(has_ended(worker, seconds=5) for worker in workers)


def test_a_signal_during_the_first_imports_ends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The start of the first worker waits for the imports, 13 s of torch, and used to be deaf meanwhile.
    importers = Pipe(tmp_path / "importers")
    (tmp_path / "slow_import.py").write_text(
        f"import os, signal; print(os.getpid(), file=open({str(importers.path)!r}, 'w'), flush=True); signal.pause()"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    process, _ = start(tmp_path, preload="('slow_import',)")
    importer = int(importers.read_line())
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - sent < 2 and output == "stopped by SIGINT\n"
    assert has_ended(importer, seconds=3)


def test_the_start_of_the_workers_is_told_once_before_any_task(tmp_path: Path) -> None:
    watcher = run(tmp_path, "a = 1", "b = 2")
    assert watcher.waited == ["starting 2 workers, which load torch once"]


def test_workers_that_showed_progress_leave_no_semaphores(tmp_path: Path) -> None:
    """`datasets` and transformers show progress by tqdm, whose lock between processes outlived killed workers."""
    code = RUN.replace("PRELOAD", "[]")
    task = "from tqdm import tqdm; list(tqdm(range(3)))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), task], capture_output=True, text=True, check=True)
    assert "ended \n" in done.stdout
    assert "leaked" not in done.stderr
