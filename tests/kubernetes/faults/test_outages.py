"""What goes away under a job: the node, the API server, the object store. Others cannot use the cluster meanwhile."""

import time
from collections.abc import Callable

import pytest

from clt.store import Store, open_store
from tests.kubernetes.fault_table import Measure
from tests.kubernetes.faults.trainings import Start, finish, first_step, wait_for_a_state
from tests.kubernetes.kubectl import Refused, get, kubectl
from tests.kubernetes.launching import jobs, until

pytestmark = pytest.mark.timeout(900)


def test_a_drained_node_costs_a_resume(start: Start, expected: dict[str, str], fault: Measure) -> None:
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
    start: Start, expected: dict[str, str], part: Callable[[str, str], None], fault: Measure
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
    start: Start, expected: dict[str, str], part: Callable[[str, str], None], fault: Measure
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
    start: Start, part: Callable[[str, str], None], fault: Measure
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
    assert jobs(planned.sandbox.namespace) == []


def _answers() -> bool:
    try:
        return kubectl("get", "--raw", "/readyz") == "ok"
    except Refused:
        return False


def _store_answers(uri: str) -> Store | None:
    return open_store(uri)
