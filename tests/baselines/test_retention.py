"""Which runs of a baseline are outside of retention, whatever their order and the clocks they were begun by."""

from collections.abc import Collection

import pytest

from clt.baselines.artifacts import CompleteRun
from clt.baselines.retention import outside_of
from clt.study import Keep


def run(number: int, started: str) -> CompleteRun:
    return CompleteRun(
        run=f"r{number}",
        number=number,
        study_key=f"weekly-{number}",
        seeds=[number],
        started=started,
        means={},
        scored={},
        items={},
        made_with={},
        cells={},
    )


# weekly from 5 January to 9 March 2026: the first of months are 1, 5 and 9
RUNS = [
    run(number, f"2026-{day}T06:00:00+00:00")
    for number, day in enumerate(
        ["01-05", "01-12", "01-19", "01-26", "02-02", "02-09", "02-16", "02-23", "03-02", "03-09"], start=1
    )
]


def old(keep: Keep, runs: list[CompleteRun] = RUNS, pinned: Collection[str] = ()) -> list[int]:
    return [each.number for each in outside_of(keep, runs, pinned)]


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (Keep(), [2]),  # the last 8, and the first of January
        (Keep(runs=3), [2, 3, 4, 6, 7]),
        (Keep(runs=3, monthly=False), [1, 2, 3, 4, 5, 6, 7]),
        (Keep(runs=1, monthly=False), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Keep(runs=10, monthly=False), []),
        (Keep(runs=99), []),
    ],
)
def test_the_last_ones_and_the_first_of_each_month_stay(keep: Keep, expected: list[int]) -> None:
    assert old(keep) == old(keep, RUNS[::-1]) == expected


def test_a_pinned_run_stays_whatever_its_age() -> None:
    assert old(Keep(runs=3, monthly=False), pinned=["r2"]) == [1, 3, 4, 5, 6, 7]


def test_a_clock_that_jumps_costs_no_run_of_the_last_ones() -> None:
    """The order is by number; a wrong month is one more run that stays."""
    jumped = [*RUNS[:8], run(9, "1970-01-01T00:00:00+00:00"), run(10, "2026-03-09T06:00:00+00:00")]
    assert old(Keep(runs=2), jumped) == [2, 3, 4, 6, 7, 8]
    assert old(Keep(runs=1), jumped) == [2, 3, 4, 6, 7, 8]


def test_no_runs_have_no_old_ones() -> None:
    assert old(Keep(), []) == []
