"""The improvement that counts, in words."""

from collections.abc import Iterable

from clt.statistics.curve.schema import Curve
from clt.statistics.curve.summaries import MARGIN_SHARE
from clt.study import METRICS


def margin_words(curves: Iterable[Curve]) -> str:
    """What the margin of these curves is a share of: their metric's range, or, where none is known, their scores'."""
    known = {_is_of_the_metric(curve) for curve in curves}
    whole = {True: "of the metric's range", False: "of the range of the curve's own scores"}
    return f"{MARGIN_SHARE:.0%} " + " or ".join(whole[each] for each in sorted(known, reverse=True))


def _is_of_the_metric(curve: Curve) -> bool:
    facts = METRICS.get(curve.metric)
    if facts is None or facts.high is None:
        return False
    return abs(curve.plateau_at["unseen"].margin - MARGIN_SHARE * (facts.high - facts.low)) < 1e-6
