"""What a step runs on and with: recorded in its manifest, never part of a key."""

import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def environment(packages: Sequence[str], device: "torch.device") -> dict[str, Any]:
    """Package versions, hardware and threads; no host name and no path.

    Args:
        packages: The distributions whose versions can matter to the step's results.
        device: What the step computes on.
    """
    import torch

    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu {platform.machine()}",
        "cpu_threads": torch.get_num_threads(),
    }


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """torch with this many threads while the block runs: on a CPU the same count gives the same bits."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
