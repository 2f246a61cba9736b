"""Nothing that is down or stuck keeps a launcher, or an accelerator, for ever: simulated hours and days."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clt.cluster.jobs import attended_job, job_progress, waiting_time
from clt.cluster.jobs.launch import launch
from clt.cluster.jobs.launcher_metrics import LauncherMetrics
from clt.errors import CellFailure
from clt.store import Unreachable, file_locks, open_store
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import INSTALLATION, record_with, spec
from tests.cluster.jobs.simulated_cluster import MASTER, TICK, Clock, SimulatedCluster, accepted, condition

HOUR, DAY = 3600.0, 86400.0
Show = Callable[[SimulatedCluster, dict[str, Any], float], None]
SCHEDULED = [condition("PodScheduled")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (attended_job, job_progress, waiting_time):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(attended_job, "TICK", TICK)
    monkeypatch.setattr(job_progress, "PAUSE", 0.0005)
    return clock


class Trial:
    """A launcher of one training in a simulated cluster."""

    def __init__(self, folder: Path, clock: Clock, resources: dict[str, Any], show: Show) -> None:
        self.record = record_with(folder, resources)
        self.spec = spec(self.record, store=str(folder / "store"))
        self.store = open_store(self.spec.store)
        self.cluster, self.clock = SimulatedCluster(clock, show), clock

    def launch(self) -> None:
        launch(self.spec, self.record, INSTALLATION, self.cluster)  # type: ignore[arg-type]

    def error(self) -> str:
        with pytest.raises(CellFailure) as caught:
            self.launch()
        assert self.cluster.objects["leases"] == {}
        return str(caught.value)


Try = Callable[..., Trial]


@pytest.fixture
def attempt(tmp_path: Path, clock: Clock) -> Try:
    return lambda show, **resources: Trial(tmp_path, clock, resources, show)


def note(trial: Trial, job: dict[str, Any], **facts: Any) -> None:
    """What the job's process leaves in the store, as its own store would write it."""
    path = Path(trial.spec.store) / trial.spec.progress_key(trial.store, trial.record) / "state.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"state": "running", "host": job["metadata"]["name"] + MASTER, "pid": 1, "facts": facts}
    file_locks.hold_new(path, content).close()


def finish(trial: Trial, job: dict[str, Any]) -> None:
    """The job completes its output and ends."""
    with trial.store.writer(trial.spec.output_key(trial.record)) as written:
        (written.path / "metrics.jsonl").write_text("{}\n")
    job["status"] = {"conditions": [condition("Succeeded")]}


def nothing(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    """No operator."""


def no_scheduler(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)
    cluster.place_pod(job, phase="Pending")


def no_pods(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)


def no_sandbox(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)
    cluster.place_pod(job, phase="Pending", conditions=SCHEDULED)
    text = 'plugin type="calico" failed (add): no addresses'
    cluster.events = [
        {"type": "Warning", "reason": "FailedCreatePodSandBox", "message": text, "involvedObject": {"uid": "u-master"}}
    ]


def creating(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)
    states = [{"name": "pytorch", "state": {"waiting": {"reason": "ContainerCreating"}}}]
    cluster.place_pod(job, phase="Pending", conditions=SCHEDULED, containerStatuses=states)


def node_gone(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)
    cluster.place_pod(job, phase="Unknown", conditions=SCHEDULED)


def undeletable(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
    accepted(job)
    job["metadata"] |= {"deletionTimestamp": "2026-11-01T00:00:00Z", "finalizers": ["example.org/never"]}


@pytest.mark.parametrize(
    ("show", "hours", "parts"),
    [
        (nothing, 0.5, ["waits for operator", "nothing is known", "no status", "training-operator"]),
        (no_pods, 0.5, ["waits for operator", "made 0 of 1", "training-operator"]),
        (no_scheduler, 0.5, ["waits for scheduler", "nothing is known", "default-scheduler has not looked at it"]),
        (no_sandbox, 1 / 6, ["waits for configuration", "FailedCreatePodSandBox", "no addresses"]),
        (creating, 1, ["waits for start", "does not start (ContainerCreating)", "kubectl describe pod"]),
        (node_gone, 1, ["waits for start", "does not start (Unknown)"]),
        (undeletable, 0.5, ["waits for deletion", "example.org/never", "since 2026-11-01", "kubectl patch"]),
    ],
)
def test_whoever_says_nothing_is_named_and_waited_for_no_longer_than_the_study_says(
    show: Show, hours: float, parts: list[str], attempt: Try
) -> None:
    trial = attempt(show)
    error = trial.error()
    assert [part for part in [*parts, "given up after", "resources.timeouts"] if part not in error] == []
    assert hours * HOUR < trial.clock.now <= hours * HOUR + 2 * TICK
    assert len(trial.cluster.created) == 1  # such a job would not do better the next time


def test_the_study_chooses_how_long_it_waits(attempt: Try) -> None:
    trial = attempt(nothing, timeouts={"answer_minutes": 3 * 24 * 60})
    trial.error()
    assert 3 * DAY < trial.clock.now <= 3 * DAY + 2 * TICK


def test_a_pod_that_runs_no_step_of_ours_gives_its_accelerators_back(attempt: Try) -> None:
    def sleeping(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        accepted(job)
        cluster.place_pod(job, phase="Running")

    trial = attempt(sleeping)
    error = trial.error()
    assert "no sign of life for" in error and "since its pods run" in error and "right image" in error
    assert "progress_minutes" in error and HOUR < trial.clock.now <= HOUR + 4 * TICK
    assert trial.cluster.objects["pytorchjobs"] == {} and len(trial.cluster.created) == 1


def test_a_job_that_hangs_after_days_is_started_again_and_its_last_sign_is_told(attempt: Try) -> None:
    def hanging(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        accepted(job)
        cluster.place_pod(job, phase="Running")
        if seconds < 2 * DAY:
            note(trial, job, phase="training", step=int(seconds), steps=10**6, loss=1.0, tokens_per_second=1.0)

    trial = attempt(hanging, restarts=1)
    error = trial.error()
    assert "the last one: phase training, step " in error and "It hung" in error
    assert [name.rpartition("-")[2] for name, _ in trial.cluster.created] == ["1", "2"]
    assert 4 * DAY < trial.clock.now < 5 * DAY  # a thread reads the signs by the real clock, at its own pace


def test_a_slow_job_that_gives_a_sign_now_and_then_is_left_alone_for_a_week(attempt: Try) -> None:
    def slow(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        accepted(job)
        cluster.place_pod(job, phase="Running")
        note(trial, job, phase="loading", pieces=int(seconds // (3 * TICK)))  # a piece of a download each half hour
        if seconds > 7 * DAY:
            finish(trial, job)

    trial = attempt(slow)
    trial.launch()
    assert trial.clock.now > 7 * DAY and len(trial.cluster.created) == 1


def test_a_job_whose_output_is_complete_is_no_failure_though_its_process_never_ends(attempt: Try) -> None:
    def stays(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        finish(trial, job)
        accepted(job)
        cluster.place_pod(job, phase="Running")

    trial = attempt(stays)
    trial.launch()
    assert trial.cluster.objects["pytorchjobs"] == {}


def test_a_store_that_does_not_answer_is_no_silence(record: StudyRecord, tmp_path: Path, clock: Clock) -> None:
    store = open_store(tmp_path / "store")
    key = spec(record).progress_key(store, record)
    progress = job_progress.JobProgress(store, key, "pod", print, LauncherMetrics(spec(record)))
    damaged = tmp_path / "store" / key / "manifest.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("half a man")
    for _ in range(100):
        clock.now += HOUR
        progress.look()
    assert progress.silent_seconds == 0
    damaged.unlink()
    progress.look()
    assert progress.silent_seconds == 100 * HOUR


def test_a_launcher_does_not_wait_once_more_for_a_store_that_its_job_has_waited_for(attempt: Try) -> None:
    def cut_off(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        ended = {"exitCode": 2, "message": '{"error": "Unreachable", "text": "cannot be reached"}'}
        cluster.place_pod(job, phase="Failed", containerStatuses=[{"name": "pytorch", "state": {"terminated": ended}}])
        job["status"] = {"conditions": [condition("Failed")]}

    trial = attempt(cut_off)
    with pytest.raises(Unreachable, match="cannot be reached"):
        trial.launch()
    assert trial.store.keys(trial.spec.output_key(trial.record)) == []  # its log would have to go there


def test_causes_that_take_turns_do_not_start_each_others_time_anew(clock: Clock) -> None:
    waiting = waiting_time.WaitingTime()
    causes = [waiting_time.PendingReason(cause=cause, text="") for cause in ("image", "start")]
    for _ in range(10):
        for reason in causes:
            waited = waiting.add(reason)
            clock.now += 60
    assert waited == 9 * 60
    assert waiting.add(causes[0]) == 10 * 60


def test_a_deadline_that_the_operator_enforced_is_told_as_the_launcher_tells_its_own(attempt: Try) -> None:
    def out_of_time(cluster: SimulatedCluster, job: dict[str, Any], seconds: float) -> None:
        text = f"Job {job['metadata']['name']} has failed because it was active longer than specified deadline"
        job["status"] = {"conditions": [condition("Failed") | {"message": text}]}

    assert (
        "ran longer than resources.deadline_hours = 24; its checkpoints stay"
        in attempt(out_of_time, deadline_hours=24).error()
    )
