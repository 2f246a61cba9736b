"""Which job a launcher goes on with: one of the same result and specification, for whichever study it was made."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clt.cluster.jobs.adoption import require_ours, require_same
from clt.cluster.jobs.cluster import PLURAL
from clt.cluster.jobs.launch import launch
from clt.cluster.jobs.lease import Lease
from clt.cluster.jobs.naming import job_name, lease_of
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import CellFailure
from clt.store import open_store
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import INSTALLATION, record_with, spec
from tests.cluster.jobs.simulated_cluster import Clock, SimulatedCluster, condition
from tests.cluster.jobs.test_naming import changed


def test_a_job_of_another_study_with_the_same_result_is_ours(record: StudyRecord, tmp_path: Path) -> None:
    other = changed(tmp_path, ("name: placed", "name: other"))
    theirs, wanted = pytorch_job(spec(other), other, INSTALLATION), pytorch_job(spec(record), record, INSTALLATION)
    assert theirs["metadata"]["name"] == wanted["metadata"]["name"] and theirs["spec"] != wanted["spec"]
    require_ours(theirs)
    require_same(theirs, wanted)


def test_other_resources_are_named_and_the_study_is_not(record: StudyRecord, tmp_path: Path) -> None:
    other = record_with(tmp_path, {"training": {"cpu": 2}})
    theirs, wanted = pytorch_job(spec(other), other, INSTALLATION), pytorch_job(spec(record), record, INSTALLATION)
    with pytest.raises(CellFailure, match=r"another specification: .*cpu is '2', expected '\d+'") as error:
        require_same(theirs, wanted)
    assert "command" not in str(error.value)


def test_a_job_that_is_not_ours_is_refused_by_name(record: StudyRecord) -> None:
    job = pytorch_job(spec(record), record, INSTALLATION)
    stranger = job | {"metadata": job["metadata"] | {"labels": {}}}
    with pytest.raises(CellFailure, match="exists and is not ours"):
        require_ours(stranger)


@pytest.mark.parametrize("alive", [True, False])
def test_resources_do_not_matter_to_who_waits_with_the_launcher_that_has_the_job(
    record: StudyRecord, tmp_path: Path, alive: bool
) -> None:
    """A study failed where another one with more memory was training the same."""
    job, other = spec(record, store=str(tmp_path / "store")), record_with(tmp_path, {"training": {"cpu": 2}})

    def finish(cluster: SimulatedCluster, seen: dict[str, Any], seconds: float) -> None:
        with open_store(job.store).writer(job.output_key(record)):
            pass
        seen["status"] = {"conditions": [condition("Succeeded")]}

    cluster: Any = SimulatedCluster(Clock(), finish)
    lease = Lease(cluster, lease_of(job_name(job, record, 1)), {})._body()
    lease["spec"]["renewTime"] = datetime.now(UTC).isoformat() if alive else "2026-01-01T00:00:00+00:00"
    cluster.create("leases", lease)
    cluster.create(PLURAL, pytorch_job(spec(other, store=job.store), other, INSTALLATION))
    if alive:
        launch(job, record, INSTALLATION, cluster)
    else:
        with pytest.raises(CellFailure, match="another specification"):
            launch(job, record, INSTALLATION, cluster)
