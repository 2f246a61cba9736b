"""Which printed claims hold, in a plain sentence."""

from collections.abc import Iterator

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import many


def which_claims_hold(statistics: Statistics) -> Iterator[str]:
    """How many claims the scores reproduce."""
    found = statistics.claims
    if found:
        holds = [claim.holds for claim in found]
        yield (
            f"Of {many(len(found), 'claim')}, the scores reproduce {holds.count(True)} and do not reproduce "
            f"{holds.count(False)}; {holds.count(None)} cannot be checked with them."
        )
