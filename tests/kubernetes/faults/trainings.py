"""Trainings that are long enough to be hit in the middle, and how they end if nothing is lost."""

from collections.abc import Callable
from typing import Any

from clt.study import Cell
from tests.kubernetes.kubectl import kubectl
from tests.kubernetes.launching import Planned, jobs, pods_of, until
from tests.kubernetes.pods import Pod

# A checkpoint and a resume state every 40 steps.
LONG = {
    "max_steps": 240,
    "batch_size": 16,
    "checkpoint_every": 40,
    "keep_checkpoints": "all",
    "state_minutes": 0,
}
TWO_NODES = {"training": {"nodes": 2, "cpu": 1, "memory": "2Gi", "shared_memory": "64Mi"}}

Start = Callable[..., tuple[Planned, Cell]]


def weights(planned: Planned, cell: Cell) -> dict[str, str]:
    """SHA-256 of the weights of every checkpoint that is kept, by its key's last part."""
    key = planned.record.training_key(cell)
    found = {}
    for name in planned.store.keys(f"{key}/checkpoints"):
        manifest = planned.store.manifest(name)
        assert manifest is not None
        found[name.rpartition("/")[2]] = manifest.files["model.safetensors"].sha256
    return found


def wait_for_a_state(planned: Planned, cell: Cell) -> None:
    """Until the training could go on after the step of its first checkpoint."""
    until(lambda: any(step > 40 for step in _saved_steps(planned, cell)), seconds=240)


def _saved_steps(planned: Planned, cell: Cell) -> list[int]:
    states = f"{planned.record.training_key(cell)}/states/"
    keys = [key.removeprefix(states) for key in planned.store.keys(states.rstrip("/"))]
    return [int(key) for key in keys if "/" not in key]  # below a state are its shards


def first_step(log: str) -> list[int]:
    """Where each job of a launcher began, by its log."""
    return [int(line.split("from step ")[1].split()[0]) for line in log.splitlines() if ": from step " in line]


def finish(planned: Planned, cell: Cell, launcher: Pod, expected: dict[str, str]) -> str:
    """The launcher's log, once it has ended well with the expected weights and has left nothing."""
    assert launcher.wait(420) == 0, launcher.log()
    assert weights(planned, cell) == expected
    assert planned.job(cell)[:-2] not in " ".join(job["metadata"]["name"] for job in jobs(planned.sandbox.namespace))
    return launcher.log()


def jobs_of(planned: Planned, cell: Cell) -> list[dict[str, Any]]:
    start = planned.job(cell)[:-1]
    return [job for job in jobs(planned.sandbox.namespace) if job["metadata"]["name"].startswith(start)]


def has_job(planned: Planned, cell: Cell) -> bool:
    return bool(jobs_of(planned, cell))


def other_pod(planned: Planned, cell: Cell, uid: str) -> bool:
    pods = [
        pod for job in jobs_of(planned, cell) for pod in pods_of(planned.sandbox.namespace, job["metadata"]["name"])
    ]
    return any(pod["metadata"]["uid"] != uid for pod in pods)


def kill(launcher: Pod) -> None:
    """SIGKILL, which no handler sees: as a node that loses its power."""
    kubectl("exec", launcher.name, f"--namespace={launcher.namespace}", "--", "sh", "-c", "kill -9 $(cat /tmp/pid)")
    launcher.wait(30)
