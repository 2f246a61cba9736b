"""A small study that can be planned without data, as text and as a record."""

from collections.abc import Callable

import pytest

from clt.planning import declared_record
from clt.study import Study, StudyRecord, load_study

TEXT = """\
name: tiny
models:
  - name: small
    parameters: 1000
  - {name: large, parameters: 3000}
tasks:
  math:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{question}"
    metrics: [math_answer]
  news:
    train: {rows: 500, bytes_per_row: 100}
    test: {rows: 50, bytes_per_row: 80}
    prompt: "{text}"
    metrics: [rouge_l]
languages:
  train: [es, ja]
  evaluate: [en, es, ja, ko]
mixtures:
  - name: main
    english_samples: 100
    samples_per_language: [0, 10, 20]
training:
  epochs: 1
  batch_size: 10
  validation_rows: 5
resources:
  speeds: {cpu-thread: 1.0e+6, h100: 1.0e+9}
"""


@pytest.fixture
def text() -> str:
    return TEXT


@pytest.fixture
def study() -> Study:
    return load_study(TEXT)


@pytest.fixture
def record_of() -> Callable[..., StudyRecord]:
    """The record of TEXT with replacements: record_of(("seeds: [0]", "seeds: [1]"), repeat="again")."""

    def make(*replacements: tuple[str, str], repeat: str = "") -> StudyRecord:
        text = TEXT
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        return declared_record(load_study(text), repeat)

    return make
