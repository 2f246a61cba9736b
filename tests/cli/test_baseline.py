"""`clt baseline` as cron and people call it: exit status, files, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from clt.cli.main import main
from tests.baselines.recorded_runs import Runs
from tests.cli.small_study import write_study

CLT = [sys.executable, "-m", "clt", "baseline"]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    from clt.store import open_store

    return Runs(open_store(tmp_path / "store"))


def clt(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["baseline", *arguments], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.mark.slow
def test_a_baseline_is_made_of_a_study_and_run_with_the_next_seed_each_time(tmp_path: Path) -> None:
    study, made, store = write_study(tmp_path, steps=2), tmp_path / "baseline.yaml", tmp_path / "store"
    status, said = clt("init", str(study), "--output", str(made), "--worth", "0.15")
    assert status == 0 and "primary comparison: sums, held-out (tiny, " in said
    values = yaml.safe_load(made.read_text(encoding="utf-8"))
    assert values["mixtures"][0]["samples_per_language"] == [16] and len(values["seeds"]) >= 12
    command = [*CLT, "run", str(made), "--store", str(store), "--prometheus", str(tmp_path / "clt.prom")]
    for number, run in enumerate(("one", "two"), 1):
        done = subprocess.run([*command, "--run", run], capture_output=True, text=True)
        assert done.returncode == 4, done.stderr
        assert f"run {run} (number {number}, seeds {number - 1})" in done.stdout
    again = subprocess.run([*command, "--run", "two"], capture_output=True, text=True)
    assert again.returncode == 4 and "(number 2, seeds 1)" in again.stdout
    folder = store / "baselines" / values["name"] / "history"
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    assert [run["id"] for run in verdict["runs"]] == ["one", "two"]
    assert verdict["bits"] == "not known", "seed 1 was not trained with before"
    assert "<!doctype html>" in (folder / "history.html").read_text(encoding="utf-8").lower()
    assert "clt_baseline" in (tmp_path / "clt.prom").read_text(encoding="utf-8")
    assert clt("verdict", values["name"], "--store", str(store))[0] == 4


def test_the_exit_status_is_the_verdict(runs: Runs) -> None:
    for _ in range(12):
        runs.add()
    assert clt("verdict", "weekly", "--store", runs.store.uri)[0] == 0
    for _ in range(5):
        runs.add({"math/ja": -0.2})
    status, said = clt("verdict", "weekly", "--store", runs.store.uri)
    assert status == 3 and "regressed" in said and "math, ja" in said
    change = next(line.split()[2].rstrip(":") for line in said.splitlines() if line.startswith("open change"))
    status, said = clt("acknowledge", "weekly", change, "--how", "repaired", "--store", runs.store.uri)
    assert status == 0 and "acknowledged" in said
    runs.add()
    assert clt("verdict", "weekly", "--store", runs.store.uri)[0] in (0, 4)


def test_two_runs_are_compared_and_a_run_is_pinned(runs: Runs) -> None:
    for _ in range(3):
        runs.add()
    status, said = clt("compare", "weekly", "run-002", "run-001", "--store", runs.store.uri)
    assert status == 0 and "run-002 - run-001" in said and "none of this is an alarm" in said
    assert clt("pin", "weekly", "run-002", "--store", runs.store.uri)[0] == 0
    verdict = json.loads(clt("verdict", "weekly", "--store", runs.store.uri, "--json")[1])
    assert [run["id"] for run in verdict["runs"] if run["pinned"]] == ["run-002"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verdict", "monthly"], "got 'monthly', expected a baseline of the store"),
        (["pin", "weekly", "x"], "got 'x', expected a complete run of baseline weekly"),
        (["compare", "weekly", "run-001", "run-001"], "got 'run-001' twice"),
        (["acknowledge", "weekly", "--how", "repaired"], "has no open change"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(runs: Runs, arguments: list[str], message: str) -> None:
    runs.add()
    status, said = clt(*arguments, "--store", runs.store.uri)
    assert status == 2 and message in said


def test_a_drop_too_small_for_few_seeds_is_refused_with_the_one_that_would_be_found(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    status, said = clt("init", str(study), "--output", str(tmp_path / "b.yaml"), "--worth", "0.001")
    assert status == 2 and "--worth: got 0.001, expected at least 0." in said
    assert not (tmp_path / "b.yaml").exists()


def test_a_study_without_a_baseline_is_not_run_as_one(tmp_path: Path) -> None:
    status, said = clt("run", str(write_study(tmp_path)), "--store", str(tmp_path / "store"))
    assert status == 2 and "baseline: is missing, expected what is an alarm (clt baseline init makes one)" in said
    assert not (tmp_path / "store").exists()
