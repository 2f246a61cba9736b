"""docs/extending.md works as it stands: its changes apply to the project, and what stands below them runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = (REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
PARTS = ("clt", "components", "pipelines", "studies/starter", "studies/paper", "studies/demo", "tests")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A copy of the project's code, tests and small studies."""
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, tmp_path / name, symlinks=True, ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_the_change_applies_and_what_stands_below_it_runs(section: str, project: Path) -> None:
    (change,) = blocks(section, "diff")
    subprocess.run(["git", "apply", "-"], cwd=project, input=change, text=True, check=True)
    code = "\n".join(blocks(section, "python"))
    command = ["-c", code] if code else ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/training/test_loss.py"]
    environment = os.environ | {"PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_place_that_the_page_names_is_there() -> None:
    places = re.findall(r"\b((?:clt|tests)/[\w/]+(?:\.py)?)", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
    assert [place for place in places if not (REPOSITORY / place).exists()] == []
