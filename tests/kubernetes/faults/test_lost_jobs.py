"""What happens to jobs and launchers: each is broken for real, and the weights are the same bits afterwards."""

import time

import pytest

from clt.cluster import Cluster, delete_jobs, find_jobs
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.fault_table import Measure
from tests.kubernetes.faults.trainings import (
    TWO_NODES,
    Start,
    finish,
    first_step,
    has_job,
    jobs_of,
    kill,
    other_pod,
    wait_for_a_state,
)
from tests.kubernetes.launching import one_domain, pods_of, until
from tests.kubernetes.pods import Pod

pytestmark = pytest.mark.timeout(900)


def test_a_training_pod_that_is_deleted_resumes_to_the_same_bits(
    start: Start, expected: dict[str, str], fault: Measure
) -> None:
    planned, cell = start("pod-deleted")
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault("training pod deleted") as seen:
        (pod,) = pods_of(planned.sandbox.namespace, planned.job(cell))
        Pod(planned.sandbox.namespace, pod["metadata"]["name"]).delete("--wait=false")
        until(lambda: other_pod(planned, cell, pod["metadata"]["uid"]))
        seen.see()
        log = finish(planned, cell, launcher, expected)
        seen.end()
    assert first_step(log)[-1] > 40


@pytest.mark.parametrize("options", [(), ("--force", "--grace-period=0")], ids=["preempted", "node lost"])
def test_two_nodes_that_lose_a_worker_resume_to_the_same_bits(
    start: Start, sandbox: Sandbox, expected_of_two: dict[str, str], fault: Measure, options: tuple[str, ...]
) -> None:
    planned, cell = start("worker-lost-now" if options else "worker-lost", pod=one_domain(sandbox), resources=TWO_NODES)
    launcher = planned.launch(cell)
    wait_for_a_state(planned, cell)
    with fault(f"a Worker of two nodes {'killed' if options else 'preempted'}") as seen:
        Pod(sandbox.namespace, f"{planned.job(cell)}-worker-0").delete("--wait=false", *options)
        until(lambda: any(job["metadata"]["name"] != planned.job(cell) for job in jobs_of(planned, cell)), seconds=300)
        seen.see()
        log = finish(planned, cell, launcher, expected_of_two)
        seen.end()
    assert first_step(log)[-1] > 40


def test_a_launcher_that_is_deleted_takes_its_job_along_and_its_successor_resumes(
    start: Start, expected: dict[str, str], fault: Measure
) -> None:
    planned, cell = start("launcher-deleted")
    launcher = planned.launch(cell, run="first")
    wait_for_a_state(planned, cell)
    with fault("launcher pod deleted, next run resumes") as seen:
        launcher.delete("--wait=false")
        until(lambda: not has_job(planned, cell), seconds=60)
        seen.see()
        successor = planned.launch(cell, run="second")
        log = finish(planned, cell, successor, expected)
        seen.end()
    assert first_step(log) and first_step(log)[0] > 40


def test_a_job_whose_launcher_was_killed_goes_on_and_a_successor_adopts_it(
    start: Start, expected: dict[str, str], fault: Measure
) -> None:
    planned, cell = start("launcher-killed")
    launcher = planned.launch(cell, run="first")
    wait_for_a_state(planned, cell)
    (before,) = jobs_of(planned, cell)
    with fault("launcher killed, next run adopts") as seen:
        kill(launcher)
        successor = planned.launch(cell, run="second")
        successor.wait_for_log("another launcher has it")
        seen.see()
        (after,) = jobs_of(planned, cell)
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        finish(planned, cell, successor, expected)
        seen.end()


def test_a_job_whose_launcher_is_gone_for_good_is_reaped(start: Start, fault: Measure) -> None:
    planned, cell = start("reaped", max_steps=100_000)
    launcher = planned.launch(cell)
    until(lambda: has_job(planned, cell))
    cluster = Cluster.connect(planned.sandbox.namespace)
    assert find_jobs(cluster, study=planned.record.key, stale=True) == []  # its launcher lives
    with fault("launcher killed for good, reaper") as seen:
        kill(launcher)
        stale = until(lambda: find_jobs(cluster, study=planned.record.key, stale=True), seconds=180)
        seen.see()
        delete_jobs(cluster, stale)
        until(lambda: not pods_of(planned.sandbox.namespace, planned.job(cell)), seconds=60)
        seen.end()
    assert find_jobs(cluster, study=planned.record.key) == []


def test_two_launchers_of_one_cell_share_one_job(start: Start, expected: dict[str, str], fault: Measure) -> None:
    planned, cell = start("two-launchers")
    launchers = [planned.launch(cell, run=run) for run in ("one", "two")]
    with fault("two launchers for one cell") as seen:
        uids = set()
        while any(launcher.exit_code() is None for launcher in launchers):
            uids |= {job["metadata"]["uid"] for job in jobs_of(planned, cell)}
            time.sleep(1)
        logs = [finish(planned, cell, launcher, expected) for launcher in launchers]
        seen.end()
    assert len(uids) == 1
    assert sum("created" in log for log in logs) == 1


def test_a_cancelled_run_leaves_nothing_for_its_exit_task_to_miss(start: Start, fault: Measure) -> None:
    planned, cell = start("cancelled")
    launcher = planned.launch(cell, run="cancelled-run")
    until(lambda: has_job(planned, cell))
    cluster = Cluster.connect(planned.sandbox.namespace)
    with fault("run cancelled, launcher killed: exit task") as seen:
        kill(launcher)
        delete_jobs(cluster, find_jobs(cluster, run="cancelled-run"))
        seen.see()
        until(lambda: not pods_of(planned.sandbox.namespace, planned.job(cell)), seconds=60)
        seen.end()
    assert find_jobs(cluster, run="cancelled-run") == []


def test_a_job_that_somebody_deletes_ends_its_launcher(start: Start, fault: Measure) -> None:
    planned, cell = start("deleted-by-hand", max_steps=100_000)
    launcher = planned.launch(cell)
    until(lambda: has_job(planned, cell))
    with fault("job deleted by hand") as seen:
        cluster = Cluster.connect(planned.sandbox.namespace)
        delete_jobs(cluster, find_jobs(cluster, study=planned.record.key))
        assert launcher.wait(60) == 1
        seen.see()
    assert "was deleted while it ran" in launcher.log() and not has_job(planned, cell)
