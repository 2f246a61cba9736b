"""The packages of the statistics know only those below them: a method knows no question, a question not the page."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import clt.statistics

FOLDER = Path(clt.statistics.__path__[0])
BELOW = {  # package -> what it may import of the statistics, besides itself
    "scores": {"values", "spreadsheet_text"},
    "inference": {"values", "scores"},
    "curve": {"values", "scores", "inference"},
    "family": {"values", "scores", "inference"},
    "languages": set(),
    "donors": {"values", "scores", "inference", "languages"},
}


def imported(folder: Path) -> Iterator[str]:
    """The first name below clt.statistics of everything that a folder's files import."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("clt.statistics."):
                yield str(node.module).split(".")[2]


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_only_what_is_below_it(package: str) -> None:
    assert set(imported(FOLDER / package)) - {package} <= BELOW[package]


def test_no_analysis_imports_the_page() -> None:
    """What they share with it are figures, formats and styles."""
    for path in (FOLDER / "analyses").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "rendering.page" not in text and "rendering.summary" not in text and "figure_set" not in text
