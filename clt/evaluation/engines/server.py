"""A server of one checkpoint as a process of ours: started, waited for until it answers, and ended."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from clt.endpoints import listed_models, server_version
from clt.errors import EndpointError
from clt.evaluation.engines.endpoint import EndpointEngine
from clt.hashing import digest
from clt.progress import alive, phase
from clt.store import Store
from clt.study import SERVERS, SERVERS_VARIABLE, Endpoint, Server

PAUSE = 0.5  # seconds between two looks at whether it answers
GRACE = 30.0  # seconds that it has to end
SHOWN_LINES = 15  # of its output, where it fails
_PR_SET_PDEATHSIG = 1


@contextmanager
def served(store: Store, server: Server, folder: str, *, weights: str) -> Iterator[EndpointEngine]:
    """An engine of a checkpoint, as long as the block runs.

    Args:
        store: Where answers are kept.
        server: How it is started.
        folder: With weights and tokenizer, as transformers saves them.
        weights: What determines the weights.

    Raises:
        EndpointError: It cannot be started, ends, or does not answer in time; with the end of its output.
    """
    port = _free_port()
    command = [part.format(model=folder, port=port) for part in server.server]
    _require_known(command[0])
    url = f"http://127.0.0.1:{port}/v1"
    with tempfile.TemporaryFile("w+", errors="replace") as output, _running(command, output) as process:
        with phase("loading"):
            model = _own(_wait(process, url, server.start_minutes * 60, output), folder, command, url)
        endpoint = Endpoint(
            url=url, model=model, concurrency=server.concurrency, timeout_seconds=server.timeout_seconds
        )
        yield EndpointEngine(
            store,
            endpoint,
            weights=f"{weights} by {digest(server.server)}",
            version=f"{Path(command[0]).name} {server_version(url)}",
        )


def _require_known(program: str) -> None:
    named = os.environ.get(SERVERS_VARIABLE)
    known = SERVERS if named is None else named.split()
    if program not in known:
        raise EndpointError(
            f"evaluation.engine.server: got {program!r}, expected one of {', '.join(known)}: whoever wrote the study "
            f"may not run any command by it; for a program that you trust, set {SERVERS_VARIABLE} to its name"
        )


@contextmanager
def _running(command: list[str], output: IO[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=_end_with_us
        )
    except OSError as error:
        raise EndpointError(
            f"evaluation.engine.server: {command[0]!r} cannot be started ({error.strerror}); install it, or mend the "
            "command"
        ) from None
    try:
        yield process
    finally:
        _end(process)


def _end_with_us() -> None:
    """Have Linux end the server when this process is killed: it would hold its accelerator for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[str]) -> None:
    """End the server with all processes that it started."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
            process.wait(GRACE)
            break
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _wait(process: subprocess.Popen[str], url: str, seconds: float, output: IO[str]) -> list[str]:
    """The names of the models that it has, once it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        models = listed_models(url)
        if process.poll() is not None:  # looked at after the answer: it may be another program's
            raise EndpointError(
                f"evaluation.engine.server: ended with status {process.returncode} before it answered; "
                f"its last lines:\n{_tail(output)}"
            )
        if models:
            return models
        alive()
        time.sleep(PAUSE)
    raise EndpointError(
        f"evaluation.engine.server: does not answer at {url}/models after {seconds:g} s (start_minutes); its last "
        f"lines:\n{_tail(output)}"
    )


def _own(models: list[str], folder: str, command: list[str], url: str) -> str:
    """The model that the command serves, by its folder or a name that the command gives it."""
    names = {folder, *(word for part in command for word in re.split(r"[\s=]+", part))}
    if found := next((model for model in models if model in names), None):
        return found
    raise EndpointError(
        f"evaluation.engine.server: {url} answers with {', '.join(models[:8])}, expected {folder} or a name in "
        "the command, such as vLLM's --served-model-name: another program may have taken the port; run again"
    )


def _tail(output: IO[str]) -> str:
    output.seek(0)
    return "".join(output.readlines()[-SHOWN_LINES:])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
