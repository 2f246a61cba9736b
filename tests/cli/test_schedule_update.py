"""`clt schedule create` with the name of another schedule: that one is updated, whatever comes in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import kfp_server_api
import pytest

from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd, Document

FIVE = "0 5 * * 1"


def enabled(kfp: BackEnd) -> list[str]:
    return [identity for identity, one in kfp.recurring.items() if one["status"] == "ENABLED"]


def only(kfp: BackEnd) -> Document:
    (one,) = kfp.recurring.values()
    return one


def test_what_differs_is_shown_and_then_the_new_one_takes_the_place(
    kfp: BackEnd, create_weekly: Clt, schedule_id: str
) -> None:
    result = create_weekly("--yes", "--service-account", "other", cron=FIVE)
    assert result.exit_code == 0, result.output
    assert "  cron: 0 3 * * 1 there, 0 5 * * 1 here" in result.stdout
    assert "  service account: clt-launcher there, other here" in result.stdout
    assert "store:" not in result.stdout
    assert result.stdout.endswith("weekly: updated; one run starts at once if a time passed meanwhile\n")
    assert schedule_id not in kfp.recurring
    assert only(kfp)["trigger"]["cron_schedule"]["cron"] == "0 0 5 * * 1"
    assert only(kfp)["status"] == "ENABLED"
    assert (
        "exists already and is the same: enabled"
        in create_weekly("--yes", "--service-account", "other", cron=FIVE).stdout
    )


def test_nothing_is_changed_where_nobody_can_be_asked(kfp: BackEnd, create_weekly: Clt, schedule_id: str) -> None:
    kfp.calls.clear()
    result = create_weekly(cron=FIVE)
    assert result.exit_code == 2
    assert "0 5 * * 1 here" in result.stdout
    assert result.stderr == "Error: nothing was updated: nobody can be asked here; give --yes if this is right\n"
    assert (kfp.calls, list(kfp.recurring)) == ([], [schedule_id])


@pytest.mark.parametrize("terminate", [False, True])
def test_the_run_of_the_old_one_is_over_before_the_new_one_fires(
    kfp: BackEnd, create_weekly: Clt, schedule_id: str, terminate: bool
) -> None:
    run_id = kfp.fire(schedule_id)
    kfp.coming[run_id] += ["RUNNING", "SUCCEEDED"]
    kfp.calls.clear()
    result = create_weekly("--yes", *(["--terminate"] if terminate else []), cron=FIVE)
    assert result.exit_code == 0, result.output
    assert kfp.runs[run_id]["state"] == ("FAILED" if terminate else "SUCCEEDED")
    done = [call.removeprefix("recurring_run_service_").removesuffix("_recurring_run") for call in kfp.calls]
    expected = ["create", "disable", *["run_service_terminate_run"] * terminate, "enable", "delete"]
    assert [call for call in done if "experiment" not in call] == expected


def test_a_schedule_that_is_paused_stays_paused(kfp: BackEnd, create_weekly: Clt, clt: Clt, schedule_id: str) -> None:
    clt("schedule", "pause", "weekly")
    result = create_weekly("--yes", cron=FIVE)
    assert "weekly: updated, and paused as it was" in result.stdout
    assert (only(kfp)["status"], kfp.runs) == ("DISABLED", {})


@contextmanager
def killed_after(count: int) -> Iterator[None]:
    """So many requests that change recurring runs get through, and the client is killed before the next one."""
    left, call = [count], kfp_server_api.ApiClient.call_api

    def counting(self: Any, path: str, method: str, *arguments: Any, **more: Any) -> Any:
        if method != "GET" and "/recurringruns" in path:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
        return call(self, path, method, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kfp_server_api.ApiClient, "call_api", counting)
        yield


@pytest.mark.parametrize(
    ("requests", "paused", "then"),
    [
        *((requests, False, FIVE) for requests in range(4)),
        *((requests, True, FIVE) for requests in (1, 2)),
        *((requests, False, then) for requests in (1, 3) for then in ("0 6 * * 1", "0 3 * * 1")),
    ],
)
def test_an_update_that_is_killed_is_finished_by_the_next_create(
    kfp: BackEnd, create_weekly: Clt, clt: Clt, schedule_id: str, requests: int, then: str, paused: bool,
) -> None:  # fmt: skip
    """Whether with the same content, another one, or the first one again."""
    kfp.missed = False
    if paused:
        clt("schedule", "pause", "weekly")
    with killed_after(requests):
        assert create_weekly("--yes", cron=FIVE).exit_code == 130
    assert len(kfp.recurring) >= 1
    assert len(enabled(kfp)) <= 1
    if requests < 2 and not paused:
        assert enabled(kfp) == [schedule_id]
    result = create_weekly("--yes", cron=then)
    assert result.exit_code == 0, result.output
    assert only(kfp)["trigger"]["cron_schedule"]["cron"] == f"0 {then}"
    assert only(kfp)["status"] == ("DISABLED" if paused else "ENABLED")


def test_an_update_that_is_killed_while_runs_are_waited_for_is_known_to_the_other_commands(
    kfp: BackEnd, create_weekly: Clt, clt: Clt, schedule_id: str
) -> None:
    with killed_after(2):
        create_weekly("--yes", cron=FIVE)
    old, new = kfp.recurring
    said = f"2 schedules have the name 'weekly': {old} (disabled), {new} (disabled); an update was interrupted, finish"
    for command in ("pause", "resume", "delete", "run-now"):
        result = clt("schedule", command, "weekly")
        assert (result.exit_code, result.stderr.startswith(f"Error: {said}")) == (2, True)
    assert said in clt("schedule", "list").stdout
    assert kfp.runs == {}


def test_two_schedules_of_one_name_are_refused_and_one_can_be_deleted_by_its_id(
    kfp: BackEnd, create_weekly: Clt, clt: Clt, schedule_id: str
) -> None:
    kfp.recurring["double"] = {**kfp.recurring[schedule_id], "recurring_run_id": "double"}
    step = "keep one: `clt schedule delete ID` takes the id in place of the name"
    said = f"2 schedules have the name 'weekly': {schedule_id} (enabled), double (enabled); {step}"
    for command in ("pause", "resume", "delete", "run-now"):
        result = clt("schedule", command, "weekly")
        assert (result.exit_code, result.stderr) == (2, f"Error: {said}\n")
    assert create_weekly("--yes", cron=FIVE).stderr == f"Error: {said}\n"
    assert said in clt("schedule", "list").stdout
    assert clt("schedule", "delete", "double").exit_code == 0
    assert list(kfp.recurring) == [schedule_id]


def test_who_creates_a_name_that_somebody_else_creates_is_told(
    kfp: BackEnd, create_weekly: Clt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kfp, "recurring_run_service_create_recurring_run", twice(kfp))
    result = create_weekly("--yes")
    assert result.exit_code == 2
    assert "2 schedules have the name 'weekly'" in result.stderr


def test_of_two_updates_at_once_none_is_enabled_beside_the_other(
    kfp: BackEnd, create_weekly: Clt, schedule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kfp, "recurring_run_service_create_recurring_run", twice(kfp))
    result = create_weekly("--yes", cron=FIVE)
    assert result.exit_code == 2
    assert "weekly: is updated by somebody else at this time" in result.stderr
    assert enabled(kfp) == [schedule_id]
    assert len(kfp.recurring) == 2  # the other one's is left to the other one


def twice(kfp: BackEnd) -> Callable[[Document, Document], Document]:
    """Creates what it is told to and the same again, as if somebody else had asked for it."""
    create = kfp.recurring_run_service_create_recurring_run

    def create_two(body: Document, query: Document) -> Document:
        create(body, query)
        return create(body, query)

    return create_two
