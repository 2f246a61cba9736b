"""Several processes that train one cell, forked, so that torch need not be imported again; they die like any other."""

import multiprocessing
import os
import socket
import time
from multiprocessing.context import ForkProcess

from clt.training import train
from tests.training.conftest import Planned

SECONDS = 120  # until a training of a few steps is taken for hanging


def start(planned: Planned, count: int, on_nodes: int = 1, pause: float = 0.0) -> list[ForkProcess]:
    """Start `count` processes, as torchrun would on so many nodes, with a pause of some seconds after each step."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("fork")
    arguments = [(planned, rank, count, on_nodes, port, pause) for rank in range(count)]
    processes = [context.Process(target=_train, args=each) for each in arguments]
    for process in processes:
        process.start()
    return processes


def wait(processes: list[ForkProcess]) -> list[int | None]:
    """Their exit statuses; what hangs is killed and has none."""
    statuses = []
    for process in processes:
        process.join(SECONDS)
        statuses.append(process.exitcode)
        process.kill()
    return statuses


def run_processes(planned: Planned, count: int, on_nodes: int = 1) -> Planned:
    assert wait(start(planned, count, on_nodes)) == [0] * count
    return planned


def _train(planned: Planned, rank: int, count: int, on_nodes: int, port: int, pause: float) -> None:
    on_node = count // on_nodes
    os.environ |= {
        "RANK": str(rank),
        "WORLD_SIZE": str(count),
        "LOCAL_RANK": str(rank % on_node),
        "LOCAL_WORLD_SIZE": str(on_node),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    train(planned.store, planned.study_key, planned.cell.key, lambda *_: time.sleep(pause))
