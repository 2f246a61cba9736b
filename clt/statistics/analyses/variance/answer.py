"""Whether single factors explain the scores, in plain sentences."""

from collections.abc import Iterator
from math import prod

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.analyses.variance.schema import Variance
from clt.statistics.rendering.formatting import many, percent, upper_first, words


def what_factors_explain(statistics: Statistics) -> Iterator[str]:
    """Of the analysis with the most tasks, models and languages, within its tasks first; the section shows them all."""
    analyses = [analysis for analysis in statistics.variance if "1" in analysis.by_order]
    if not analyses:
        return
    largest = max(
        analyses, key=lambda analysis: prod(len(levels) for name, levels in analysis.factors.items() if name != "n")
    )
    pooled = "task" in largest.factors
    if largest.within_tasks:
        yield within_tasks(largest, pooled=pooled)
    interactions = sum(share for order, share in largest.by_order.items() if order.isdigit() and order != "1")
    response = "R" if largest.response == "relative" else words(largest.metric)
    yield (
        f"{'Over all tasks together single' if pooled and largest.within_tasks else 'Single'} factors carry "
        f"{percent(largest.by_order['1'])} of the variance of {response}, their combinations "
        f"{percent(interactions)}{_unexplained(largest)} ({largest.scope}; {many(largest.values, 'value')})."
    )
    if largest.statement:
        yield upper_first(largest.statement.rstrip(".")) + "."


def within_tasks(analysis: Variance, *, pooled: bool) -> str:
    """What single factors carry within each task, and why that is more than over all tasks together."""
    shares = [
        f"{percent(task.by_order['1'])} in {words(task.task)} ({task.scale}{'' if task.balanced else '; not balanced'})"
        for task in analysis.within_tasks
    ]
    why = "; tasks put together differ in scale, and that counts as a combination" if pooled else ""
    return f"Within one task single factors carry {', '.join(shares)} of the variance of the scores{why}."


def _unexplained(analysis: Variance) -> str:
    """What is left of the whole where repeated runs tell it; where they do not, which part holds the noise."""
    if not analysis.balanced:
        return "; the design is not balanced, so these do not add up"
    rest = analysis.by_order.get("residual")
    if rest is not None:
        return f"; the rest, {percent(rest)}, is run-to-run noise or not explained"
    last = max((order for order in analysis.by_order if order.isdigit()), key=int)
    held = percent(analysis.by_order[last])
    return f", of which {held}, the highest order, cannot be told from noise" if last != "1" else ""
