"""repeats.html: the same study several times, one self-contained file."""

from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from clt.statistics.rendering.formatting import many, plain, words
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.templating import templates
from clt.statistics.repeats.schema import RepeatedCurve, RepeatedStudy

TEMPLATE = Path(__file__).with_name("repeats.html")
NAMES = {"english": "English", "seen": "S, trained languages", "unseen": "U, held-out languages"}


def render_repeats(compared: RepeatedStudy) -> str:
    """The whole page. Equal repeats give equal bytes."""
    template = templates().from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        s=compared,
        css=Markup(page_style()),
        count=many(len(compared.repeats), "repeat"),
        repeats={repeat.study: repeat for repeat in compared.repeats},
        minute=_minute,
        names=NAMES,
        words=words,
        forms=[plain(_digits(curve)) for curve in compared.curves],
    )


def _minute(started: str) -> str:
    return datetime.fromisoformat(started).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _digits(curve: RepeatedCurve) -> int:
    """Three decimals where scores stay below 2, two where they do not."""
    largest = max((each.largest for each in curve.between if each.largest is not None), default=0.0)
    return 3 if largest <= 2 else 2
