"""report.html: one self-contained file for people, made from the same values as statistics.json."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from clt.statistics.analyses import Analysis, Section, Statistics
from clt.statistics.rendering.figure_set import FigureSet
from clt.statistics.rendering.formatting import duration, many, percent, plain, points, probability, upper_first
from clt.statistics.rendering.style import page_style
from clt.statistics.rendering.summary import counts, summarize


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
        answers=summarize(statistics, figures.by_analysis),
        missing=_missing(statistics),
        sections=shown,
        titles={section.name: section.title for section, _ in shown},
        absent=absent,
        methods=Markup(methods),
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
    environment.globals["duration"] = duration
    environment.globals["content_policy"] = content_policy()
    environment.filters["upperfirst"] = upper_first
    return environment


def content_policy() -> Markup:
    """What a browser lets our pages do: show themselves, with their own style and nothing else.

    Names and answers of models stand in them: should one ever get through the escaping, it can run and fetch nothing.
    """
    checksum = b64encode(sha256(page_style().encode()).digest()).decode()
    return Markup(f"default-src 'none'; style-src 'sha256-{checksum}'; form-action 'none'")


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
