"""report.html: one self-contained file for people, made from the same values as statistics.json."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from clt.statistics.analyses import Analysis, Section, Statistics
from clt.statistics.rendering.figure_set import FigureSet
from clt.statistics.rendering.formatting import many
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.summary import counts, first_words, summarize
from clt.statistics.rendering.templating import templates

ANSWERS_PLACE = "<!-- answers to read -->"  # in the page: where a report beside pages of answers lists them


def render(statistics: Statistics, figures: FigureSet) -> str:
    """The whole page, a section for every drawn analysis. Equal statistics give equal bytes: it holds no dates."""
    environment = templates()
    shown: list[tuple[Section[Any], Markup]] = []
    absent: list[Section[Any]] = []
    methods = ""
    for analysis, section in _sections(figures):
        part = analysis.part_of(statistics)
        content = section.view(part, replace(figures.context, figures=figures.by_analysis[analysis]))
        if content is None:
            absent.append(section)
        else:
            shown.append((section, Markup(_filled(environment, section.template, content))))
        methods += _filled(environment, section.methods, {"part": part}) if section.methods else ""
    return environment.get_template("page.html").render(
        s=statistics,
        css=Markup(page_style()),
        counts=counts(statistics),
        answers=(answers := summarize(statistics, figures.by_analysis)),
        first=first_words(answers),
        missing=_missing(statistics),
        leading=[pair for pair in shown if pair[0].leads],
        sections=[pair for pair in shown if not pair[0].leads],
        titles={section.name: section.title for section, _ in shown},
        absent=absent,
        answers_place=Markup(ANSWERS_PLACE),
        methods=Markup(methods),
    )


def _sections(figures: FigureSet) -> list[tuple[Analysis[Any], Section[Any]]]:
    """In the order of the page."""
    sections = [(analysis, analysis.section) for analysis in figures.by_analysis if analysis.section is not None]
    return sorted(sections, key=lambda each: each[1].place)


def _filled(environment: Environment, template: Path, content: dict[str, Any]) -> str:
    return environment.from_string(template.read_text(encoding="utf-8")).render(content)


def _missing(statistics: Statistics) -> str:
    """The sentence that heads the list of missing cells."""
    cells = len(statistics.missing_cells)
    if cells == 1:
        return "1 cell is missing, and everything below is computed without it"
    return f"{many(cells, 'cell')} are missing, and everything below is computed without them"
