"""`clt report` as its users call it: a table or a store, whole messages, exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main

SCORES = Path(__file__).resolve().parents[2] / "studies" / "paper" / "scores.csv"
HEADER = "model,setting,task,train_languages,samples_per_language,language,score\n"


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture(scope="module")
def small_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model's maths curve of the paper."""
    lines = SCORES.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path_factory.mktemp("table") / "small.csv"
    path.write_text(lines[0] + "".join(line for line in lines if "llama" in line and ",math," in line))
    return path


def test_a_table_gives_every_kind_of_file(small_table: Path, tmp_path: Path) -> None:
    result = report(small_table, "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.output == f"{tmp_path / 'out' / 'report.html'}\n{tmp_path / 'out' / 'statistics.json'}\n"
    assert json.loads((tmp_path / "out" / "statistics.json").read_text())["title"] == "small.csv"
    assert (tmp_path / "out" / "tables" / "points.csv").is_file()


def test_a_budget_and_targets_reach_the_recommendation(small_table: Path, tmp_path: Path) -> None:
    result = report(small_table, "--output", tmp_path, "--budget", "2000", "--target", "pt", "--target", "ko")
    assert result.exit_code == 0, result.output
    (found,) = json.loads((tmp_path / "statistics.json").read_text())["recommendations"]
    assert (found["budget"], found["targets"]) == (2000, ["pt", "ko"])


def test_a_target_that_nobody_evaluated_is_named(small_table: Path, tmp_path: Path) -> None:
    result = report(small_table, "--output", tmp_path / "out", "--target", "sw")
    assert result.exit_code == 2
    assert result.stderr == ("Error: targets: got 'sw', expected evaluated languages: ar, en, es, fr, ja, ko, pt, zh\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        ([], "no scores"),
        (["--store", "somewhere"], "--store"),
        ([SCORES, "--study", "x"], "SCORES.csv and --study"),
        ([SCORES, "--store", "s", "--study", "x"], "SCORES.csv and --store and --study"),
    ],
)
def test_exactly_one_kind_of_input_is_taken(arguments: list[str | Path], got: str) -> None:
    result = report(*arguments, "--output", "out")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: clt report: got {got}, expected either a table")


def test_what_cannot_be_understood_is_named_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(HEADER + "m,single_task,math,en+es,0,en,0.5\nm,single_task,math,en+es,0,es,fast\n")
    result = report(path, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {path}:3: score: got 'fast', expected a finite number")


def test_a_folder_that_cannot_be_written_is_named(small_table: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = report(small_table, "--output", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "the report cannot be written" in result.stderr


def test_the_command_imports_nothing_heavy_before_it_works() -> None:
    code = (
        "import sys\nfrom clt.cli.main import main\nimport clt.cli.reporting, clt.statistics\n"
        "main(['report', '--help'], standalone_mode=False)\n"
        "sys.exit(', '.join(sorted(set(sys.modules) & {'torch', 'kfp', 'pandas', 'scipy', 'numpy'})) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
