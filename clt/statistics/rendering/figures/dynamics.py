"""What happened over the checkpoints of one trained point."""

from clt.statistics.rendering.figures.curves import ROLES
from clt.statistics.rendering.svg import SMALL, Drawing, Series, line_chart
from clt.statistics.rendering.wording import plain
from clt.statistics.schema import Dynamics


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
