"""The processes that train one model together: who they are, and what they agree on.

torchrun starts them and says in its variables how many there are (RANK, WORLD_SIZE, LOCAL_RANK). A process alone has no
group, and a model of its own, unless the model has to be sharded for what `fully_shard` does beside: bfloat16
arithmetic over float32 weights, on one accelerator as on many.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from clt.errors import CellFailure
from clt.progress import alive
from clt.study import Placement, Training
from clt.training.peers import Peers

# Longer than any step, and than what processes differ by in loading a model. Whoever waits for something longer, as for
# an upload, asks again and again instead (`wait_until`).
TIMEOUT = timedelta(minutes=30)
_CPU = torch.device("cpu")
PAUSE = 0.2  # seconds between two times that a waiting process asks the others


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    rank: int = 0
    count: int = 1
    device: torch.device = _CPU
    mesh: DeviceMesh | None = None  # that weights are sharded over, its last dimension; None: they are not sharded
    peers: Peers | None = None  # None: there are no others

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    @property
    def shards(self) -> int:
        """Into how many shards weights and optimizer states are cut."""
        return 1 if self.mesh is None else self.mesh.size(self.mesh.ndim - 1)

    @property
    def shard(self) -> int:
        """Which of them this process has."""
        return 0 if self.mesh is None else self.mesh.get_local_rank(self.mesh.ndim - 1)

    @property
    def keeps_shard(self) -> bool:
        """Whether it is this process that saves its shard; replicas of it elsewhere do not."""
        return self.rank < self.shards

    def at(self, step: int, batch: int) -> None:
        """A sign of life, for the others too: this process begins with a micro-batch of a step."""
        alive()
        if self.peers is not None:
            self.peers.place = (step, batch)

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        """The sum over all processes, in place; all take part."""
        if self.count > 1:
            dist.all_reduce(values)
        return values

    def shared(self, value: Any) -> Any:
        """The main process's value, in all of them."""
        values = [value]
        if self.count > 1:
            dist.broadcast_object_list(values, src=0, device=_CPU)
        return values[0]

    def wait_until(self, is_done: Callable[[], bool]) -> None:
        """Return in all processes once it is so in each of them, however long that takes."""
        while True:
            open_ = torch.tensor(float(not is_done()))
            if not self.sum(open_):
                return
            time.sleep(PAUSE)


@contextmanager
def joined(training: Training, placement: Placement) -> Iterator[Processes]:
    """Join the processes that torchrun has started, on a GPU each if there are any; leave them at the end.

    Args:
        training: Its precision decides whether a process alone needs a group.
        placement: Whether weights are sharded over all accelerators, or over those of each node.

    Raises:
        CellFailure: There are more processes than rows of a batch, or than GPUs on this node.
    """
    count, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    on_node = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if count > training.batch_size:
        raise CellFailure(
            f"training.batch_size: got {training.batch_size} rows for {count} processes, expected at least one row a "
            "process; take fewer accelerators (resources.training) or a larger batch"
        )
    device = _device(int(os.environ.get("LOCAL_RANK", "0")), on_node)
    if count == 1 and device.type == "cpu" and training.precision == "float32":
        yield Processes(device=device)
        return
    alone: dict[str, Any] = {"store": dist.HashStore(), "rank": 0, "world_size": 1} if count == 1 else {}
    backend = "gloo" if device.type == "cpu" else "cpu:gloo,cuda:nccl"
    dist.init_process_group(backend, timeout=TIMEOUT, **alone)
    mesh = _mesh(device, count, on_node, placement)
    if count == 1:
        try:
            yield Processes(device=device, mesh=mesh)
        finally:
            dist.destroy_process_group()
        return
    peers = Peers(dist.distributed_c10d._get_default_store(), rank, count)
    with peers.watched():
        yield Processes(rank=rank, count=count, device=device, mesh=mesh, peers=peers)
    dist.destroy_process_group()  # not after an error: NCCL would wait for the others


def _device(local_rank: int, on_node: int) -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    if on_node > torch.cuda.device_count():
        raise CellFailure(
            f"{on_node} processes were started on a node with {torch.cuda.device_count()} GPUs, expected one GPU a "
            "process; set resources.training.accelerators_per_node to what its pods get"
        )
    device = torch.device("cuda", local_rank)
    torch.cuda.set_device(device)
    return device


def _mesh(device: torch.device, count: int, on_node: int, placement: Placement) -> DeviceMesh:
    if placement.sharding == "node" and count > on_node:
        return init_device_mesh(device.type, (count // on_node, on_node), mesh_dim_names=("replicas", "shards"))
    return init_device_mesh(device.type, (count,), mesh_dim_names=("shards",))
