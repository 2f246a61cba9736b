"""How a run ends: the exit task tells what became of its cells, and may run again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.cluster import Cluster, finalize_run, planned_study, start_run
from clt.cluster.jobs.installation import from_environment
from clt.cluster.jobs.preflight import check_jobs
from clt.cluster.runs.step import FINAL
from clt.errors import CellFailure, StudyError
from clt.store import open_store, read_record
from clt.study import StudyRecord
from tests.cli.pods_server import Pods, pods_server

RUN = "6e0a2f9c-4c1b-4f7e-9a51-0d2f6b1c7e33"


def test_the_exit_task_says_that_the_run_has_ended_and_may_run_again(study: str, store: str) -> None:
    cells = start_run(store, study, "1/1", "", RUN).cells
    words = finalize_run(store, RUN)
    assert open_store(store).manifest(f"runs/{RUN}/ended") is not None
    assert f"0 of {len(cells)} cells complete" in words
    assert finalize_run(store, RUN) == words


def test_an_end_without_a_plan_names_the_plans_own_error(study: str, store: str) -> None:
    with pytest.raises(StudyError):
        start_run(store, study, "9/9", "", RUN)
    assert "no cell was started: shard_of_cells: got '9/9', expected at most" in finalize_run(store, RUN)
    with pytest.raises(CellFailure, match="nothing to compute: shard_of_cells: got '9/9', expected at most"):
        planned_study(store, RUN)
    assert open_store(store).manifest(f"runs/{RUN}/ended") is not None


@pytest.fixture
def pods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pods]:
    """A cluster's stand-in, in which this process is a pod that launches jobs."""
    path = tmp_path / "kubeconfig"
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    monkeypatch.setenv("CLT_JOB_IMAGE", "registry.example/gpu:1")
    with pods_server(path) as known:
        yield known


@pytest.fixture
def planned(study: str, store: str) -> StudyRecord:
    """The record of a run whose plan has completed."""
    return read_record(open_store(store), start_run(store, study, "1/1", "none", RUN).study_key)


def test_jobs_that_a_run_left_are_deleted(store: str, planned: StudyRecord, pods: Pods) -> None:
    pods.add_job(RUN, "train-tiny-1")
    pods.add_job("another", "train-other-1")
    assert finalize_run(store, RUN).startswith("job train-tiny-1 was left by this run: deleted\n")
    assert [name for _, name, _ in pods.changed] == ["train-tiny-1"]


def test_an_exit_task_without_rights_ends_the_run_and_says_that_jobs_may_be_left(
    store: str, planned: StudyRecord, pods: Pods
) -> None:
    pods.refuses = 403
    with pytest.raises(CellFailure, match=r"jobs of this run may be left: .* is forbidden.*clt cleanup --run"):
        finalize_run(store, RUN)
    assert open_store(store).manifest(f"runs/{RUN}/ended") is not None


def test_an_exit_task_without_rights_is_no_second_error_where_the_plan_failed(store: str, pods: Pods) -> None:
    """As with an empty Service Account: there can be no job, and the plan has named the field."""
    pods.refuses = 403
    assert "the plan did not complete, so no cell was started" in finalize_run(store, RUN)


def test_an_account_without_rights_is_named_by_the_forms_field_and_tried_once(planned: StudyRecord, pods: Pods) -> None:
    pods.allowed = False
    installation = from_environment()
    assert installation is not None
    with pytest.raises(StudyError, match=r"^Service Account: the service account may not create pytorchjobs, .*clt-la"):
        check_jobs(Cluster.connect(retry_seconds=1.0), planned, installation, "s3://bucket/p")
    assert StudyError in FINAL
