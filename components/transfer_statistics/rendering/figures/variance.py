"""What the scores depend on: main effects against interactions."""

from components.transfer_statistics.rendering.svg import Bar, Drawing, bars
from components.transfer_statistics.rendering.wording import percent
from components.transfer_statistics.schema import Variance

ORDERS = {1: "main effects", 2: "two-way", 3: "three-way", 4: "four-way"}
MOST = 14  # terms drawn: the others are small, and stand in the table


def variance_bars(analysis: Variance) -> Drawing:
    highest = max((int(order) for order in analysis.by_order), default=1)
    stack = [
        Bar(label=_order(order, highest), share=analysis.by_order[str(order)], order=order)
        for order in sorted(int(one) for one in analysis.by_order)
    ]
    terms = sorted(analysis.terms, key=lambda term: -term.share)[:MOST]
    parts = [Bar(label=" × ".join(term.factors), share=term.share, order=len(term.factors)) for term in terms]
    said = ", ".join(f"{bar.label} {percent(bar.share)}" for bar in stack)
    return bars(stack, parts, text=f"Shares of the variance ({analysis.scope}): {said}.")


def _order(order: int, highest: int) -> str:
    name = ORDERS.get(order, f"{order}-way")
    return f"{name}, residual" if order == highest and highest > 2 else name
