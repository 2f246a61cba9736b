"""Pages of answers beside a report: every cell of a small study, and the report leads to each."""

import re
from pathlib import Path

import pytest

from clt.statistics import report
from clt.statistics.reading import beside_report
from clt.statistics.reading.beside_report import write_pages
from clt.statistics.rendering.page import ANSWERS_PLACE
from clt.store import Store, open_store
from clt.study import StudyRecord
from tests.answered_study import Told, store_answers, told_record
from tests.statistics.reading.conftest import EXAMPLES, told

LINK = re.compile(r'<a href="(samples/[^"]+)">')


@pytest.fixture(scope="module")
def record() -> StudyRecord:
    return told_record()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, record: StudyRecord) -> Store:
    opened = open_store(tmp_path_factory.mktemp("store"))
    for cell in record.grid.cells:
        said = {place: said for place, said in told().said.items() if place[0] in cell.tasks}
        store_answers(opened, record, cell, Told(said=said, examples=EXAMPLES))
    return opened


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in (folder / "samples").rglob("*") if path.is_file()}


def test_a_report_has_a_page_for_every_evaluated_cell_and_leads_to_it(
    store: Store, record: StudyRecord, tmp_path: Path
) -> None:
    report(store.uri, [record.key], tmp_path)
    assert files(tmp_path) == {f"samples/{cell.key}.html" for cell in record.grid.cells}
    assert set(LINK.findall((tmp_path / "report.html").read_text(encoding="utf-8"))) == files(tmp_path)


def test_pages_can_be_left_out(store: Store, record: StudyRecord, tmp_path: Path) -> None:
    report(store.uri, [record.key], tmp_path, samples=False)
    assert files(tmp_path) == set() and not LINK.search((tmp_path / "report.html").read_text(encoding="utf-8"))


def test_of_many_cells_both_ends_of_each_curve_and_base_models_have_pages(
    store: Store, record: StudyRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside_report, "MAX_PAGES", 4)
    linked = write_pages(store, [record.key], ANSWERS_PLACE, tmp_path)
    assert len(LINK.findall(linked)) == 4 and "of 5 cells\n4: base models" in linked


def test_a_study_without_answers_has_no_list(record: StudyRecord, tmp_path: Path) -> None:
    from clt.store import publish_record

    empty = open_store(tmp_path / "store")
    publish_record(empty, record)
    assert write_pages(empty, [record.key], ANSWERS_PLACE, tmp_path / "out") == ANSWERS_PLACE
