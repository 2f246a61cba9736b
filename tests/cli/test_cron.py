"""Five fields in, six out: what the back end would read otherwise, and the times that it will read."""

from datetime import UTC, datetime

import pytest

from clt.cli.cron import five_fields, next_times, utc, with_seconds
from clt.errors import UserError

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)  # a Wednesday


def test_the_seconds_are_put_in_front_and_taken_away_again() -> None:
    assert with_seconds("0 3 * * 1") == "0 0 3 * * 1"
    assert five_fields(with_seconds(" 0  3 * * MON ")) == "0 3 * * MON"


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("0 3 * * 1", ["Mon 2026-11-30 03:00 UTC", "Mon 2026-12-07 03:00 UTC", "Mon 2026-12-14 03:00 UTC"]),
        ("*/20 * * * *", ["Wed 2026-11-25 12:40 UTC", "Wed 2026-11-25 13:00 UTC", "Wed 2026-11-25 13:20 UTC"]),
        ("0 0 29 2 *", ["Tue 2028-02-29 00:00 UTC", "Sun 2032-02-29 00:00 UTC", "Fri 2036-02-29 00:00 UTC"]),
        # a day of the month and a weekday: either of them
        ("0 0 1 * 4", ["Thu 2026-11-26 00:00 UTC", "Tue 2026-12-01 00:00 UTC", "Thu 2026-12-03 00:00 UTC"]),
    ],
)
def test_the_next_times(cron: str, times: list[str]) -> None:
    assert [utc(time) for time in next_times(cron, after=NOW)] == times
    assert next_times(with_seconds(cron), after=NOW) == next_times(cron, after=NOW)


def test_an_expression_that_only_the_back_end_knows_has_no_times() -> None:
    assert next_times("@every 5h") == []


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 0 3 * * 1", "got 6 fields, expected 5"),
        ("daily", "got 1 fields, expected 5"),
        ("CRON_TZ=Asia/Tokyo 0 3 * * 1", "got a time zone, expected none"),
        ("61 * * * *", "Bad minute"),
        ("0 0 31 2 *", "Bad day-of-month"),
        ("0 3 * * 7", "expected 0 (Sunday) to 6"),
        ("0 3 * * 1/2", "expected a range before `/` among the weekdays"),
        ("0 3 L * *", "expected numbers, names"),
        ("0 3 * * MON#2", "expected numbers, names"),
    ],
)
def test_what_the_back_end_would_not_read_in_the_same_way_is_refused(cron: str, message: str) -> None:
    with pytest.raises(UserError, match="--cron") as error:
        with_seconds(cron)
    assert message in str(error.value)
