"""The donors as a table of effects, and the allocations as a table of mixtures."""

from collections.abc import Iterable

from clt.statistics.analyses.donors.schema import Allocation, Donors, DonorsPart
from clt.statistics.flat_tables import Flattener, Row, flatten

IDENTITY = ("study", "model", "setting", "task", "metric")


def tables(part: DonorsPart, flattener: Flattener) -> dict[str, Iterable[Row]]:
    """The tables `donors` and `allocation`."""
    return {
        "donors": (
            _identity(one) | {"rows": one.rows, "rows_compared": one.rows_compared} | flatten(effect)
            for one in part.donors
            for effect in one.effects
        ),
        "allocation": (_identity(one) | flatten(mixture) for one in part.allocations for mixture in one.mixtures),
    }


def _identity(one: Donors | Allocation) -> Row:
    return {name: getattr(one, name) for name in IDENTITY}
