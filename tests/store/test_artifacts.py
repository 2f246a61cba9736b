"""The contract of what the steps leave: metadata is read as it was written, whoever wrote it and whenever."""

from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import (
    ArtifactFile,
    CheckpointMetadata,
    EvaluationMetadata,
    LeftOutRows,
    MixtureMetadata,
    Store,
    TrainingMetadata,
    open_store,
)

KEY = "trainings/ab12"
CHECKPOINTS = [
    CheckpointMetadata(step=2, validation_loss=1.5, validation={"en": 1.0, "es": 2.0}),
    CheckpointMetadata(step=4, validation_loss=1.25, validation={"en": 1.0, "es": 1.5}),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def write(store: Store, **metadata: object) -> None:
    with store.writer(KEY) as attempt:
        attempt.metadata.update(metadata)


def test_metadata_is_plain_json_in_the_manifest_and_read_as_it_was_written(store: Store) -> None:
    training = TrainingMetadata(
        selected=4, checkpoints=CHECKPOINTS, tokens=7, seconds=0.5, environment={"python": "3.11"}
    )
    with store.writer(KEY) as attempt:
        training.write(attempt)
    manifest = store.manifest(KEY)
    assert manifest is not None
    assert manifest.metadata == {
        "selected": 4,
        "checkpoints": [
            {"step": 2, "validation_loss": 1.5, "validation": {"en": 1.0, "es": 2.0}},
            {"step": 4, "validation_loss": 1.25, "validation": {"en": 1.0, "es": 1.5}},
        ],
        "tokens": 7,
        "padded_because": None,
        "truncated": {},
        "seconds": 0.5,
        "seconds_by_phase": {},
        "environment": {"python": "3.11"},
    }
    assert TrainingMetadata.read(store, KEY) == TrainingMetadata.of(manifest) == training
    assert training.checkpoint(4) == CHECKPOINTS[1]


def test_rows_left_out_are_counted_and_the_first_ones_named(store: Store) -> None:
    left_out = LeftOutRows()
    for line in range(1, 8):
        left_out.add(f"train.jsonl:{line}")
    with store.writer(KEY) as attempt:
        MixtureMetadata(
            rows=3,
            counts={"math": {"en": 3}},
            validation_counts={"math": {"en": 1}},
            non_english_share=0.0,
            seed=0,
            dropped={"not JSON": 7},
            dropped_rows={"math": {"en": {"not JSON": left_out}}},
            sources={"math/train/en": "c"},
            ids_sha256="d",
            decontamination={},
        ).write(attempt)
    mixture = MixtureMetadata.read(store, KEY)
    assert mixture is not None
    assert mixture.dropped_rows["math"]["en"]["not JSON"] == LeftOutRows(
        count=7, examples=[f"train.jsonl:{line}" for line in range(1, 6)]
    )


def test_what_is_not_complete_has_no_metadata_and_what_is_pruned_keeps_it(store: Store) -> None:
    assert TrainingMetadata.read(store, KEY) is None
    write(store, selected=4, checkpoints=[], tokens=7)
    store.prune(KEY, "for this test")
    assert TrainingMetadata.read(store, KEY) is not None


def test_fields_of_other_versions_are_passed_over_and_missing_ones_are_named(store: Store) -> None:
    write(store, steps=[2, 4], selected=4, added_later=True)
    assert EvaluationMetadata.read(store, KEY) == EvaluationMetadata(steps=[2, 4], selected=4)
    with pytest.raises(StoreError, match=rf"{KEY}: metadata.checkpoints: Field required: .* another version"):
        TrainingMetadata.read(store, KEY)


def test_names_of_files_are_paths(tmp_path: Path) -> None:
    assert tmp_path / ArtifactFile.SCORES == tmp_path / "scores.parquet"
