"""The first error ends all processes, and is the one shown; one that hangs is named."""

import json
import multiprocessing
import os
import time
from pathlib import Path

import pytest
from torch.distributed import HashStore
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from clt.cluster.jobs import __main__ as job
from clt.cluster.jobs import termination_message
from clt.errors import DataError
from clt.training import train_step
from clt.training.peers import Peers
from tests.training.conftest import Plan

WITHIN = 15  # seconds
FAILS_AT = 3  # the micro-batch
ERRORS = {"DataError": DataError("row 7 cannot be read"), "RuntimeError": RuntimeError("row 7 breaks the machine")}


@pytest.mark.parametrize(("error", "peer"), [("DataError", "waits"), ("DataError", "hangs"), ("RuntimeError", "hangs")])
def test_the_first_error_of_a_process_ends_all_of_them_and_is_the_one_shown(
    plan: Plan, tmp_path: Path, error: str, peer: str, capfd: pytest.CaptureFixture[str]
) -> None:
    planned = plan(max_steps=50, batch_size=8)
    (tmp_path / "termination-log").touch()
    job_arguments = ["training", planned.store.uri, planned.study_key, planned.cell.key]
    agent = multiprocessing.get_context("fork").Process(target=launch, args=(tmp_path, error, peer, job_arguments))
    agent.start()
    agent.join(120)
    assert time.time() - float((tmp_path / "failed-at").read_text()) < WITHIN
    rank, exit_status = json.loads((tmp_path / "first").read_text())
    assert (rank, exit_status) == (1, 2 if error == "DataError" else 1)
    said, left = "".join(capfd.readouterr()), (tmp_path / "termination-log").read_text()
    # Where it does not hang, torchrun's own signal may be faster.
    assert peer == "waits" or f"process 0 ends, because process 1 failed: {error}: row 7" in said
    if error == "DataError":
        assert json.loads(left) == {"error": "DataError", "text": "row 7 cannot be read"}
    else:
        assert not left and "row 7 breaks the machine" in said


def launch(folder: Path, *arguments: object) -> None:
    """What torchrun does, but for its processes, which are forked and need not import torch again."""
    torchrun = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=2,
        max_restarts=0,
        start_method="fork",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
    )
    try:
        elastic_launch(torchrun, failing_job)(folder, *arguments)
    except ChildFailedError as failed:
        rank, first = failed.get_first_failure()
        (folder / "first").write_text(json.dumps([rank, first.exitcode]))


def failing_job(folder: Path, error: str, peer: str, arguments: list[str]) -> None:
    """A job's process, in which rank 1 fails in a step; rank 0 hangs there, as in a collective of NCCL, or waits."""
    rank, made, batches = os.environ["RANK"], train_step.collate, 0
    termination_message._FILE = folder / "termination-log"  # of both, as in one pod

    def collate(*given: object) -> object:
        nonlocal batches
        batches += 1
        if batches == FAILS_AT and rank == "1":
            (folder / "failed-at").write_text(str(time.time()))
            raise ERRORS[error]
        if batches == FAILS_AT and peer == "hangs":
            time.sleep(600)
        return made(*given)  # type: ignore[arg-type]

    train_step.collate = collate  # type: ignore[assignment]
    raise SystemExit(job.main(arguments))


def test_the_processes_that_the_others_wait_for_are_named() -> None:
    store = HashStore()
    first, second, third = (Peers(store, rank, 3) for rank in range(3))
    first.place = third.place = (5, 2)
    first.publish()
    second.place = (4, 1)
    second.publish()
    assert first.behind().startswith("process 2 (has not begun): in step 0")
    third.publish()
    assert (
        first.behind().startswith("process 1 (") and "in step 4, micro-batch 1; the foremost: step 5" in first.behind()
    )
    second.place = (5, 2)
    second.publish()
    assert first.behind() == "all 3 processes are in step 5, micro-batch 2"
