"""report.html: one self-contained file for people, made from the same values as statistics.json."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from clt.statistics.rendering.brief import brief, counts
from clt.statistics.rendering.figures import Album
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.views import (
    bases,
    claims,
    comparisons,
    conditions,
    curves,
    dynamics,
    findings,
    gains,
    languages,
    matrix,
    outliers,
    recommendation,
    variance,
)
from clt.statistics.rendering.views.context import Context
from clt.statistics.rendering.wording import Digits, Names, many, percent, plain, points, probability, upper_first
from clt.statistics.schema import Statistics

View = Callable[[Context], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Section:
    name: str  # anchor, and name of the template
    title: str
    view: View
    needs: str  # what the input lacks where the section is empty


SECTIONS = (
    Section("findings", "What transferred, curve by curve", findings.view, "trained points"),
    Section("recommendation", "Which mixture to train on", recommendation.view, "a curve with n = 0"),
    Section("curves", "Every curve", curves.view, "trained points"),
    Section("gains", "Gains of relative performance", gains.view, "a curve with n = 0 and a defined R"),
    Section("variance", "Single factors or their combination", variance.view, "several factors with two levels each"),
    Section("conditions", "Conditions for effective transfer", conditions.view, "a curve with n = 0"),
    Section("comparisons", "Comparisons", comparisons.view, "two curves that differ in one thing"),
    Section("claims", "What the tables reproduce and what they do not", claims.view, "a file of claims"),
    Section("outliers", "Outliers and noise", outliers.view, "repeated runs"),
    Section("dynamics", "Over the checkpoints of training", dynamics.view, "scores of several checkpoints"),
    Section("matrix", "Which language moves which", matrix.view, "a curve with n = 0"),
    Section("languages", "Languages", languages.view, "facts about these languages"),
    Section("bases", "Base models, without training", bases.view, "scores of untrained models"),
)


def render(statistics: Statistics, album: Album) -> str:
    """The whole page. Equal statistics give equal bytes: it holds no dates."""
    environment = templates()
    context = Context(statistics=statistics, album=album, names=Names.of(statistics), digits=Digits.of(statistics))
    shown, absent = [], []
    for section in SECTIONS:
        content = section.view(context)
        if content is None:
            absent.append(section)
        else:
            text = environment.get_template(f"{section.name}.html").render(content)
            shown.append((section, Markup(text)))
    return environment.get_template("page.html").render(
        s=statistics,
        css=Markup(page_style()),
        counts=counts(statistics),
        answers=brief(statistics),
        missing=_missing(statistics),
        sections=shown,
        titles={section.name: section.title for section, _ in shown},
        absent=absent,
    )


def templates() -> Environment:
    """The folder of templates, with what they may use."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(plain=plain, percent=percent, points=points, probability=probability)
    environment.filters["upperfirst"] = upper_first
    return environment


def _missing(statistics: Statistics) -> str:
    """The sentence that heads the list of missing cells."""
    cells = len(statistics.missing_cells)
    if cells == 1:
        return "1 cell is missing, and everything below is computed without it"
    return f"{many(cells, 'cell')} are missing, and everything below is computed without them"
