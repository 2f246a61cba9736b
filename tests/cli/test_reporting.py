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


def test_prices_weights_and_a_margin_divide_the_budget(small_table: Path, tmp_path: Path) -> None:
    asked = ("--budget", "3000", "--price", "ja=2.0", "--weight", "kor=3", "--english-margin", "0.02")
    result = report(small_table, "--output", tmp_path, *asked)
    assert result.exit_code == 0, result.output
    (found,) = json.loads((tmp_path / "statistics.json").read_text())["allocations"]
    assert (found["budget"], found["prices"], found["english_margin"]) == (3000, {"ja": 2.0}, 0.02)
    assert found["weights"] == {"es": 1, "fr": 1, "ja": 1, "zh": 1, "ar": 1, "ko": 3, "pt": 1}
    assert all(mixture["cost"] <= 3000 for mixture in found["mixtures"])
    assert "how to divide the budget" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--budget 900 --price sw=2", "prices: got 'sw', expected trained languages: en, es, fr, ja, zh"),
        ("--budget 900 --price pt=2", "prices: got 'pt', expected trained languages: en, es, fr, ja, zh"),
        ("--weight sw=2", "weights: got 'sw', expected evaluated languages: ar, en, es, fr, ja, ko, pt, zh"),
        ("--target ko --weight ko=0", "weights: got ko=0, which sum to nothing for the targets; expected one above 0"),
        ("--weight ko=-1", "weights: got -1 for ko, expected a number, 0 or more"),
        ("--weight ko=nan", "weights: got nan for ko, expected a number, 0 or more"),
        ("--budget 900 --price ja=0", "prices: got 0 for ja, expected the price of one row, above 0"),
        ("--budget 900 --price ja=inf", "prices: got inf for ja, expected the price of one row, above 0"),
        ("--price ja=2", "prices: got prices without a budget, expected what the rows may cost together: add a budget"),
        (
            "--budget 399",
            "budget: got 399, expected 400 or more, what the cheapest mixture costs: en+es+fr+ja+zh at n =",
        ),
        ("--budget 900 --price ja=9", "budget: got 900, expected 1200 or more, what the cheapest mixture costs: en+es"),
        (
            "--english-margin -0.1",
            "english_margin: got -0.1, expected how far the English score may fall as a share",
        ),
        ("--english-margin 1", "english_margin: got 1, expected how far the English score may fall as a share"),
        ("--english-margin nan", "english_margin: got nan, expected how far the English score may fall as a share"),
        ("--weight ko=1 --weight ko=2", "--weight: got 'ko' twice, expected each language once"),
        ("--weight ko=1 --weight kor=2", "weights: got 'ko' and 'kor', which are one language, expected each once"),
        ("--weight ko", "Invalid value for '--weight': got 'ko', expected a language and a number, such as ja=2.0"),
    ],
)
def test_what_cannot_be_asked_for_is_said_with_what_can(
    small_table: Path, tmp_path: Path, asked: str, said: str
) -> None:
    result = report(small_table, "--output", tmp_path / "out", *asked.split())
    assert result.exit_code == 2
    assert f"Error: {said}" in result.stderr
    assert not (tmp_path / "out").exists()


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
