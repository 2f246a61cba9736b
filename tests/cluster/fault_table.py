"""How long each fault took to be seen and to be over: printed at the end of the tests, for docs/performance.md."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Fault:
    """Seconds since the fault; NaN for what does not apply."""

    name: str
    start: float = field(default_factory=time.monotonic)
    detected: float = float("nan")
    recovered: float = float("nan")

    def see(self) -> None:
        self.detected = time.monotonic() - self.start

    def end(self) -> None:
        self.recovered = time.monotonic() - self.start


FAULTS: list[Fault] = []


@contextmanager
def fault(name: str) -> Iterator[Fault]:
    """Measure from here; the caller says when the fault was seen (`see`) and over (`end`)."""
    one = Fault(name)
    FAULTS.append(one)
    yield one


def write_table(write: Callable[[str], object]) -> None:
    """As a Markdown table."""
    write("| fault | seconds to detect | seconds to recover |")
    write("|---|---|---|")
    for one in FAULTS:
        write(f"| {one.name} | {_shown(one.detected)} | {_shown(one.recovered)} |")


def _shown(seconds: float) -> str:
    return "–" if seconds != seconds else f"{seconds:.0f}"
