"""What a step runs on and with: recorded in its manifest, never part of a key."""

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

IMAGE_VARIABLE = "CLT_IMAGE"  # by which a pod knows its image: nothing in a container says it
KERNEL_MODULES = Path("/sys/module")  # what it says of the host's driver is the same in all its containers


def environment(packages: Sequence[str], device: "torch.device") -> dict[str, Any]:
    """Package versions, hardware, driver, threads and image; no host name and no path.

    What cannot be known is left out: an image outside a pod that was told of it, a driver that does not say its
    version.

    Args:
        packages: The distributions whose versions can matter to the step's results.
        device: What the step computes on.
    """
    import torch

    facts = {
        "python": platform.python_version(),
        "clt": version("cross-lingual-transfer"),
        "packages": {name: version(name) for name in packages},
        **(_accelerator(device) if device.type == "cuda" else _processor()),
        "cpu_threads": torch.get_num_threads(),
    }
    image = os.environ.get(IMAGE_VARIABLE, "")
    return facts | ({"image": _without_registry(image)} if image else {})


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


def _processor() -> dict[str, str]:
    """Its kind, and the instructions that torch uses of it: processors with others round differently."""
    import torch

    capability: str = torch.backends.cpu.get_cpu_capability()
    return {"device": f"cpu {platform.machine()}", "cpu_capability": capability}


def _accelerator(device: "torch.device") -> dict[str, str]:
    import torch

    amd = torch.version.hip
    runtime = f"ROCm {amd}" if amd else f"CUDA {torch.version.cuda}"
    module = KERNEL_MODULES / ("amdgpu" if amd else "nvidia") / "version"  # AMD's has none where the kernel brought it
    driver = {"driver": module.read_text(encoding="ascii").strip()} if module.is_file() else {}
    return {"device": torch.cuda.get_device_name(device), "accelerator_runtime": runtime, **driver}


def _without_registry(image: str) -> str:
    """The same image is pulled from several registries, and an address is nobody's business."""
    first, slash, rest = image.partition("/")
    return rest if slash and (first == "localhost" or "." in first or ":" in first) else image
