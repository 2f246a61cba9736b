"""Named tasks side by side in worker processes that are kept; a worker that dies fails its task and is replaced.

Workers are forked from one process that has imported torch, transformers and their like once (7 s of CPU; a fork takes
20 ms), so nothing is imported twice. They end with their parent, even if that is killed. concurrent.futures breaks
as a whole when one worker dies, so the processes are driven here.
"""

import faulthandler
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Protocol

from clt.errors import UserError

# One thread each, set before torch and numpy load: two threads were five times slower on the demo's models.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one task ended: with a value or with an error."""

    name: str
    seconds: float
    value: Any = None  # what the task returned
    error: str = ""  # empty if it succeeded


class Watcher(Protocol):
    """Who is told what happens, in the parent process."""

    def waiting(self, what: str) -> None:
        """Nothing can start before this is done."""
        ...

    def started(self, name: str) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    connection: Connection
    name: str = ""  # of the task it has; empty: idle
    started: float = 0.0


def run_tasks(
    task: Callable[[str], Any],
    names: Sequence[str],
    *,
    workers: int,
    logs: Path,
    watcher: Watcher,
    preload: Sequence[str] = (),
) -> signal.Signals | None:
    """Call task(name) for every name, in this order, at most `workers` at a time; returns the signal that ended it.

    `task` is importable (it is pickled) and returns something small. What it prints goes to logs/NAME.log. SIGINT and
    SIGTERM end all workers at once: the tasks must bear being killed. From another thread than the main one, signals
    are left alone.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    logs.mkdir(parents=True, exist_ok=True)
    waiting, running = deque(names), list[_Worker]()
    with _signals() as wake:
        try:
            watcher.waiting(f"starting {workers} worker{'s' if workers > 1 else ''}, which load torch once")
            if not _warm_up(context, wake):
                return signal.Signals(os.read(wake, 1)[0])
            while waiting or any(worker.name for worker in running):
                while waiting and len(running) < workers:
                    running.append(_start(context, task, logs))
                for worker in running:
                    if waiting and not worker.name:
                        _give(worker, waiting.popleft(), watcher)
                ready = wait([wake, *(worker.connection for worker in running)])
                if wake in ready:
                    return signal.Signals(os.read(wake, 1)[0])
                for worker in [worker for worker in running if worker.connection in ready]:
                    outcome = _receive(worker, logs)
                    worker.name = ""
                    if not worker.process.is_alive():
                        running.remove(worker)
                    watcher.ended(outcome)
            return None
        finally:
            for worker in running:
                worker.process.kill()
            for worker in running:
                worker.process.join()
            for name, value in before.items():  # a notebook goes on in this process
                os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


def _warm_up(context: Any, wake: int) -> bool:
    """Wait until the process that workers are forked from is ready, in a way that a signal ends at once: then False."""
    ready, write = context.Pipe(duplex=False)

    def first_fork() -> None:
        with suppress(OSError, EOFError), write:  # it was killed below
            process = context.Process(target=int, daemon=True)
            process.start()
            process.join()

    threading.Thread(target=first_fork, daemon=True).start()
    if wake not in wait([wake, ready]):
        return True
    # It would end by itself, but only after its imports. There is no public name for its id.
    os.kill(multiprocessing.forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    return False


def _start(context: Any, task: Callable[[str], Any], logs: Path) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(task, theirs, logs), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, name: str, watcher: Watcher) -> None:
    worker.name, worker.started = name, time.monotonic()
    watcher.started(name)
    # A worker that is dead already is found when its answer is read.
    with suppress(OSError):
        worker.connection.send(name)


def _receive(worker: _Worker, logs: Path) -> Outcome:
    """The worker's answer, or what its death looks like."""
    try:
        value, error = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join()
        value, error = None, _death(worker.process.exitcode, logs / f"{worker.name}.log")
    return Outcome(name=worker.name, seconds=time.monotonic() - worker.started, value=value, error=error)


def _death(code: int | None, log: Path) -> str:
    if code == -signal.SIGKILL:
        return (
            "its worker process was killed from outside, most likely because memory ran out; "
            "use fewer --workers or a smaller micro_batch_tokens, then run again to resume"
        )
    how = f"by {signal.Signals(-code).name}" if code is not None and code < 0 else f"with exit status {code}"
    return f"its worker process ended {how}; its last words are in {log}"


@contextmanager
def _signals() -> Iterator[int]:
    """A file descriptor that becomes readable, with the signal's number, once SIGINT or SIGTERM has come."""
    wake, write = os.pipe()
    os.set_blocking(write, False)
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in _STOPPING:
            before[number] = signal.signal(number, lambda number, _: os.write(write, bytes([number])))
    try:
        yield wake
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(wake)
        os.close(write)


def _work(task: Callable[[str], Any], connection: Connection, logs: Path) -> None:
    """What a worker does: take a name, do the task, answer; until the parent kills it or is gone."""
    from tqdm import tqdm  # `datasets` and transformers show their progress with it

    for number in _STOPPING:  # Ctrl-C reaches the whole group of processes; it is the parent who decides
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # By itself tqdm makes a lock between processes, whose semaphore a worker that is killed leaves behind.
    tqdm.set_lock(threading.RLock())
    while True:
        try:
            name = connection.recv()
        except EOFError:
            return
        connection.send(_answer(task, name, logs))


def _answer(task: Callable[[str], Any], name: str, logs: Path) -> tuple[Any, str]:
    try:
        with (logs / f"{name}.log").open("a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        faulthandler.enable()  # a crash in compiled code leaves its stack in the log
        return task(name), ""
    except UserError as error:
        return None, str(error)
    except BaseException as error:  # SystemExit too: whatever a task does, its worker lives on
        traceback.print_exc()
        last = traceback.extract_tb(error.__traceback__)[-1]
        return None, f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
