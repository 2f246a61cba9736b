"""A launcher and its PyTorchJob on a real cluster: what a good run looks like, and whose job is whose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clt.cluster import Cluster, JobSpec, find_jobs
from clt.cluster.jobs.preflight import check_jobs
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import CellFailure, StudyError
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import create, kubectl
from tests.kubernetes.launching import INSTALLATION, Planned, in_process, jobs, one_domain, plan, variables, write_study
from tests.kubernetes.places import STORE_SECRET
from tests.kubernetes.pods import python, start_pod

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def planned(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path_factory.mktemp("cache"))}):
        yield plan(sandbox, write_study(tmp_path_factory.mktemp("study")))


def test_a_launcher_in_a_pod_trains_and_evaluates_in_other_pods_and_leaves_nothing(planned: Planned) -> None:
    cell = planned.cell(20)
    for kind in ("training", "evaluation"):
        launcher = planned.launch(cell, kind)
        assert launcher.wait(240) == 0, launcher.log()
        assert launcher.log().splitlines()[-1] == "complete"
        assert planned.store.manifest(planned.spec(cell, kind).output_key(planned.record)) is not None
        assert jobs(planned.sandbox.namespace) == []
    again = planned.launch(cell, "evaluation")
    assert again.wait() == 0 and again.log() == "complete\n"  # complete in the store: no job is made


def test_a_master_and_a_worker_train_together(planned: Planned, tmp_path: Path) -> None:
    placement = {"nodes": 2, "cpu": 1, "memory": "2Gi", "shared_memory": "64Mi"}
    study = write_study(tmp_path, one_domain(planned.sandbox), name="two-nodes", resources={"training": placement})
    two = plan(planned.sandbox, study, "-two")
    cell = two.cell(20)
    launcher = two.launch(cell)
    assert launcher.wait(300) == 0, launcher.log()
    manifest = two.store.manifest(two.record.training_key(cell))
    assert manifest is not None and manifest.metadata["environment"]["processes"] == 2


def test_a_users_error_comes_back_as_it_is_and_is_not_tried_again(planned: Planned, tmp_path: Path) -> None:
    wild = plan(planned.sandbox, write_study(tmp_path, name="wild", training={"learning_rate": 1.0e30}))
    launcher = wild.launch(wild.cell(20))
    assert launcher.wait(240) == 1
    assert "CellFailure: small-math-n20" in launcher.log() and "expected finite numbers" in launcher.log()
    assert "started again" not in launcher.log()
    assert jobs(planned.sandbox.namespace) == []


def test_a_job_of_somebody_elses_is_not_touched(planned: Planned) -> None:
    cell = planned.cell(5)
    body = _suspended(planned, cell.key)
    body["metadata"]["labels"] = {}
    create(body, f"--namespace={planned.sandbox.namespace}")
    with pytest.raises(CellFailure, match="exists and is not ours"):
        in_process(planned, cell)
    assert len(jobs(planned.sandbox.namespace)) == 1
    kubectl("delete", "pytorchjobs", "--all", f"--namespace={planned.sandbox.namespace}")


def test_a_job_from_another_specification_is_refused_with_the_difference(planned: Planned) -> None:
    cell = planned.cell(5)
    body = _suspended(planned, cell.key)
    template = body["spec"]["pytorchReplicaSpecs"]["Master"]["template"]
    template["spec"]["containers"][0]["image"] = "test/python:other"
    body["metadata"]["annotations"] = {}
    create(body, f"--namespace={planned.sandbox.namespace}")
    with pytest.raises(CellFailure, match=r"containers\[0\].image is 'test/python:other', expected "):
        in_process(planned, cell)
    kubectl("delete", "pytorchjobs,leases", "--all", f"--namespace={planned.sandbox.namespace}")


def test_a_job_that_the_study_itself_makes_impossible_is_refused_before_it_is_made(
    planned: Planned, tmp_path: Path
) -> None:
    study = write_study(tmp_path, name="odd", resources={"priority_class": "x", "pod": {"spec": {"noSuchField": 1}}})
    odd = plan(planned.sandbox, study)
    with pytest.raises(StudyError, match=r'unknown field "spec.pytorchReplicaSpecs.Master.template.spec.noSuchField"'):
        check_jobs(Cluster.connect(odd.sandbox.namespace), odd.record, INSTALLATION, odd.store.uri)
    assert jobs(planned.sandbox.namespace) == []


def test_jobs_are_found_by_run_and_by_study(planned: Planned) -> None:
    cell = planned.cell(5)
    body = _suspended(planned, cell.key, run="Run/with odd characters")
    create(body, f"--namespace={planned.sandbox.namespace}")
    cluster = Cluster.connect(planned.sandbox.namespace)
    (found,) = find_jobs(cluster, run="Run/with odd characters")
    assert found.name == planned.job(cell) and found.study == planned.record.key
    # By name: the operator may suspend the job between the two.
    assert [job.name for job in find_jobs(cluster, study=planned.record.key)] == [found.name]
    assert find_jobs(cluster, run="another") == []
    kubectl("delete", "pytorchjobs", "--all", f"--namespace={planned.sandbox.namespace}")


def test_what_lacks_rights_is_told_which_before_any_job(planned: Planned) -> None:
    check = (
        "import sys\nfrom dataclasses import replace\nfrom clt.cluster import Cluster\n"
        "from clt.cluster.jobs.installation import from_environment\n"
        "from clt.cluster.jobs.preflight import check_jobs\n"
        "from clt.errors import UserError\nfrom clt.store import open_store, read_record\n"
        "store, key = sys.argv[1:]\n"
        "here = replace(from_environment(), pod_fields=('metadata', 'spec'))\n"
        "try:\n    check_jobs(Cluster.connect(), read_record(open_store(store), key), here, store)\n"
        "except UserError as error:\n    sys.exit(str(error))\n"
    )
    for account, code in (("clt-launcher", 0), ("clt-reaper", 1)):
        pod = start_pod(
            planned.sandbox.namespace,
            *(python(), "-c", check, planned.store.uri, planned.record.key),
            service_account=account,
            environment=INSTALLATION.environment(),
            store_secret=STORE_SECRET,
        )
        assert pod.wait() == code, pod.log()
    assert "may not create pytorchjobs" in pod.log() and "get pods/log" in pod.log()


def _suspended(planned: Planned, cell: str, run: str = "") -> dict[str, Any]:
    spec = JobSpec(kind="training", store=planned.store.uri, study_key=planned.record.key, cell_key=cell, run=run)
    body = pytorch_job(spec, planned.record, INSTALLATION)
    body["spec"]["runPolicy"]["suspend"] = True
    return body
