"""What a training ran on and with: recorded, never part of a key."""

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import torch

PACKAGES = ("torch", "transformers", "accelerate", "peft", "tokenizers", "safetensors", "numpy")


def environment(device: torch.device, processes: int) -> dict[str, Any]:
    """Package versions, hardware and threads; no host name and no path."""
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu {platform.machine()}",
        "cpu_threads": torch.get_num_threads(),
        "processes": processes,
    }


@contextmanager
def reproducible(cpu_threads: int) -> Iterator[None]:
    """Fix the number of threads and choose deterministic algorithms on a CPU; put back what was there before."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    switches: Any = torch.utils.deterministic
    fill = switches.fill_uninitialized_memory
    torch.set_num_threads(cpu_threads)
    if not torch.cuda.is_available():
        torch.use_deterministic_algorithms(True)
        # Would fill every new tensor with NaN first, to make bugs visible; it costs time and changes no result.
        switches.fill_uninitialized_memory = False
    # A tokenizer's own threads are for long lists, and warn when a worker process was forked after their use.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        switches.fill_uninitialized_memory = fill


def set_seed(*parts: object) -> None:
    """Seed torch, on every device, from what the following randomness is for.

    Every optimizer step is seeded by its number, so there is no random state to save: the position says it.
    """
    text = "/".join(map(str, parts))
    torch.manual_seed(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1)
