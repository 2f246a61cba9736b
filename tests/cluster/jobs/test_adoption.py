"""Which job a launcher goes on with: one of the same result and specification, for whichever study it was made."""

from pathlib import Path

import pytest

from clt.cluster.jobs.adoption import require_ours
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import CellFailure
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import INSTALLATION, record_with, spec
from tests.cluster.jobs.test_naming import changed


def test_a_job_of_another_study_with_the_same_result_is_ours(record: StudyRecord, tmp_path: Path) -> None:
    other = changed(tmp_path, ("name: placed", "name: other"))
    theirs, wanted = pytorch_job(spec(other), other, INSTALLATION), pytorch_job(spec(record), record, INSTALLATION)
    assert theirs["metadata"]["name"] == wanted["metadata"]["name"] and theirs["spec"] != wanted["spec"]
    require_ours(theirs, wanted)


def test_other_resources_are_named_and_the_study_is_not(record: StudyRecord, tmp_path: Path) -> None:
    other = record_with(tmp_path, {"training": {"cpu": 2}})
    theirs, wanted = pytorch_job(spec(other), other, INSTALLATION), pytorch_job(spec(record), record, INSTALLATION)
    with pytest.raises(CellFailure, match=r"another specification: .*cpu is '2', expected '\d+'") as error:
        require_ours(theirs, wanted)
    assert "command" not in str(error.value)


def test_a_job_that_is_not_ours_is_refused_by_name(record: StudyRecord) -> None:
    job = pytorch_job(spec(record), record, INSTALLATION)
    stranger = job | {"metadata": job["metadata"] | {"labels": {}}}
    with pytest.raises(CellFailure, match="exists and is not ours"):
        require_ours(stranger, job)
