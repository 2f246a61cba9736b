"""What identifies rows: the hashes of an id and of its rendered texts, and one digest for several rows in order.

A plan takes the digest of what it drew, a step of what it writes: equal digests are equal rows.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from clt.data.ranking import Hashes, hash_id

CONTENT = np.dtype("V16")
_ROW = np.dtype([("id", "<u8"), ("content", CONTENT)])


def content_hash(prompt: str, answer: str) -> bytes:
    """16 bytes (128-bit BLAKE2b) that stand for a row's rendered texts."""
    text = prompt.encode()
    return hashlib.blake2b(len(text).to_bytes(8, "little") + text + answer.encode(), digest_size=16).digest()


class RowsDigest:
    """SHA-256 of rows as they come, one after the other."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def add(self, identifier: str, prompt: str, answer: str) -> None:
        """The next row."""
        self._sha256.update(hash_id(identifier) + content_hash(prompt, answer))

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def rows_digest(hashes: Hashes, contents: NDArray[np.void]) -> str:
    """What `RowsDigest` gives for rows with these hashed ids and contents (both of shape (rows,)), in their order."""
    rows = np.empty(len(hashes), _ROW)
    rows["id"], rows["content"] = hashes, contents
    return hashlib.sha256(rows.tobytes()).hexdigest()
