"""`clt baseline` as cron and people call it: exit status, files, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from clt.cli.baseline_run import do_all
from clt.cli.main import main
from clt.errors import StoreError, UserError
from clt.store import open_store
from tests.baselines.recorded_runs import Runs, weekly
from tests.baselines.telling.receiver import receiver
from tests.cli.small_study import write_study

CLT = [sys.executable, "-m", "clt", "baseline"]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
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
    changes = [line.split()[2].rstrip(":") for line in said.splitlines() if line.startswith("open change")]
    status, said = clt("acknowledge", "weekly", *changes, "--how", "repaired", "--store", runs.store.uri)
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
        (["verdict", "dB"], "got 'dB', expected a baseline of the store"),
        (["history", "week ly"], "got 'week ly', expected a baseline of the store"),
        (["pin", "dB", "run-001"], "got 'dB', expected a baseline of the store"),
        (["compare", "..", "run-001", "run-002"], "got '..', expected a baseline of the store"),
        (["acknowledge", "", "--how", "repaired"], "got '', expected a baseline of the store"),
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--worth", "0"], "--worth: got 0, expected more than 0 and at most 1, the range of exact_match"),
        (["--worth", "-1"], "--worth: got -1, expected more than 0"),
        (["--worth", "nan"], "--worth: got nan, expected more than 0"),
        (["--worth", "inf"], "--worth: got inf, expected more than 0"),
        (["--worth", "1.5"], "--worth: got 1.5, expected more than 0 and at most 1"),
        (["--worth", "0.2", "--metric", "chrf"], "--metric: got 'chrf', expected a metric of task sums: exact_match"),
        (["--worth", "0.2", "--metric", "bits_per_byte"], "--metric: is bits_per_byte, whose noise between runs"),
    ],
)
def test_init_refuses_what_is_no_drop_and_no_metric_of_the_study(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    status, said = clt("init", str(write_study(tmp_path)), "--output", str(tmp_path / "b.yaml"), *arguments)
    assert status == 2 and message in said
    assert not (tmp_path / "b.yaml").exists()


def test_init_without_languages_of_the_role_names_the_roles_that_have_some(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("evaluate: [en, es, ja]", "evaluate: [en, es]"), encoding="utf-8")
    command = ["init", str(study), "--output", str(tmp_path / "b.yaml"), "--worth", "0.2"]
    status, said = clt(*command)
    assert status == 2 and "--languages: got held_out" in said and "english (en), trained (es)" in said
    assert clt(*command, "--languages", "trained")[0] == 0


def test_init_keeps_who_is_told_and_what_stays_and_says_what_comes_next(tmp_path: Path) -> None:
    study, made = write_study(tmp_path), tmp_path / "b.yaml"
    before = "baseline: {primary: {task: sums}, worth: 0.1, notify: [{url_from: HOOK}], keep: {runs: 3}}\n"
    study.write_text(study.read_text(encoding="utf-8") + before, encoding="utf-8")
    status, said = clt("init", str(study), "--output", str(made), "--worth", "0.2", "--metric", "exact_match")
    assert status == 0 and said.splitlines()[-1] == f"next: clt baseline run {made} --store DIR"
    assert "few test items: one of the 6 in ja moves the primary comparison by up to 0.167, more than half" in said
    baseline = yaml.safe_load(made.read_text(encoding="utf-8"))["baseline"]
    assert baseline["notify"] == [{"url_from": "HOOK"}] and baseline["keep"] == {"runs": 3}
    assert baseline["worth"] == 0.2 and baseline["primary"]["metric"] == "exact_match"
    status, said = clt("init", str(study), "--output", str(tmp_path / "c.yaml"), "--worth", "0.4")
    assert status == 0 and "few test items" not in said


@pytest.mark.parametrize(
    ("option", "place", "message"),
    [
        ("--prometheus", "clt.txt", "expected a name that ends in .prom"),
        ("--prometheus", "missing/clt.prom", "cannot be written; make its folder"),
        ("--output", "file/page", "cannot be written (Not a directory), expected a folder"),
    ],
)
def test_files_that_could_not_be_written_are_refused_before_anything_runs(
    tmp_path: Path, option: str, place: str, message: str
) -> None:
    made, store = tmp_path / "b.yaml", tmp_path / "store"
    (tmp_path / "file").touch()
    assert clt("init", str(write_study(tmp_path)), "--output", str(made), "--worth", "0.2")[0] == 0
    status, said = clt("run", str(made), "--store", str(store), option, str(tmp_path / place))
    assert status == 2 and message in said and not store.exists()


def test_gauges_that_cannot_be_written_keep_nobody_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = ("  worth: 0.2\n", "  worth: 0.2\n  notify: [{url_from: TEAM_HOOK}]\n")
    runs = Runs(open_store(tmp_path / "store"), weekly(hook))
    for number in range(18):
        runs.add({"math/es": -0.3, "math/ja": -0.3} if number > 11 else {})
    with receiver() as team:
        monkeypatch.setenv("TEAM_HOOK", team.url)
        place = ["--prometheus", str(tmp_path / "missing" / "a.prom")]
        status, said = clt("verdict", "weekly", "--store", runs.store.uri, "--tell", *place)
    assert status == 2 and "a.prom: cannot be written" in said
    assert team.requests and "TEAM_HOOK: told of math" in said


def test_each_of_the_last_steps_is_done_whatever_becomes_of_the_others() -> None:
    done: list[object] = []

    def fails(error: Exception) -> None:
        done.append(error)
        raise error

    with pytest.raises(UserError, match=r"^first\nsecond$"):
        do_all(lambda: fails(StoreError("first")), lambda: fails(UserError("second")), lambda: done.append("third"))
    assert len(done) == 3
    with pytest.raises(KeyError):
        do_all(lambda: fails(StoreError("first")), lambda: fails(KeyError("a bug")), lambda: done.append("third"))
    assert len(done) == 6


def test_a_page_is_replaced_whole_and_leaves_nothing_beside_it(runs: Runs, tmp_path: Path) -> None:
    runs.add()
    for _ in range(2):
        assert clt("history", "weekly", "--store", runs.store.uri, "--output", str(tmp_path / "page"))[0] == 0
    assert sorted(path.name for path in (tmp_path / "page").iterdir()) == ["history.html", "verdict.json"]


def test_a_study_without_a_baseline_is_not_run_as_one(tmp_path: Path) -> None:
    status, said = clt("run", str(write_study(tmp_path)), "--store", str(tmp_path / "store"))
    assert status == 2 and "baseline: is missing, expected what is an alarm (clt baseline init makes one)" in said
    assert not (tmp_path / "store").exists()
