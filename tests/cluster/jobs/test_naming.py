"""Names and labels of jobs: legal, and the same for whoever needs the same result."""

import re
from pathlib import Path
from typing import get_args

from clt.cluster.jobs.job_spec import Kind
from clt.cluster.jobs.naming import job_name, label_value, lease_of
from clt.planning import declared_record
from clt.study import StudyRecord, load_study
from tests.cluster.jobs.conftest import STUDY, record_with, spec


def changed(folder: Path, *replacements: tuple[str, str]) -> StudyRecord:
    text = STUDY
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return declared_record(load_study(path))


def test_names_are_legal_and_leave_room_for_pods(record: StudyRecord) -> None:
    for kind in get_args(Kind):
        name = job_name(spec(record, kind=kind), record, 12)
        assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) and len(f"{name}-worker-999") <= 63
        assert lease_of(name) == name.removesuffix("-12")


def test_a_name_depends_on_store_result_and_attempt_and_not_on_the_run(record: StudyRecord) -> None:
    base = spec(record)
    assert job_name(base, record, 1) == job_name(spec(record, run="other"), record, 1)
    others = [spec(record, store="s3://c"), spec(record, kind="evaluation")]
    names = {job_name(base, record, 1), job_name(base, record, 2), *(job_name(each, record, 1) for each in others)}
    assert len(names) == 4


def test_studies_that_need_the_same_training_mean_the_same_job(record: StudyRecord, tmp_path: Path) -> None:
    renamed = changed(tmp_path, ("name: placed", "name: other\ndescription: another text"))
    assert renamed.key != record.key
    resources = record_with(tmp_path, {"training": {"cpu": 2}})
    longer = changed(tmp_path, ("max_steps: 2", "max_steps: 3"))
    name = job_name(spec(record), record, 1)
    assert job_name(spec(renamed), renamed, 1) == job_name(spec(resources), resources, 1) == name
    assert job_name(spec(longer), longer, 1) != name


def test_label_values_are_legal_and_distinct() -> None:
    long = ["a" * 80, "a" * 81, "with space", "-x-", ""]
    for text in long:
        assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label_value(text)), text
    assert len(set(map(label_value, long))) == len(long)
