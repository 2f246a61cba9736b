"""`clt next`: what it prints and writes, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clt.cli import main

STARTER = Path(__file__).resolve().parents[2] / "studies" / "starter" / "study.yaml"


def invoke(*arguments: object, status: int = 0) -> Result:
    done = CliRunner().invoke(main, ["next", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done


def test_it_prints_cells_with_hours_and_what_is_open(tmp_path: Path) -> None:
    printed = invoke(STARTER, "--store", tmp_path / "store", "--gpu-hours", 1).output
    assert "small-capitals-n0-seed0" in printed and "Expected regret" in printed
    assert "expected to miss the best mixtures by" in printed and "Note: no cell of the study is done" in printed
    assert not (tmp_path / "store").exists()


def test_json_has_the_same_and_where_the_study_file_is(tmp_path: Path) -> None:
    target = tmp_path / "new" / "next.yaml"
    answer = json.loads(
        invoke(STARTER, "--store", tmp_path / "store", "--gpu-hours", 1, "--write", target, "--json").stdout
    )
    assert answer["written"] == str(target) and target.is_file()
    assert answer["spent"] == pytest.approx(sum(step["hours"] for step in answer["steps"]))
    assert answer["objective"] == "regret" and answer["unit"] == "hours"
    planned = CliRunner().invoke(main, ["plan", str(target), "--json"])
    assert planned.exit_code == 0, planned.output
    cells = {cost["cell"]["key"] for cost in json.loads(planned.stdout)["cells"]}
    assert {cell for step in answer["steps"] for cell in step["cells"]} < cells


def test_no_file_is_written_where_nothing_is_to_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clt.next_cells.ordering.SMALLEST", 1.0)
    target = tmp_path / "next.yaml"
    printed = invoke(STARTER, "--store", tmp_path / "store", "--gpu-hours", 1, "--write", target).output
    assert "Nothing is expected to be worth running" in printed and "not written" in printed and not target.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--gpu-hours", 0), "--gpu-hours: got 0, expected a number of hours above 0"),
        (("--gpu-hours", 1e-9), "the cheapest that can be run next, small-capitals-n0-seed0"),
        (("--gpu-hours", 1, "--target", "ko"), "--target: got 'ko', expected evaluated languages: en, es, pt"),
        (("--gpu-hours", 1, "--claim", "measure=S", "--target", "es"), "a claim names its languages"),
        (("--gpu-hours", 1, "--write", STARTER), "got the study's own file, expected another one"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, options: tuple[object, ...], message: str) -> None:
    assert message in invoke(STARTER, "--store", tmp_path / "store", *options, status=2).output


def test_a_file_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    other, own = tmp_path / "other.yaml", tmp_path / "next.yaml"
    other.write_text("precious\n")
    asked = (STARTER, "--store", tmp_path / "store", "--gpu-hours", 1, "--write")
    assert "has not made" in invoke(*asked, other, status=2).output and other.read_text() == "precious\n"
    for _ in range(2):
        invoke(*asked, own)
