"""Where a row stands in the order in which rows are drawn: a keyed hash of its id, the same on any machine.

An id is hashed once, with 64-bit BLAKE2b, when its source is indexed. A rank mixes that hash with a 128-bit BLAKE2b key
of the names that the order depends on, by two rounds of the SplitMix64 finalizer (Steele, Lea and Flood 2014,
doi:10.1145/2660193.2660195), which is a bijection: different hashes never share a rank. So the ranks of a million rows
take milliseconds, and every cell can order them by its own seed.
"""

import hashlib
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]


def hash_id(identifier: str) -> bytes:
    """Eight bytes, little-endian: what stands for an id in indexes."""
    return hashlib.blake2b(identifier.encode(), digest_size=8).digest()


def in_order(hashes: Hashes, *names: str) -> Hashes:
    """The hashed ids sorted by their rank under a key made of `names`, such as ("train", task, language, seed)."""
    return hashes[np.argsort(ranks(hashes, *names), kind="stable")]


def ranks(hashes: Hashes, *names: str) -> Hashes:
    """One 64-bit rank for each hashed id."""
    key = np.frombuffer(hashlib.blake2b("\0".join(names).encode(), digest_size=16).digest(), dtype="<u8")
    return _finalize(_finalize(hashes ^ key[0]) ^ key[1])


def _finalize(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
