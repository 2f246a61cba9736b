"""How long each fault took to be seen and to be over: printed at the end of the tests, for docs/performance.md."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field


@dataclass
class Fault:
    """Seconds since the fault; NaN for what does not apply."""

    start: float = field(default_factory=time.monotonic)
    detected: float = float("nan")
    recovered: float = float("nan")

    def see(self) -> None:
        self.detected = time.monotonic() - self.start

    def end(self) -> None:
        self.recovered = time.monotonic() - self.start


Measure = Callable[[str], AbstractContextManager[Fault]]


def write_table(faults: Iterable[tuple[str, float, float]], write: Callable[[str], object]) -> None:
    """As a Markdown table."""
    write("| fault | seconds to detect | seconds to recover |")
    write("|---|---|---|")
    for name, detected, recovered in faults:
        write(f"| {name} | {_shown(detected)} | {_shown(recovered)} |")


def _shown(seconds: float) -> str:
    return "–" if seconds != seconds else f"{seconds:.0f}"
