"""What a newcomer types first: a study of one's own, and the demo."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from clt.cli import main
from clt.study import load_study


def test_a_new_study_is_one_that_plans_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = CliRunner().invoke(main, ["init", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"clt plan {folder / 'study.yaml'}" in done.output
    assert load_study(folder / "study.yaml").languages.evaluate == ("en", "es", "pt")
    assert (folder / "study.schema.json").is_file()
    plan = CliRunner().invoke(main, ["plan", str(folder / "study.yaml")])
    assert plan.exit_code == 0 and "7 cells for 6 points of curves" in plan.output


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("name: precious\n")
    done = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert done.exit_code == 2 and f"{tmp_path}: is not empty" in done.output
    assert (tmp_path / "study.yaml").read_text() == "name: precious\n"


@pytest.mark.parametrize("option", ["--store", "--output", "--cells", "--limit", "--workers"])
def test_the_demo_takes_the_options_of_run_that_suit_it(option: str) -> None:
    assert option in CliRunner().invoke(main, ["demo", "--help"]).output
