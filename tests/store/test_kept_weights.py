"""Whose wishes hold for the weights of a training, in a folder and in a bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clt.store import CheckpointMetadata, Store, TrainingMetadata, gone_steps, open_store, prune_weights, publish_record
from clt.study import Cell, StudyRecord, checkpoint_key

STEPS = (5, 10, 15)
PLAIN = ("name: tiny", "name: plain")
KEEPS = ("epochs: 1", "epochs: 1\n  keep_checkpoints: all")
EVERY = ("training:", "evaluation: {checkpoints: {every: 2}}\ntraining:")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")


def trained(store: Store, record: StudyRecord) -> Cell:
    """A cell of a study, whose training is complete in the store."""
    cell = next(cell for cell in record.grid.cells if cell.samples_per_language == 10)
    key = record.training_key(cell)
    checkpoints = [CheckpointMetadata(step=step, validation_loss=1.0, validation={}) for step in STEPS]
    for checkpoint in checkpoints:
        with store.writer(checkpoint_key(key, checkpoint.step)) as attempt:
            (attempt.path / "model.safetensors").write_text("weights")
            checkpoint.write(attempt)
    with store.writer(key) as attempt:
        TrainingMetadata(selected=5, checkpoints=checkpoints, tokens=1).write(attempt)
    return cell


def kept(store: Store, key: str) -> list[int]:
    manifests = {step: store.manifest(checkpoint_key(key, step)) for step in STEPS}
    return [step for step, manifest in manifests.items() if manifest is not None and manifest.pruned is None]


@pytest.mark.parametrize(
    ("wishes", "expected"), [([], [5]), ([KEEPS], [5, 10, 15]), ([EVERY], [5, 10]), ([EVERY, KEEPS], [5, 10, 15])]
)
def test_the_strictest_wish_of_all_studies_holds(
    store: Store,
    record_of: Callable[..., StudyRecord],
    wishes: list[tuple[str, str]],
    expected: list[int],
) -> None:
    plain = record_of(PLAIN)
    cell = trained(store, plain)
    for record in (plain, *(record_of(wish) for wish in wishes)):
        assert record.training_key(cell) == plain.training_key(cell)
        publish_record(store, record)
    prune_weights(store, plain, cell, selected=5)
    assert kept(store, plain.training_key(cell)) == expected
    prune_weights(store, plain, cell, selected=5)
    assert kept(store, plain.training_key(cell)) == expected


def test_a_plan_that_was_pruned_wants_nothing(
    store: Store,
    record_of: Callable[..., StudyRecord],
) -> None:
    plain, keeps = record_of(PLAIN), record_of(KEEPS)
    cell = trained(store, plain)
    for record in (plain, keeps):
        publish_record(store, record)
    store.prune(f"studies/{keeps.key}", "for this test")
    prune_weights(store, plain, cell, selected=5)
    assert kept(store, plain.training_key(cell)) == [5]


def test_a_wish_that_comes_later_finds_what_is_gone(
    store: Store,
    record_of: Callable[..., StudyRecord],
) -> None:
    plain = record_of(PLAIN)
    cell = trained(store, plain)
    publish_record(store, plain)
    prune_weights(store, plain, cell, selected=5)
    assert gone_steps(store, record_of(KEEPS), cell) == {10, 15}
    assert gone_steps(store, record_of(EVERY), cell) == {10}
    assert not gone_steps(store, plain, cell)
