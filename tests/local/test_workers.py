"""What worker processes promise, with real processes: `exec` is the task, and its text the name."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clt.local.workers import Outcome, run_tasks

RUN = """
import sys
from pathlib import Path
from clt.local.workers import run_tasks

class Watcher:
    def started(self, name): print("started", flush=True)
    def ended(self, outcome): print("ended", outcome.error, flush=True)

stopped = run_tasks(exec, sys.argv[2:], workers=2, logs=Path(sys.argv[1]), watcher=Watcher(), preload=PRELOAD)
print("stopped by", stopped.name if stopped else None, flush=True)
"""
HANG = "import os, time; open(os.path.join(os.environ['PIDS'], str(os.getpid())), 'w'); time.sleep(60)"


class Watcher:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.outcomes: list[Outcome] = []

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


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_tasks_start_in_order_and_side_by_side(tmp_path: Path) -> None:
    meet = """import os, time
logs = os.path.dirname(os.readlink(os.path.join(os.sep, 'proc', 'self', 'fd', '1')))
end = time.monotonic() + 30
while len(os.listdir(logs)) < 4:
    assert time.monotonic() < end, 'the others never came'
    time.sleep(0.01)
"""
    names = [f"{meet}#{number}" for number in range(4)]
    watcher = run(tmp_path, *names, workers=4)
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


def start(tmp_path: Path, *, preload: str = "()") -> tuple[subprocess.Popen[str], Path]:
    """A runner with two hanging tasks of three, and the folder where the workers' ids appear."""
    pids = tmp_path / "pids"
    pids.mkdir()
    code = RUN.replace("PRELOAD", preload)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "logs"), HANG, HANG, HANG],
        env=os.environ | {"PIDS": str(pids)},
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, pids


def wait_for(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_workers_at_once(tmp_path: Path, number: signal.Signals) -> None:
    process, pids = start(tmp_path)
    wait_for(lambda: len(list(pids.iterdir())) == 2)
    sent = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - sent < 2
    assert output.splitlines()[-1] == f"stopped by {number.name}"
    assert not any(alive(int(path.name)) for path in pids.iterdir())


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    process, pids = start(tmp_path)
    wait_for(lambda: len(list(pids.iterdir())) == 2)
    process.kill()
    process.wait()
    wait_for(lambda: not any(alive(int(path.name)) for path in pids.iterdir()), seconds=5)


def test_a_signal_during_the_first_imports_ends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The start of the first worker waits for the imports, 13 s of torch, and used to be deaf meanwhile.
    (tmp_path / "slow_import.py").write_text(
        f"import os, time; open({str(tmp_path / 'importer')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    process, _ = start(tmp_path, preload="('slow_import',)")
    wait_for(lambda: (tmp_path / "importer").exists() and (tmp_path / "importer").read_text())
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - sent < 2 and output == "stopped by SIGINT\n"
    wait_for(lambda: not alive(int((tmp_path / "importer").read_text())), seconds=3)
