"""What the runner shows: counts that add up, and a time left that follows from what was done."""

import io
import re

import pytest
from rich.console import Console

from clt.cli.run_progress import Bar, Lines, RunProgress
from clt.local.workers import Outcome
from clt.study import format_duration

COSTS = {"a": 10.0, "b": 10.0, "c": 20.0}


def test_time_left_scales_with_cost_and_workers() -> None:
    progress = RunProgress(COSTS, workers=2)
    progress.start("a")
    assert progress.seconds_left() is None
    progress.end(Outcome(name="a", seconds=5.0))
    assert progress.seconds_left() == pytest.approx(10.0)  # c alone takes that long, whatever b does
    progress.start("c")
    progress.end(Outcome(name="c", seconds=10.0, error="no"))
    assert progress.seconds_left() == pytest.approx(5.0)
    assert (progress.done, progress.failed, progress.total) == (1, 1, 3)


def test_a_log_has_a_line_a_cell() -> None:
    out = io.StringIO()
    with Lines(RunProgress(COSTS, 1), Console(file=out, width=40)) as shown:
        for name, error in (("a", ""), ("b", "data[3] is bad"), ("c", "")):
            shown.started(name)
            shown.ended(Outcome(name=name, seconds=1.0, error=error))
    assert out.getvalue().splitlines() == [
        "[1/3] a done (1.0 s, about 3.0 s left)",
        "[2/3] b failed: data[3] is bad (1.0 s, 1 failed, about 2.0 s left)",
        "[3/3] c done (1.0 s, 1 failed)",
    ]


def test_a_terminal_shows_running_cells_and_failures() -> None:
    out = io.StringIO()
    with Bar(RunProgress(COSTS, 1), Console(file=out, width=120, force_terminal=True)) as shown:
        shown.started("a")
        shown.ended(Outcome(name="a", seconds=1.0))
        shown.started("b")
        shown._progress.refresh()
        shown.ended(Outcome(name="b", seconds=1.0, error="data[3] is bad"))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "  b " in text and "failed b: data[3] is bad" in text
    assert re.search(r"cells .*2/3.*1 failed, about 2\.0 s left", text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(9.54, "9.5 s"), (59.96, "1:00 min"), (725, "12:05 min"), (3599.7, "1:00:00 h"), (11220, "3:07:00 h")],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_the_start_of_the_workers_is_shown_until_a_cell_runs() -> None:
    out, log = io.StringIO(), io.StringIO()
    with Bar(RunProgress(COSTS, 1), Console(file=out, width=120, force_terminal=True)) as shown:
        shown.waiting("starting 2 workers")
        shown._progress.refresh()
        assert "starting 2 workers" in out.getvalue()
        shown.started("a")
        out.truncate(0)
        shown._progress.refresh()
        assert "starting 2 workers" not in out.getvalue()
    with Lines(RunProgress(COSTS, 1), Console(file=log, width=40)) as lines:
        lines.waiting("starting 2 workers")
    assert log.getvalue() == "starting 2 workers\n"
