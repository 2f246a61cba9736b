"""What happened over the checkpoints of one trained point."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.figures import ROLES
from clt.statistics.analyses.dynamics.schema import Dynamics, DynamicsPart
from clt.statistics.rendering.formatting import plain
from clt.statistics.rendering.svg import SMALL, Drawing, Figure, Series, line_chart


def figures(part: DynamicsPart, context: Context) -> list[Figure]:
    """A chart for every trained point, in their order."""
    return [
        (
            f"dynamics-{context.names.anchors[one.curve]}-n{one.samples_per_language}",
            dynamics_chart(one, f"{context.names.full(one.curve)}, n = {one.samples_per_language}"),
        )
        for one in part.dynamics
    ]


def dynamics_chart(found: Dynamics, name: str) -> Drawing:
    """EN, S and U against optimizer steps; small, since there may be many."""
    series = [
        Series(
            name=label,
            style=role,
            values=[getattr(point, role).value for point in found.points],
            low=[getattr(point, role).low for point in found.points],
            high=[getattr(point, role).high for point in found.points],
        )
        for label, role in ROLES
    ]
    form = plain(2)
    half = [
        f"half of the change of {symbol} by step {form(one.value)}"
        for symbol, one in (("S", found.half_seen), ("U", found.half_unseen))
        if one.value is not None
    ]
    text = f"English, S and U against optimizer steps: {name}. {'; '.join([*half, f'U {found.answer}'])}."
    return line_chart(series, [str(point.step) for point in found.points], text=text, frame=SMALL)
