"""What the local runner shows while it works: a bar on a terminal, a line a cell in a log."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from clt.local import Outcome
from clt.study import format_duration


class RunProgress:
    """How far a run is, and how long it will take: what was cheap or dear so far tells what the rest costs."""

    def __init__(self, costs: Mapping[str, float], workers: int) -> None:
        self._costs = dict(costs)  # of the cells that this run has to do, in any unit
        self._workers = workers
        self._began: dict[str, float] = {}
        self._done_cost = self._done_seconds = 0.0
        self.total, self.done, self.failed = len(costs), 0, 0

    @property
    def running(self) -> int:
        return len(self._began)

    def start(self, name: str) -> None:
        self._began[name] = time.monotonic()

    def end(self, outcome: Outcome) -> None:
        del self._began[outcome.name]
        cost = self._costs.pop(outcome.name)
        if outcome.error:
            self.failed += 1
        else:
            self.done += 1
            self._done_cost += cost
            self._done_seconds += outcome.seconds

    def seconds_left(self) -> float | None:
        """None until one cell is done. Never less than the longest cell that is left."""
        if not self._done_cost:
            return None
        now, rate = time.monotonic(), self._done_seconds / self._done_cost
        left = [
            max(0.0, cost * rate - (now - self._began[name] if name in self._began else 0.0))
            for name, cost in self._costs.items()
        ]
        return max([sum(left) / self._workers, *left])

    def left(self) -> str:
        seconds = self.seconds_left()
        return "" if seconds is None or not self._costs else f"about {format_duration(seconds)} left"


class Bar:
    """A terminal's view: one bar for the run, a line for every running cell, failures above it."""

    def __init__(self, state: RunProgress, console: Console) -> None:
        self._state = state
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=False,
            refresh_per_second=2,
        )
        self._run = self._progress.add_task("cells", total=state.total, note="")
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for row in self._rows.values():
            self._progress.remove_task(row)
        self._progress.stop()

    def waiting(self, what: str) -> None:
        self._progress.update(self._run, note=what)

    def started(self, name: str) -> None:
        self._state.start(name)
        self._rows[name] = self._progress.add_task(f"  {escape(name)}", total=None, note="")
        self._refresh()

    def ended(self, outcome: Outcome) -> None:
        self._state.end(outcome)
        self._progress.remove_task(self._rows.pop(outcome.name))
        if outcome.error:
            self._progress.console.print(f"[red]failed[/red] {escape(outcome.name)}: {escape(outcome.error)}")
        self._refresh()

    def _refresh(self) -> None:
        notes = [f"[red]{self._state.failed} failed[/red]" if self._state.failed else "", self._state.left()]
        self._progress.update(
            self._run,
            completed=self._state.done + self._state.failed,
            note=", ".join(note for note in notes if note),
        )


class Lines:
    """A log's view: one line for every cell that starts or ends."""

    def __init__(self, state: RunProgress, console: Console) -> None:
        self._state, self._console = state, console

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def waiting(self, what: str) -> None:
        self._console.out(what, highlight=False)

    def started(self, name: str) -> None:
        self._state.start(name)

    def ended(self, outcome: Outcome) -> None:
        state = self._state
        state.end(outcome)
        what = f"failed: {outcome.error}" if outcome.error else "done"
        notes = [f"{state.failed} failed" if state.failed else "", state.left()]
        self._console.out(
            f"[{state.done + state.failed}/{state.total}] {outcome.name} {what} "
            f"({', '.join([format_duration(outcome.seconds), *(note for note in notes if note)])})",
            highlight=False,
        )


def view(costs: Mapping[str, float], workers: int) -> Bar | Lines:
    """A bar if standard output is a terminal, lines otherwise."""
    console = Console()
    return (Bar if console.is_terminal else Lines)(RunProgress(costs, workers), console)
