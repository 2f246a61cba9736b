"""docs/extending.md works as it stands: its changes apply, pass lint and types, and what stands below them runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = (REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
PARTS = ("clt", "components", "docs", "pipelines", "studies/starter", "studies/paper", "studies/demo", "tests")
TESTS = {  # the project's own tests of what a section changes, besides the test files that it changes
    "A metric": ["tests/metrics/test_metrics.py", "-k", "first_line or every or below_the_change"],
    "A statistic": [
        "tests/statistics/analyses/test_a_toy_analysis.py",
        "tests/statistics/rendering/test_page.py::test_every_table_scrolls_in_a_region_that_the_keyboard_reaches",
        "tests/test_imports.py",
    ],
}
pytestmark = pytest.mark.slow


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


def modules(section: str) -> list[str]:
    """The Python files that a section's change makes or changes."""
    return re.findall(r"^\+\+\+ b/(.*\.py)$", SECTIONS[section], re.MULTILINE)


def run(project: Path, *arguments: str) -> None:
    """A module's command line in the copy, which must end well."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project with every change of the page, and the references made anew."""
    folder = tmp_path_factory.mktemp("project")
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, folder / name, symlinks=True, ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    for section in SECTIONS:
        (change,) = blocks(section, "diff")
        applied = subprocess.run(
            ["git", "apply", "-C1", "-"], cwd=folder, input=change, capture_output=True, text=True, check=False
        )
        assert applied.returncode == 0, f"{section}: renew the context lines of its change\n{applied.stderr}"
    run(folder, "clt.study.reference", "docs/study.md")
    run(folder, "clt.statistics.document")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_change_is_written_as_the_project_is(section: str, project: Path) -> None:
    if files := modules(section):
        run(project, "ruff", "check", "--no-cache", *files)
        run(project, "ruff", "format", "--no-cache", "--check", *files)


@pytest.mark.parametrize("section", SECTIONS)
def test_what_stands_below_the_change_runs_and_so_do_its_tests(section: str, project: Path) -> None:
    tests = [file for file in modules(section) if file.startswith("tests/")] + TESTS.get(section, [])
    if code := "\n".join(blocks(section, "python")):
        file = project / "tests" / f"test_{section.lower().replace(' ', '_')}_of_the_page.py"
        file.write_text(f"def test_what_stands_below_the_change() -> None:\n{indent(code, '    ')}", encoding="utf-8")
        tests = [str(file), *tests]
    run(project, "pytest", "-q", "-p", "no:cacheprovider", *tests)


def test_the_changes_have_the_types_that_they_say(project: Path) -> None:
    cache = REPOSITORY / ".mypy_cache" / "extending_page"  # a minute without it
    run(project, "mypy", "--cache-dir", str(cache))


def test_every_place_that_the_page_names_is_there() -> None:
    places = re.findall(r"\b((?:clt|tests)/[\w/]+(?:\.\w+)*)", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
    assert [place for place in places if not (REPOSITORY / place).exists()] == []
