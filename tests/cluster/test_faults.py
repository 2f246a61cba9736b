"""What breaks while a job trains: each fault is made for real, and the weights are the same bits afterwards."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.jobs import delete_jobs, find_jobs
from components.jobs.cluster import Cluster
from components.storage import Store, open_store
from components.study import Cell
from tests.cluster.conftest import Site
from tests.cluster.fault_table import fault
from tests.cluster.kubectl import Refused, get, kubectl
from tests.cluster.launching import Planned, jobs, plan, pods_of, until, variables, write_study
from tests.cluster.pods import Pod

pytestmark = pytest.mark.timeout(900)

# Long enough to be hit in the middle: a checkpoint and a resume state every 40 steps.
LONG = {"max_steps": 240, "batch_size": 16, "checkpoint_every": 40}

Start = Callable[..., tuple[Planned, Cell]]


@pytest.fixture(scope="module", autouse=True)
def store_variables(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with variables(site.objects.variables | {"CLT_CACHE": str(tmp_path_factory.mktemp("cache"))}):
        yield


@pytest.fixture(scope="module")
def expected(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The checksums of all checkpoints after a training that nothing disturbed, in this process."""
    from components.training import train

    planned = plan(site, write_study(tmp_path_factory.mktemp("undisturbed"), training=LONG), "-undisturbed")
    cell = planned.cell(20)
    train(planned.store, planned.record.key, cell.key, lambda *_: None)
    return weights(planned, cell)


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Start:
    """A study of its own for each test, planned and mixed."""

    def plan_it(name: str, **training: Any) -> tuple[Planned, Cell]:
        planned = plan(site, write_study(tmp_path, name=name, training=LONG | training), f"-{name}")
        return planned, planned.cell(20)

    return plan_it


@pytest.fixture
def part() -> Iterator[Callable[[str, str], None]]:
    """Stop and start a part of the test cluster; all are started again at the end."""
    tool = os.environ.get("TEST_CLUSTER") or shutil.which("cluster")
    if tool is None:
        pytest.skip("the parts of this cluster cannot be stopped: set TEST_CLUSTER to a tool with `stop NAME`")
    stopped = set()

    def act(what: str, name: str) -> None:
        subprocess.run([tool, what, name], check=True, capture_output=True)
        stopped.add(name) if what == "stop" else stopped.discard(name)

    yield act
    for name in list(stopped):
        act("start", name)


def weights(planned: Planned, cell: Cell) -> dict[str, str]:
    """SHA-256 of the weights of every checkpoint that is kept, by its key's last part."""
    key = planned.record.training_key(cell)
    found = {}
    for name in planned.store.keys(f"{key}/checkpoints"):
        manifest = planned.store.manifest(name)
        assert manifest is not None
        found[name.rpartition("/")[2]] = manifest.files["model.safetensors"].sha256
    return found


def wait_for_a_state(planned: Planned, cell: Cell) -> None:
    """Until the training could be resumed."""
    until(lambda: planned.store.keys(f"{planned.record.training_key(cell)}/states"), seconds=240)


def first_step(log: str) -> list[int]:
    """Where each job of a launcher began, by its log."""
    return [int(line.split("from step ")[1].split()[0]) for line in log.splitlines() if ": from step " in line]


def finish(planned: Planned, cell: Cell, launcher: Pod, expected: dict[str, str]) -> str:
    """The launcher's log, once it has ended well with the expected weights and has left nothing."""
    assert launcher.wait(420) == 0, launcher.log()
    assert weights(planned, cell) == expected
    assert planned.job(cell)[:-2] not in " ".join(job["metadata"]["name"] for job in jobs(planned.site.namespace))
    return launcher.log()


def test_a_training_pod_that_is_deleted_resumes_to_the_same_bits(start: Start, expected: dict[str, str]) -> None:
    planned, cell = start("pod-deleted")
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("training pod deleted") as seen:
        (pod,) = pods_of(planned.site.namespace, planned.job(cell))
        Pod(planned.site.namespace, pod["metadata"]["name"]).delete("--wait=false")
        until(lambda: _other_pod(planned, cell, pod["metadata"]["uid"]))
        seen.see()
        log = finish(planned, cell, launcher, expected)
        seen.end()
    assert first_step(log)[-1] > 40


def test_a_launcher_that_is_deleted_takes_its_job_along_and_its_successor_resumes(
    start: Start, expected: dict[str, str]
) -> None:
    planned, cell = start("launcher-deleted")
    launcher = planned.launch(cell, run="first")
    wait_for_a_state(planned, cell)
    with fault("launcher pod deleted, next run resumes") as seen:
        launcher.delete("--wait=false")
        until(lambda: not _has_job(planned, cell), seconds=60)
        seen.see()
        successor = planned.launch(cell, run="second")
        log = finish(planned, cell, successor, expected)
        seen.end()
    assert first_step(log) and first_step(log)[0] > 40


def test_a_job_whose_launcher_was_killed_goes_on_and_a_successor_adopts_it(
    start: Start, expected: dict[str, str]
) -> None:
    planned, cell = start("launcher-killed")
    launcher = planned.launch(cell, run="first")
    wait_for_a_state(planned, cell)
    (before,) = _jobs_of(planned, cell)
    with fault("launcher killed, next run adopts") as seen:
        _kill(launcher)
        successor = planned.launch(cell, run="second")
        successor.wait_for_log("another launcher has it")
        seen.see()
        (after,) = _jobs_of(planned, cell)
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        finish(planned, cell, successor, expected)
        seen.end()


def test_a_job_whose_launcher_is_gone_for_good_is_reaped(start: Start) -> None:
    planned, cell = start("reaped", max_steps=100_000)
    launcher = planned.launch(cell)
    until(lambda: _has_job(planned, cell))
    cluster = Cluster.connect(planned.site.namespace)
    assert find_jobs(cluster, study=planned.record.key, stale=True) == []  # its launcher lives
    with fault("launcher killed for good, reaper") as seen:
        _kill(launcher)
        stale = until(lambda: find_jobs(cluster, study=planned.record.key, stale=True), seconds=180)
        seen.see()
        delete_jobs(cluster, stale)
        until(lambda: not pods_of(planned.site.namespace, planned.job(cell)), seconds=60)
        seen.end()
    assert find_jobs(cluster, study=planned.record.key) == []


def test_two_launchers_of_one_cell_share_one_job(start: Start, expected: dict[str, str]) -> None:
    planned, cell = start("two-launchers")
    launchers = [planned.launch(cell, run=run) for run in ("one", "two")]
    with fault("two launchers for one cell") as seen:
        uids = set()
        while any(launcher.exit_code() is None for launcher in launchers):
            uids |= {job["metadata"]["uid"] for job in _jobs_of(planned, cell)}
            time.sleep(1)
        logs = [finish(planned, cell, launcher, expected) for launcher in launchers]
        seen.end()
    assert len(uids) == 1
    assert sum("created" in log for log in logs) == 1


def test_a_cancelled_run_leaves_nothing_for_its_exit_task_to_miss(start: Start) -> None:
    planned, cell = start("cancelled")
    launcher = planned.launch(cell, run="cancelled-run")
    until(lambda: _has_job(planned, cell))
    cluster = Cluster.connect(planned.site.namespace)
    with fault("run cancelled, launcher killed: exit task") as seen:
        _kill(launcher)
        delete_jobs(cluster, find_jobs(cluster, run="cancelled-run"))
        seen.see()
        until(lambda: not pods_of(planned.site.namespace, planned.job(cell)), seconds=60)
        seen.end()
    assert find_jobs(cluster, run="cancelled-run") == []


def test_a_job_that_somebody_deletes_ends_its_launcher(start: Start) -> None:
    planned, cell = start("deleted-by-hand", max_steps=100_000)
    launcher = planned.launch(cell)
    until(lambda: _has_job(planned, cell))
    with fault("job deleted by hand") as seen:
        cluster = Cluster.connect(planned.site.namespace)
        delete_jobs(cluster, find_jobs(cluster, study=planned.record.key))
        assert launcher.wait(60) == 1
        seen.see()
    assert "was deleted while it ran" in launcher.log() and not _has_job(planned, cell)


def test_a_drained_node_costs_a_resume(start: Start, expected: dict[str, str]) -> None:
    planned, cell = start("drained")
    node = get("nodes")["items"][0]["metadata"]["name"]
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("node drained and uncordoned") as seen:
        selector = f"--pod-selector=training.kubeflow.org/job-name={planned.job(cell)}"
        try:
            kubectl("drain", node, selector, "--force", "--ignore-daemonsets", "--delete-emptydir-data")
            launcher.wait_for_log("waits for room")
            seen.see()
        finally:
            kubectl("uncordon", node)
        log = finish(planned, cell, launcher, expected)
        seen.end()
    assert first_step(log)[-1] > 40


def test_an_api_server_that_is_gone_for_half_a_minute_is_waited_for(
    start: Start, expected: dict[str, str], part: Callable[[str, str], None]
) -> None:
    planned, cell = start("no-api")
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("API server stopped for 30 s") as seen:
        part("stop", "apiserver")
        time.sleep(30)
        part("start", "apiserver")
        until(_answers, seconds=120)
        log = finish(planned, cell, launcher, expected)
        seen.end()
    assert len(first_step(log)) == 1 and "started again" not in log


def test_an_object_store_that_comes_back_is_waited_for(
    start: Start, expected: dict[str, str], part: Callable[[str, str], None]
) -> None:
    planned, cell = start("store-restarted")
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("MinIO stopped for 20 s while checkpoints go up") as seen:
        part("stop", "minio")
        time.sleep(20)
        part("start", "minio")
        finish(planned, cell, launcher, expected)
        seen.end()


def test_an_object_store_that_stays_away_is_named_and_nothing_half_written_is_visible(
    start: Start, part: Callable[[str, str], None]
) -> None:
    planned, cell = start("store-gone")
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("MinIO stopped for good") as seen:
        part("stop", "minio")
        assert launcher.wait(600) == 1
        seen.see()
        part("start", "minio")
        until(lambda: _store_answers(planned.store.uri), seconds=120)
        seen.end()
    assert "cannot be reached" in launcher.log() and "run again to resume" in launcher.log()
    assert not planned.is_complete(cell)
    store = open_store(planned.store.uri)
    for key in store.keys(planned.record.training_key(cell)):  # whatever is visible is whole
        manifest = store.manifest(key)
        assert manifest is not None and (manifest.pruned is not None or store.fetch(key).is_dir())
    assert jobs(planned.site.namespace) == []


def _jobs_of(planned: Planned, cell: Cell) -> list[dict[str, Any]]:
    start = planned.job(cell)[:-1]
    return [job for job in jobs(planned.site.namespace) if job["metadata"]["name"].startswith(start)]


def _has_job(planned: Planned, cell: Cell) -> bool:
    return bool(_jobs_of(planned, cell))


def _other_pod(planned: Planned, cell: Cell, uid: str) -> bool:
    pods = [pod for job in _jobs_of(planned, cell) for pod in pods_of(planned.site.namespace, job["metadata"]["name"])]
    return any(pod["metadata"]["uid"] != uid for pod in pods)


def _kill(launcher: Pod) -> None:
    """SIGKILL, which no handler sees: as a node that loses its power."""
    kubectl("exec", launcher.name, f"--namespace={launcher.namespace}", "--", "sh", "-c", "kill -9 $(cat /tmp/pid)")
    launcher.wait(30)


def _answers() -> bool:
    try:
        return kubectl("get", "--raw", "/readyz") == "ok"
    except Refused:
        return False


def _store_answers(uri: str) -> Store | None:
    return open_store(uri)
