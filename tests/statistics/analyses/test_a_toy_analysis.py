"""A new statistic is a folder's worth of objects and one entry in ANALYSES: every kind of output has it."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clt.statistics.analyses
from clt.statistics import compute_statistics, write_report
from clt.statistics.analyses import ANALYSES, Analysis, Context, Inputs, Question, Section, Statistics
from clt.statistics.document import document_model
from clt.statistics.rendering.svg import Bar, Figure, bars
from clt.statistics.values import Document

TEMPLATE = """\
<p>Languages of every curve, <em>{{ of }}</em>.</p>
<ul>
{% for count in counts %}
<li>{{ count.curve }}: {{ count.languages }}</li>
{% endfor %}
</ul>
"""


class LanguageCount(Document):
    """How many languages a curve has."""

    curve: str
    languages: int


class LanguageCountsPart(Document):
    language_counts: list[LanguageCount]


def compute(inputs: Inputs, earlier: Statistics) -> LanguageCountsPart:
    mains = {curve.id for curve in earlier.curves if curve.main_metric}
    counts = [LanguageCount(curve=data.id, languages=len(data.roles.languages)) for data in inputs.curves]
    return LanguageCountsPart(language_counts=[count for count in counts if count.curve in mains])


def view(part: LanguageCountsPart, context: Context) -> dict[str, Any] | None:
    return {"counts": part.language_counts, "of": context.statistics.title} if part.language_counts else None


def figures(part: LanguageCountsPart, _: Context) -> list[Figure]:
    counts = [Bar(label=count.curve, share=count.languages / 10, order=1) for count in part.language_counts]
    return [("language-counts", bars(counts, counts, text="Languages of every curve."))]


@pytest.fixture
def toy(tmp_path: Path) -> Analysis[LanguageCountsPart]:
    template, methods = tmp_path / "section.html", tmp_path / "methods.html"
    template.write_text(TEMPLATE)
    methods.write_text("<li>{{ part.language_counts|length }} curves were counted.</li>\n")
    section = Section(
        name="counts",
        title="How many languages",
        needs="curves",
        view=view,
        template=template,
        place=15,
        methods=methods,
    )
    questions = (
        Question("How many languages?", lambda statistics: iter([f"Of {len(statistics.curves)} curves, all."]), 15),
    )
    return Analysis(part=LanguageCountsPart, compute=compute, section=section, questions=questions, figures=figures)


def test_a_new_analysis_is_in_the_document_the_page_the_figures_and_the_tables(
    toy: Analysis[LanguageCountsPart], make_rows: Callable[..., pd.DataFrame], table_of: Callable, tmp_path: Path
) -> None:
    table, analyses = table_of(make_rows(items=5)), (*ANALYSES, toy)
    statistics = compute_statistics(table, analyses=analyses)
    folder = write_report(statistics, table, tmp_path / "out", analyses=analyses)
    document = json.loads((folder / "statistics.json").read_text())
    curve = document["curves"][0]["id"]
    assert document["language_counts"] == [{"curve": curve, "languages": 8}]
    assert list(document)[-3:] == ["language_counts", "missing_cells", "provenance"]
    page = (folder / "report.html").read_text()
    assert f"<li>{curve}: 8</li>" in page and "<li>1 curves were counted.</li>" in page
    assert page.index("How many languages?") < page.index("Of 1 curves, all.") < page.index('<h2 id="findings">')
    order = [page.index(f'<h2 id="{name}">') for name in ("findings", "counts", "recommendation")]
    assert order == sorted(order)
    assert (folder / "figures/language-counts.svg").exists()
    assert pd.read_csv(folder / "tables/language_counts.csv")["languages"].tolist() == [8]


def test_a_document_with_a_new_part_is_read_again(
    toy: Analysis[LanguageCountsPart], make_rows: Callable[..., pd.DataFrame], table_of: Callable
) -> None:
    statistics = compute_statistics(table_of(make_rows(items=5)), analyses=(*ANALYSES, toy))
    model = document_model((*ANALYSES, toy))
    assert model.model_validate_json(statistics.model_dump_json()) == statistics


def test_an_analysis_reads_only_what_stands_before_it(
    toy: Analysis[LanguageCountsPart], make_rows: Callable[..., pd.DataFrame], table_of: Callable
) -> None:
    with pytest.raises(AttributeError, match="curves"):
        compute_statistics(table_of(make_rows(items=5)), analyses=(toy, *ANALYSES))


def test_a_template_that_is_not_there_is_named_when_the_section_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"section 'counts': there is no template .*missing\.html"):
        Section(name="counts", title="Counts", needs="curves", view=view, template=tmp_path / "missing.html")


def test_every_folder_of_analyses_has_its_place() -> None:
    folders = {path.parent.name for path in Path(clt.statistics.analyses.__path__[0]).glob("*/analysis.py")}
    modules = {analysis.compute.__module__.split(".")[3] for analysis in ANALYSES}
    assert folders == modules, "ANALYSES, in clt/statistics/analyses/__init__.py, lists each of them once"


def test_every_part_is_explained() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert [name for name in document_model(ANALYSES).model_fields if f"`{name}`" not in page] == ["title"]


def test_what_is_declared_for_type_checkers_is_what_the_analyses_hold() -> None:
    assert not Statistics.model_fields, "at run time the analyses alone say what the fields are"
    block = inspect.getsource(Statistics).partition("if TYPE_CHECKING:\n")[2]
    names = [line.partition(":")[0].strip() for line in block.splitlines() if ":" in line]
    assert names == list(document_model(ANALYSES).model_fields)
