"""The pages of answers beside a report, and their list in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clt.statistics.reading.answers import cell_answers
from clt.statistics.reading.page import answers_page
from clt.statistics.rendering.page import ANSWERS_PLACE
from clt.statistics.rendering.templating import templates
from clt.store import Store, read_record
from clt.study import Cell, Point, StudyRecord

FOLDER = "samples"
MAX_PAGES = 30
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    record: StudyRecord
    cell: Cell
    path: str  # below the report's folder


def write_pages(store: Store, study_keys: Sequence[str], report: str, folder: Path) -> str:
    """Write pages of answers below a folder, and list them in a report.

    All evaluated cells have one if they are at most MAX_PAGES; of more, so many of those that the report's first
    screen compares: base models, and English alone and the largest n of each curve in its first seed.

    Args:
        store: Holds the studies and their evaluations.
        study_keys: Keys of the report's studies.
        report: The text of the report.
        folder: Gets samples/.

    Returns:
        The report with links to the pages.

    Raises:
        StoreError: Something that belongs to an evaluation is damaged.
    """
    records = [read_record(store, key) for key in study_keys]
    pages = _pages(store, records)
    for page in pages:
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(answers_page(cell_answers(store, page.record, page.cell)), encoding="utf-8")
    if not pages:
        return report
    template = templates().from_string((HERE / "links.html").read_text(encoding="utf-8"))
    cells = sum(len(record.grid.cells) for record in records)
    links = [(page.cell.key, page.path) for page in pages]
    return report.replace(ANSWERS_PLACE, template.render(links=links, cells=cells), 1)


def _pages(store: Store, records: Sequence[StudyRecord]) -> list[_Page]:
    """Of the cells that can be read: scores alone are enough for a report, so items may be missing."""
    cells = [(record, cell) for record in records for cell in record.grid.cells]
    if len(cells) > MAX_PAGES:
        cells = [(record, cell) for record in records for cell in _compared(record)]
    needed = {
        key
        for record, cell in cells
        for key in (record.evaluation_key(cell), *(record.items_key(task) for task in cell.tasks))
    }
    there = store.manifests(sorted(needed))
    pages = []
    for record, cell in cells:
        below = f"{FOLDER}/{record.key}" if len(records) > 1 else FOLDER
        if there.keys() >= {record.evaluation_key(cell), *(record.items_key(task) for task in cell.tasks)}:
            pages.append(_Page(record=record, cell=cell, path=f"{below}/{cell.key}.html"))
    return pages[:MAX_PAGES]


def _compared(record: StudyRecord) -> Iterator[Cell]:
    """Base models, and the first seed of both ends of every curve, in the grid's order."""
    curves: dict[tuple[object, ...], list[Point]] = {}
    for point in record.grid.points:
        identity = (point.model, point.setting, point.tasks, point.mixture, point.train_languages)
        curves.setdefault(identity, []).append(point)
    ends = {
        next(point.cell for point in points if point.samples_per_language == n)
        for points in curves.values()
        for n in (min(each.samples_per_language for each in points), max(each.samples_per_language for each in points))
    }
    yield from (cell for cell in record.grid.cells if cell.is_base or cell.key in ends)
