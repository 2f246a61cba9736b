"""What the scores depend on: main effects against interactions."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.variance.schema import Variance, VariancePart
from clt.statistics.rendering.formatting import percent, slug
from clt.statistics.rendering.svg import Bar, Drawing, Figure, bars

ORDERS = {1: "main effects", 2: "two-way", 3: "three-way", 4: "four-way"}
RESIDUAL = "residual"  # in by_order: what repeated runs differ by
LAST = 4  # style of what no factor explains
MOST = 14  # terms drawn: the others are small, and stand in the table


def figures(part: VariancePart, _: Context) -> list[Figure]:
    """One figure an analysis, in their order."""
    return [
        (
            slug(f"variance {analysis.study} {analysis.scope} {analysis.response} {analysis.metric}"),
            variance_bars(analysis),
        )
        for analysis in part.variance
    ]


def variance_bars(analysis: Variance) -> Drawing:
    orders = sorted(int(order) for order in analysis.by_order if order != RESIDUAL)
    repeated = RESIDUAL in analysis.by_order  # else the highest order is the residual
    stack = [
        Bar(label=_order(order, order == orders[-1] and not repeated), share=analysis.by_order[str(order)], order=order)
        for order in orders
    ]
    if repeated:
        stack.append(Bar(label="repeated runs", share=analysis.by_order[RESIDUAL], order=LAST))
    terms = sorted(analysis.terms, key=lambda term: -term.share)[:MOST]
    parts = [Bar(label=" × ".join(term.factors), share=term.share, order=len(term.factors)) for term in terms]
    said = ", ".join(f"{bar.label} {percent(bar.share)}" for bar in stack)
    return bars(stack, parts, text=f"Shares of the variance ({analysis.scope}): {said}.")


def _order(order: int, residual: bool) -> str:
    name = ORDERS.get(order, f"{order}-way")
    return f"{name}, residual" if residual and order > 1 else name
