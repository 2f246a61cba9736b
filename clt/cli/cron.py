"""Times of a recurring run, in the usual five fields.

The back end reads cron expressions with the seconds in front: five fields would fire every minute or second. It does
not know time zones, last days (L) and n-th weekdays (#), nor 7 for Sunday.
"""

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from clt.errors import UserError

FIELDS = "minute hour day month weekday, such as '0 3 * * 1' (Mondays at 3:00)"
PART = re.compile(r"[0-9A-Za-z*,/-]+")
EXTENSIONS = re.compile(r"(?<![A-Za-z])(L|LW|[0-9]L)(?![A-Za-z])", re.IGNORECASE)


def with_seconds(cron: str) -> str:
    """The expression as the back end reads it. Raises UserError for what is not a valid expression of five fields."""
    parts = cron.split()
    if "TZ=" in cron.upper():
        raise UserError(f"--cron {cron!r}: got a time zone, expected none: the back end refuses it; times are UTC")
    if len(parts) != 5:
        raise UserError(f"--cron {cron!r}: got {len(parts)} fields, expected 5: {FIELDS}")
    if not all(PART.fullmatch(part) for part in parts) or any(EXTENSIONS.search(part) for part in parts):
        raise UserError(f"--cron {cron!r}: expected numbers, names, `*`, `,`, `-` and `/` in {FIELDS}")
    if "7" in re.split(r"[,/-]", parts[4]):
        raise UserError(f"--cron {cron!r}: got 7 as a weekday, expected 0 (Sunday) to 6: the back end does not know 7")
    if re.search(r"(^|,)[^-*,/]+/", parts[4]):  # the last weekday is 6 there and 7 in what computes the next times
        raise UserError(f"--cron {cron!r}: expected a range before `/` among the weekdays, such as 1-5/2")
    try:
        next(CronSim(cron, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        raise UserError(f"--cron {cron!r}: {str(error) or 'no such day'}, expected {FIELDS}") from None
    return " ".join(["0", *parts])


def five_fields(cron: str) -> str:
    """The back end's expression as people write it; one with other seconds than 0 stays as it is."""
    return cron.removeprefix("0 ") if len(cron.split()) == 6 else cron


def next_times(cron: str, count: int = 3, after: datetime | None = None) -> list[datetime]:
    """The next times (UTC) of an expression with five or six fields; none if only the back end understands it."""
    try:
        times = CronSim(cron, after or datetime.now(UTC))
        return [next(times) for _ in range(count)]
    except (CronSimError, StopIteration):
        return []


def utc(time: datetime) -> str:
    """Mon 2026-11-30 03:00 UTC."""
    return time.astimezone(UTC).strftime("%a %Y-%m-%d %H:%M UTC")
