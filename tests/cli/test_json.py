"""What `--json` prints is JSON, with the values that the tables show."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from clt.cli import main

STARTER = Path(__file__).resolve().parents[2] / "studies" / "starter" / "study.yaml"


def invoke(*arguments: object, status: int = 0) -> Any:
    done = CliRunner().invoke(main, [*map(str, arguments), "--json"])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def test_a_plan_has_every_cell_with_its_costs() -> None:
    plan = invoke("plan", STARTER)
    assert len(plan["cells"]) == 7 and plan["points"] == 6 and plan["exceeded"] == []
    assert plan["rows"] == sum(cost["rows"] for cost in plan["cells"])
    assert {each["metric"] for each in plan["detectable"]} == {"exact_match", "bits_per_byte"}


def test_differences_of_ratings_are_printed_in_hundredths_of_their_range(tmp_path: Path) -> None:
    judge = "judge: {endpoint: {url: 'http://localhost:1/v1', model: judge}}\n"
    text = STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/")
    study = tmp_path / "study.yaml"
    study.write_text(text.replace("exact_match", "judge") + judge, encoding="utf-8")
    plan = invoke("plan", study)
    (ratings,) = [each for each in plan["detectable"] if each["metric"] == "judge"]
    assert plan["judge"]["calls"] > 0 and ratings["range"] == 4
    printed = CliRunner().invoke(main, ["plan", str(study)]).output
    assert f"{100 * ratings['trained'] / 4:.1f} pts" in printed and "calls of the judge" in printed


def test_a_plan_that_exceeds_a_limit_is_still_printed(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    text = STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/")
    study.write_text(text.replace("disk: 1GB", "disk: 1KB"), encoding="utf-8")
    assert invoke("plan", study, status=2)["exceeded"] != []


def test_the_status_of_a_store_and_of_its_study(tmp_path: Path) -> None:
    from clt.planning import plan_study, read_study
    from clt.store import open_store

    store = open_store(str(tmp_path))
    record = plan_study(store, read_study(str(STARTER)))
    (listed,) = invoke("status", "--store", tmp_path)
    assert (listed["study"], listed["cells"]) == (record.key, {"missing": 7})
    shown = invoke("status", "--store", tmp_path, STARTER)
    assert shown["study"] == record.key and shown["seconds_left"] is None
    assert [cell["cell"]["key"] for cell in shown["cells"]] == [cell.key for cell in record.grid.cells]
    assert {cell["state"]["state"] for cell in shown["cells"]} == {"missing"}


@pytest.mark.slow
def test_a_report_says_where_its_files_are(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    lines = ["model,setting,task,train_languages,samples_per_language,language,score"]
    lines += [f"a,single,math,en+es,{n},{code},{0.1 * n}" for n in (0, 1, 2) for code in ("en", "es", "pt")]
    scores.write_text("\n".join(lines) + "\n")
    paths = invoke("report", scores, "--output", tmp_path / "report")
    assert all(Path(path).is_file() for path in paths.values()) and set(paths) == {"report.html", "statistics.json"}
