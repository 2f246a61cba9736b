"""`clt schedule`: what is created and when, the same name again, and how a schedule ends."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from clt.cli.cluster_commands import schedule
from clt.cluster import MAX_CELLS
from tests.cli.conftest import POD_STUDY, STORE, Clt
from tests.cli.kfp_server import BackEnd


@pytest.mark.parametrize("command", sorted(schedule.commands))
def test_every_command_and_option_has_help(clt: Clt, command: str) -> None:
    found = schedule.commands[command]
    assert found.help
    assert [option.opts for option in found.params if isinstance(option, click.Option) and not option.help] == []
    assert clt("schedule", command, "--help").exit_code == 0


def test_a_schedule_is_enabled_typed_without_catch_up_or_overlap(kfp: BackEnd, create_weekly: Clt) -> None:
    result = create_weekly("--yes")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    ((identity, one),) = kfp.recurring.items()
    assert one["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 1"
    assert (one["mode"], one["no_catchup"], one["max_concurrency"]) == ("ENABLE", True, 1)
    parameters = one["runtime_config"]["parameters"]
    assert (parameters["store_uri"], parameters["shard_of_cells"], parameters["repeat_label"]) == (STORE, "1/1", "run")
    assert result.stdout.startswith("next times of '0 3 * * 1': Mon 2")
    assert result.stdout.count("03:00 UTC") == 3
    assert f"/#/recurringrun/details/{identity}" in result.stdout


def test_what_the_back_end_stored_otherwise_is_said(kfp: BackEnd, create_weekly: Clt) -> None:
    """Back ends 2.14 store their default account, whatever is sent: without rights every run failed in its plan."""
    kfp.stores = {"no_catchup": False, "max_concurrency": "10", "runtime_config": {"parameters": {}}}
    said = create_weekly("--yes").stdout.splitlines()[3:]
    assert [line.partition(", sent was")[0].removeprefix("the back end stored another ") for line in said[:4]] == [
        "service account: pipeline-runner", "runs at once: 10", "no catch-up: none",
        "parameter study_yaml_or_uri: none",
    ]  # fmt: skip
    assert "sent was clt-launcher; its runs' pods have that account" in said[0]


def test_nothing_is_said_of_what_was_stored_as_sent(kfp: BackEnd, create_weekly: Clt) -> None:
    kfp.stores = {"service_account": "clt-launcher"}
    assert "stored another" not in create_weekly("--yes").stdout


def test_nothing_is_created_where_nobody_can_be_asked(kfp: BackEnd, create_weekly: Clt) -> None:
    result = create_weekly()
    assert result.exit_code == 2
    assert result.stdout.count("03:00 UTC") == 3  # the times are shown first
    assert result.stderr.startswith("Error: nothing was created: nobody can be asked here; give --yes")
    assert kfp.calls == []


@pytest.mark.parametrize(("answer", "created"), [("y\n", 1), ("n\n", 0)])
def test_a_terminal_is_asked_after_the_times(
    kfp: BackEnd, pipeline: Path, pod_study: Callable[..., Path], answer: str, created: int
) -> None:
    import pty

    command = [sys.executable, "-m", "clt", "schedule", "create", "weekly", str(pod_study())]
    command += ["--cron", "0 3 * * 1", "--store", STORE, "--pipeline", str(pipeline)]
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True)
    os.close(ours)
    os.close(theirs)
    assert done.stdout.index("03:00 UTC") < done.stdout.index("create weekly? [y/N]")
    assert (done.returncode, len(kfp.recurring)) == (0 if created else 1, created)


def test_the_same_schedule_again_stays(kfp: BackEnd, create_weekly: Clt, schedule_id: str) -> None:
    result = create_weekly("--yes")
    assert result.exit_code == 0
    assert "weekly exists already and is the same: enabled" in result.stdout
    assert list(kfp.recurring) == [schedule_id]


def test_a_recurring_run_of_somebody_else_is_not_taken_for_a_schedule(
    kfp: BackEnd, create_weekly: Clt, clt: Clt, schedule_id: str
) -> None:
    kfp.recurring[schedule_id]["description"] = "mine"
    assert clt("schedule", "list").output == "no schedule\n"
    assert "was not made by clt schedule; take another name" in create_weekly("--yes").stderr
    assert list(kfp.recurring) == [schedule_id]
    assert "got 'weekly', expected a schedule: there is none" in clt("schedule", "delete", "weekly").stderr


def test_list_shows_the_usual_fields_the_next_times_and_the_last_runs(kfp: BackEnd, clt: Clt, schedule_id: str) -> None:
    runs = [kfp.fire(schedule_id) for _ in range(4)]
    kfp.finish(runs[3], "FAILED")
    output = clt("schedule", "list").output
    assert "0 3 * * 1" in output
    assert "0 0 3 * * 1" not in output
    assert output.count("03:00 UTC") == 3
    assert f"failed {runs[3]}" in output
    assert runs[0] not in output  # only the last three


def test_pause_and_resume(kfp: BackEnd, clt: Clt, schedule_id: str) -> None:
    assert clt("schedule", "pause", "weekly").output == "weekly: paused; a run that is under way goes on\n"
    assert kfp.recurring[schedule_id]["status"] == "DISABLED"
    assert "disabled" in clt("schedule", "list").output
    result = clt("schedule", "resume", "weekly")
    assert result.output.startswith("the back end starts one run at once")
    assert result.output.endswith("weekly: resumed\n")
    assert kfp.recurring[schedule_id]["status"] == "ENABLED"
    assert clt("schedule", "resume", "weekly").output == "weekly: is not paused\n"
    assert kfp.calls.count("recurring_run_service_enable_recurring_run") == 1


@pytest.mark.parametrize("terminate", [False, True])
def test_delete_pauses_and_lets_the_run_end_before_anything_is_deleted(
    kfp: BackEnd, clt: Clt, schedule_id: str, terminate: bool
) -> None:
    run_id = kfp.fire(schedule_id)
    kfp.coming[run_id] += ["RUNNING", "SUCCEEDED"]
    kfp.calls.clear()
    result = clt("schedule", "delete", "weekly", *(["--terminate"] if terminate else []))
    assert result.exit_code == 0, result.output
    expected = ["run_service_terminate_run"] * terminate
    assert kfp.calls == [
        "recurring_run_service_disable_recurring_run", *expected, "recurring_run_service_delete_recurring_run",
    ]  # fmt: skip
    assert kfp.runs[run_id]["state"] == ("FAILED" if terminate else "SUCCEEDED")
    assert f"{run_id}: {'cancelled' if terminate else 'succeeded'}" in result.output
    assert kfp.recurring == {}


def test_a_delete_that_is_interrupted_leaves_the_schedule_paused(
    kfp: BackEnd, clt: Clt, schedule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    kfp.fire(schedule_id)
    monkeypatch.setattr("clt.cli.run_status.time.sleep", interrupt)
    assert clt("schedule", "delete", "weekly").exit_code == 130
    assert kfp.recurring[schedule_id]["status"] == "DISABLED"


def test_an_unknown_name_lists_the_schedules(kfp: BackEnd, clt: Clt, schedule_id: str) -> None:
    for command in ("pause", "resume", "delete", "run-now"):
        result = clt("schedule", command, "daily")
        assert (result.exit_code, result.stderr) == (2, "Error: got 'daily', expected a schedule: weekly\n")


@pytest.mark.parametrize(
    ("cron", "seeds", "message"),
    [
        ("CRON_TZ=UTC 0 3 * * 1", 1, "got a time zone, expected none"),
        ("0 3 * *", 1, "got 4 fields, expected 5"),
        ("0 3 * * 1", 31, f"the study has 63 cells, expected at most {MAX_CELLS} in a schedule"),
    ],
)
def test_a_schedule_that_would_not_work_is_refused_before_anything_is_sent(
    kfp: BackEnd, create_weekly: Clt, cron: str, seeds: int, message: str
) -> None:
    result = create_weekly("--yes", cron=cron, seeds=seeds)
    assert result.exit_code == 2
    assert message in result.stderr
    assert kfp.calls == []


def test_run_now_starts_what_the_clock_starts(kfp: BackEnd, clt: Clt, schedule_id: str) -> None:
    by_the_clock = kfp.runs[kfp.fire(schedule_id)]
    kfp.finish(by_the_clock["run_id"])
    result = clt("schedule", "run-now", "weekly")
    assert result.exit_code == 0, result.output
    run = next(run for run in kfp.runs.values() if run is not by_the_clock)
    for field in ("runtime_config", "pipeline_spec", "service_account", "experiment_id", "recurring_run_id"):
        assert run[field] == by_the_clock[field], field
    assert run["display_name"].startswith("weekly by hand 20")
    assert f"weekly: started\n  run {run['run_id']}" in result.stdout
    assert result.stdout.count("03:00 UTC") == 3  # the clock goes on
    assert run["run_id"] in clt("schedule", "list").output


def test_run_now_of_a_paused_schedule_leaves_it_paused(kfp: BackEnd, clt: Clt, schedule_id: str) -> None:
    clt("schedule", "pause", "weekly")
    result = clt("schedule", "run-now", "weekly")
    assert result.exit_code == 0, result.output
    assert "next times" not in result.stdout
    assert (len(kfp.runs), kfp.recurring[schedule_id]["status"]) == (1, "DISABLED")


@pytest.mark.parametrize("by_hand", [False, True])
def test_run_now_is_refused_while_a_run_is_under_way(kfp: BackEnd, clt: Clt, schedule_id: str, by_hand: bool) -> None:
    if by_hand:
        assert clt("schedule", "run-now", "weekly").exit_code == 0
        (run_id,) = kfp.runs
        del kfp.runs[run_id]["recurring_run_id"]  # a back end that does not keep it
    else:
        run_id = kfp.fire(schedule_id)
    result = clt("schedule", "run-now", "weekly")
    assert result.exit_code == 2
    assert f"weekly: run {run_id} is under way (pending), expected none" in result.stderr
    assert len(kfp.runs) == 1
    kfp.finish(run_id)
    assert clt("schedule", "run-now", "weekly").exit_code == 0


def test_run_now_of_a_schedule_that_the_back_end_keeps_as_a_pipeline_version(
    kfp: BackEnd, clt: Clt, schedule_id: str
) -> None:
    reference = {"pipeline_id": "p", "pipeline_version_id": "v"}
    del kfp.recurring[schedule_id]["pipeline_spec"]
    kfp.recurring[schedule_id]["pipeline_version_reference"] = reference
    assert clt("schedule", "run-now", "weekly").exit_code == 0
    (run,) = kfp.runs.values()
    assert run["pipeline_version_reference"] == reference


BASELINE = "baseline: {primary: {task: sums}, worth: 0.05}\n"


def test_a_baseline_has_the_cells_of_one_run_however_many_seeds_take_turns(
    kfp: BackEnd, clt: Clt, pipeline: Path, pod_study: Callable[..., Path]
) -> None:
    study = pod_study(seeds=40, text=POD_STUDY + BASELINE)
    options = ("--cron", "0 3 * * 1", "--store", STORE, "--yes")
    result = clt("schedule", "create", "weekly", study, *options, "--pipeline", pipeline)
    assert result.exit_code == 0, result.output
    (one,) = kfp.recurring.values()
    assert "study sums, 3 cells" in one["description"]


def test_a_pipeline_that_does_not_judge_a_baseline_is_said_before_the_question(
    kfp: BackEnd, clt: Clt, pipeline: Path, pod_study: Callable[..., Path], tmp_path: Path
) -> None:
    judging = tmp_path / "judging.yaml"
    judging.write_text(pipeline.read_text().replace("components:\n", "components:\n  comp-baseline: {}\n", 1))
    options = ("--cron", "0 3 * * 1", "--store", STORE)
    for text, path, said in (("", pipeline, False), (BASELINE, pipeline, True), (BASELINE, judging, False)):
        study = pod_study(text=POD_STUDY + text)
        result = clt("schedule", "create", "weekly", study, *options, "--pipeline", path)
        assert ("compile one that does with `clt compile --baseline -o FILE`" in result.stdout) is said
        assert result.stderr.startswith("Error: nothing was created")
