"""What makes a training reproducible, and what it ran on."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from clt.models import cpu_threads, environment

PACKAGES = ("torch", "transformers", "accelerate", "peft", "tokenizers", "safetensors", "numpy")


def training_environment(device: torch.device, processes: int) -> dict[str, Any]:
    """What `TrainingMetadata.environment` says."""
    return environment(PACKAGES, device) | {"processes": processes}


@contextmanager
def reproducible(threads: int) -> Iterator[None]:
    """Fix the number of threads and choose deterministic algorithms on a CPU; put back what was there before."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    switches: Any = torch.utils.deterministic
    fill = switches.fill_uninitialized_memory
    if not torch.cuda.is_available():
        torch.use_deterministic_algorithms(True)
        # Would fill every new tensor with NaN first, to make bugs visible; it costs time and changes no result.
        switches.fill_uninitialized_memory = False
    # A tokenizer's own threads are for long lists, and warn when a worker process was forked after their use.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        with cpu_threads(threads):
            yield
    finally:
        torch.use_deterministic_algorithms(deterministic)
        switches.fill_uninitialized_memory = fill


def set_seed(*parts: object) -> None:
    """Seed torch, on every device, from what the following randomness is for.

    Every optimizer step is seeded by its number, so there is no random state to save: the position says it.
    """
    text = "/".join(map(str, parts))
    torch.manual_seed(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1)
