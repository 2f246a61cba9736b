"""Names and labels of jobs: legal, and the same for whoever means the same job."""

import re
from typing import get_args

from clt.cluster import JobSpec
from clt.cluster.jobs.job_spec import Kind
from clt.cluster.jobs.naming import job_name, label_value
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import spec


def test_names_are_legal_however_long_the_keys_and_leave_room_for_pods() -> None:
    for cell in ("a", "x" * 200, "größe_Ä.B--", "9lives"):
        facts = {"store": "s3://b", "study_key": "s-1", "cell_key": cell}
        for kind in get_args(Kind):
            name = job_name(JobSpec(kind=kind, **facts), 12)
            assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) and len(f"{name}-worker-999") <= 63


def test_a_name_depends_on_store_study_cell_kind_and_attempt_and_not_on_the_run(record: StudyRecord) -> None:
    base = spec(record)
    assert job_name(base, 1) == job_name(spec(record, run="other"), 1)
    others = [spec(record, store="s3://c"), spec(record, study_key="x"), spec(record, kind="evaluation")]
    assert len({job_name(base, 1), job_name(base, 2), *(job_name(other, 1) for other in others)}) == 5


def test_label_values_are_legal_and_distinct() -> None:
    long = ["a" * 80, "a" * 81, "with space", "-x-", ""]
    for text in long:
        assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label_value(text)), text
    assert len(set(map(label_value, long))) == len(long)
