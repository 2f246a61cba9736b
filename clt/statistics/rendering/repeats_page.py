"""repeats.html: the same study several times, one self-contained file."""

from datetime import UTC, datetime

from markupsafe import Markup

from clt.statistics.rendering.page import templates
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.wording import many, plain, words
from clt.statistics.schema import RepeatedCurve, RepeatedStudy

NAMES = {"english": "English", "seen": "S, trained languages", "unseen": "U, held-out languages"}


def render_repeats(compared: RepeatedStudy) -> str:
    """The whole page. Equal repeats give equal bytes."""
    return (
        templates()
        .get_template("repeats.html")
        .render(
            s=compared,
            css=Markup(page_style()),
            count=many(len(compared.repeats), "repeat"),
            repeats={one.study: one for one in compared.repeats},
            minute=_minute,
            names=NAMES,
            words=words,
            forms=[plain(_digits(curve)) for curve in compared.curves],
        )
    )


def _minute(started: str) -> str:
    return datetime.fromisoformat(started).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _digits(curve: RepeatedCurve) -> int:
    """Three decimals where scores stay below 2, two where they do not."""
    largest = max((one.largest for one in curve.between if one.largest is not None), default=0.0)
    return 3 if largest <= 2 else 2
