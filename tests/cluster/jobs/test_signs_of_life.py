"""A job's note changes with its work, and with nothing else."""

import os
from pathlib import Path
from typing import Literal

import pytest

from clt.cluster.jobs.signs_of_life import moved_bytes, signs_of_life
from clt.progress import alive, phase
from clt.store import open_store
from clt.study import StudyRecord
from tests.cluster.jobs.conftest import spec


def test_every_phase_and_batch_changes_the_note_even_if_it_says_nothing() -> None:
    notes: list[dict[str, object]] = []
    with signs_of_life(lambda **facts: notes.append(facts)), phase("evaluating"):
        alive()
        alive()
    assert notes == [{"signs": 1, "phase": "evaluating"}, {"signs": 2}, {"signs": 3}]


def test_bytes_of_a_long_download_are_counted(tmp_path: Path) -> None:
    before = moved_bytes()
    (tmp_path / "weights").write_bytes(os.urandom(2**20))
    assert moved_bytes() - before >= 2**20


@pytest.mark.parametrize("kind", ["training", "evaluation"])
def test_the_note_is_read_although_the_output_is_complete(
    kind: Literal["training", "evaluation"], record: StudyRecord, tmp_path: Path
) -> None:
    """A complete training whose pruned weights are made again for hours seemed silent, and was ended."""
    store, job = open_store(tmp_path / "store"), spec(record, kind=kind)
    with store.writer(job.output_key(record)):
        pass
    key = job.progress_key(store, record)
    with store.track(key, step=3):
        assert store.state(key).facts["step"] == 3
