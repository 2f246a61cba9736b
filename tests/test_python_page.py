"""docs/python.md is what a notebook does: its code runs from top to bottom, and says nothing that it was not told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import clt

PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"
CELLS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
# A script needs the guard: worker processes import the main module.
SCRIPT = "def notebook():\n    global clt\n{}\n\nif __name__ == '__main__':\n    notebook()\n"


@pytest.mark.slow
def test_the_page_runs_as_it_stands(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "clt", "init", "study"], cwd=tmp_path, check=True, capture_output=True)
    code = "\n".join(CELLS)
    (tmp_path / "notebook.py").write_text(SCRIPT.format("\n".join("    " + line for line in code.splitlines())))
    done = subprocess.run(
        [sys.executable, "notebook.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 cells, 0.0 GPU hours" in done.stdout
    events = re.findall(r"^\[(\d)/7\] \S+ (started|done)", done.stdout, re.MULTILINE)
    assert [finished for finished, event in events if event == "done"] == list("1234567") and len(events) == 14
    assert "seedz: unknown key, expected `seeds`?" in done.stdout
    assert (tmp_path / "report" / "report.html").is_file()


def test_everything_exported_is_on_the_page_or_in_what_it_names() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = {name for name in clt.__all__ if re.search(rf"clt\.{name}\b", page)}
    assert set(clt.__all__) - told == {"Cell", "Plan", "RunResult", "ScoreTable", "Store"}  # what calls return
    assert clt.__all__ == sorted(clt.__all__, key=lambda name: (not name[0].isupper(), name))
    assert all(getattr(clt, name) is not None for name in clt.__all__)


def test_importing_it_is_light() -> None:
    heavy = {"torch", "transformers", "pandas", "pydantic", "click", "kfp", "kubernetes"}
    code = f"import sys, clt; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
