"""Which printed claims hold, in a plain sentence."""

from collections.abc import Iterator

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import many


def which_claims_hold(statistics: Statistics) -> Iterator[str]:
    """How many claims the scores reproduce."""
    checks = statistics.claims
    if checks:
        holds = [claim.holds for claim in checks]
        yield (
            f"Of {many(len(checks), 'claim')}, the scores reproduce {holds.count(True)} and do not reproduce "
            f"{holds.count(False)}; {holds.count(None)} cannot be checked with them."
        )
