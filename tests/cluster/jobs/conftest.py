"""A planned study with two kinds of resources, without data or weights."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from clt.cluster import Installation, JobSpec
from clt.planning import declared_record
from clt.study import StudyRecord, load_study

STUDY = """
name: placed
models: [{name: big, parameters: 1000000}]
tasks:
  sums:
    {train: {rows: 100, bytes_per_row: 50}, test: {rows: 10, bytes_per_row: 50}, prompt: "{q}", metrics: [exact_match]}
languages: {train: [es], evaluate: [en, es]}
mixtures: [{english_samples: 20, samples_per_language: [4]}]
training: {max_steps: 2}
"""
INSTALLATION = Installation(
    job_image="example.org/gpu@sha256:" + "1" * 64, store_secret="clt-object-store", hub_secret="hub", data_claim="data"
)


def record_with(folder: Path, resources: dict[str, Any]) -> StudyRecord:
    """The study with these resources, planned from what it declares."""
    study = yaml.safe_load(STUDY) | {"resources": {"speeds": {"cpu-thread": 1e9, "h100": 4e14}} | resources}
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    return declared_record(load_study(path))


def spec(record: StudyRecord, **changes: Any) -> JobSpec:
    facts = {"kind": "training", "store": "s3://b/p", "study_key": record.key, "cell_key": record.grid.cells[-1].key}
    return JobSpec(**(facts | changes))


@pytest.fixture
def record(tmp_path: Path) -> StudyRecord:
    return record_with(tmp_path, {})
