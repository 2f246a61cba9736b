"""How far a training is: a callback, or a bar for a training that runs alone in a terminal."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Called by the main process after every optimizer step with (step, steps in all, loss in nats per answer token,
# tokens per second).
OnStep = Callable[[int, int, float, float], None]


@contextmanager
def progress_bar(on_step: OnStep | None, name: str) -> Iterator[OnStep]:
    """The callback itself; without one a bar if this is the only process in a terminal, and nothing otherwise."""
    if on_step is not None or not sys.stderr.isatty() or multiprocessing.parent_process() is not None:
        yield on_step or (lambda *_: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TimeRemainingColumn

    counts = "step {task.completed} of {task.total}, loss {task.fields[loss]:.3f}"
    columns = ("{task.description}", BarColumn(), TimeRemainingColumn(), counts)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None, loss=float("nan"))
        yield lambda step, steps, loss, _: bar.update(task, completed=step, total=steps, loss=loss)
