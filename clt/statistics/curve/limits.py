"""Curves whose scores are all the worst, or all the best, that their metric has: nothing can be seen to change."""

from clt.statistics.curve.schema import Curve
from clt.study import METRICS


def limit_of(curve: Curve) -> str:
    """In words, such as "every score is 0, the floor"; empty where scores differ or the metric's range is not known."""
    facts = METRICS.get(curve.metric)
    values = {estimate.value for point in curve.points for estimate in point.per_language.values()}
    if facts is None or len(values) != 1:
        return ""
    (value,) = values
    worst, best = (facts.low, facts.high) if facts.higher_is_better else (facts.high, facts.low)
    if value is None or value not in (worst, best):
        return ""
    return f"every score is {value:g}, the {'floor' if value == worst else 'ceiling'}"
