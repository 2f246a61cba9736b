"""The answers of a cell as one self-contained page: worst first, a language at a time, readable without scripts."""

from functools import cache
from pathlib import Path
from unicodedata import bidirectional

from jinja2 import Template
from markupsafe import Markup

from clt.languages import is_right_to_left
from clt.statistics.reading.answers import CellAnswers
from clt.statistics.reading.wording import bits_of, item_line, rates_line, scores_line, shown_line, title
from clt.statistics.rendering.formatting import words
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.templating import templates

HERE = Path(__file__).parent
FOLDED = 600  # a text of more characters is folded
RIGHT_TO_LEFT = ("R", "AL")  # Unicode's classes of letters
BEGINNING = 160  # characters of a folded text that stay in sight


def answers_page(cell: CellAnswers) -> str:
    """The whole page. Equal answers give equal bytes."""
    tasks = dict.fromkeys(answers.task for answers in cell.answers)
    return _template().render(
        cell=cell,
        css=Markup(_style()),
        tasks={task: [answers for answers in cell.answers if answers.task == task] for task in tasks},
    )


@cache
def _template() -> Template:
    environment = templates()
    environment.globals.update(
        bits_of=bits_of,
        item_line=item_line,
        rates_line=rates_line,
        scores_line=scores_line,
        shown_line=shown_line,
        title=title,
        words=words,
        direction=_direction,
        folded_from=FOLDED,
        beginning=lambda text: " ".join(text[:BEGINNING].split()),
    )
    return environment.from_string((HERE / "answers.html").read_text(encoding="utf-8"))


def _direction(text: str, code: str) -> str:
    """Of a text that should be in a language; `auto` where none of it is, such as a number in Arabic."""
    if not is_right_to_left(code):
        return "ltr"
    return "rtl" if any(bidirectional(letter) in RIGHT_TO_LEFT for letter in text) else "auto"


@cache
def _style() -> str:
    return page_style() + (HERE / "answers.css").read_text(encoding="utf-8")
