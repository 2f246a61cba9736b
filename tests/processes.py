"""Other processes, met by events: what they write to a pipe, and their end."""

import os
import select
from pathlib import Path


class Pipe:
    """A named pipe that other processes open by its path; open at both ends here, so nobody waits to open it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end = os.open(path, os.O_RDWR)

    def read(self, size: int) -> bytes:
        """So many bytes; waits for them."""
        content = b""
        while len(content) < size:
            content += os.read(self._end, size - len(content))
        return content

    def read_line(self) -> str:
        """Waits for a whole line."""
        line = b""
        while not line.endswith(b"\n"):
            line += self.read(1)
        return line.decode().rstrip("\n")

    def write(self, content: bytes) -> None:
        os.write(self._end, content)


def has_ended(pid: int, seconds: float = 0.0) -> bool:
    """Whether a process ends within so many seconds; it may still wait for its parent to read its exit status."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], seconds)[0])
    finally:
        os.close(process)
