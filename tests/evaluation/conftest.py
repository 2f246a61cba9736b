"""A planned study over a tiny random model: its items and a trained cell's checkpoints are in the store."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clt.hashing import digest
from clt.store import CheckpointMetadata, Store, TrainingMetadata, open_store, publish_record
from clt.study import (
    Cell,
    DrawFacts,
    Facts,
    ModelFacts,
    SourceFacts,
    Study,
    StudyRecord,
    checkpoint_key,
    draw_name,
    expand,
)

LANGUAGES = ("en", "es", "ja")
THINGS = {"en": "apples", "es": "manzanas", "ja": "りんご"}
STEPS = (2, 4, 6)
SELECTED = 4


@dataclass(frozen=True)
class Planned:
    store: Store
    study_key: str
    record: StudyRecord
    base: Cell
    trained: Cell


Plan = Callable[..., Planned]


def lively(folder: Path, seed: int) -> Any:
    """The tiny model with weights so large that its greedy text varies; another one for every seed."""
    import torch
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(folder).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.normal_(std=0.3, generator=generator)
    return model


def items() -> list[dict[str, str]]:
    """Four sums in each language, of several lengths; the last one's reference is no number."""
    return [
        {
            "id": f"test-{number}",
            "language": code,
            "prompt": f"{number} {THINGS[code] * (number + 1)} + 1 =",
            "reference": "?" if number == 3 else str(number + 1),
        }
        for code in sorted(LANGUAGES)
        for number in range(4)
    ]


@pytest.fixture(scope="session")
def checkpoints(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The weights after each of STEPS, with their tokenizer, made once."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    folders = {step: tmp_path_factory.mktemp(f"checkpoint-{step}") for step in STEPS}
    for step, folder in folders.items():
        lively(tiny_folder, step).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folders


@pytest.fixture
def plan(tiny_folder: Path, checkpoints: dict[int, Path], tmp_path: Path) -> Plan:
    """Plan a study; keyword arguments override its sections; `rows` are its items."""

    def make(
        *,
        training: dict[str, Any] | None = None,
        evaluation: dict[str, Any] | None = None,
        rows: list[dict[str, Any]] | None = None,
        task: dict[str, Any] | None = None,
        shots: list[dict[str, str]] | None = None,
        metrics: tuple[str, ...] = ("math_answer", "bits_per_byte", "language_fidelity"),
        evaluate: tuple[str, ...] = LANGUAGES,
        store: str = "store",
        judge: dict[str, Any] | None = None,
    ) -> Planned:
        study = Study.model_validate(
            {
                "name": "tiny",
                "models": [{"name": "tiny", "path": str(tiny_folder)}],
                "tasks": {
                    "math": {
                        "train": "t.jsonl",
                        "test": "t.jsonl",
                        "prompt": "{prompt}",
                        "metrics": metrics,
                        **(task or {}),
                    }
                },
                "languages": {"train": LANGUAGES[1:2], "evaluate": evaluate},
                "mixtures": [{"english_samples": 8, "samples_per_language": [8]}],
                "training": {"max_steps": 6, "max_tokens": 64, **(training or {})},
                "evaluation": {"max_new_tokens": 8, "batch_size": 5, **(evaluation or {})},
                "judge": judge,
            }
        )
        source = SourceFacts(checksum="c", rows=8, mean_bytes=20)
        sources = {f"math/{split}/{code}": source for split in ("train", "test") for code in LANGUAGES}
        asked = [item for item in rows or items() if item["language"] in evaluate]
        grid = expand(study)
        facts = Facts(
            sources=sources,
            models={"tiny": ModelFacts(identity="i", parameters=1, bytes=4)},
            items={f"math/{code}": digest([each for each in asked if each["language"] == code]) for code in evaluate},
            shots={f"math/{code}": digest(shots) for code in evaluate} if shots else {},
            draws={
                draw_name("math", code, 0, 8): DrawFacts(rows=code, validation=code, left_out="") for code in LANGUAGES
            },
        )
        record = StudyRecord(study=study, facts=facts, grid=grid)
        opened = open_store(tmp_path / store)
        base, trained = record.grid.cells
        planned = Planned(opened, publish_record(opened, record), record, base, trained)
        _fill(planned, checkpoints, asked, shots)
        return planned

    return make


def _fill(
    planned: Planned,
    checkpoints: dict[int, Path],
    rows: list[dict[str, Any]],
    shots: list[dict[str, str]] | None,
) -> None:
    store, record = planned.store, planned.record
    with store.writer(record.items_key("math")) as attempt:
        lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in rows)
        (attempt.path / "items.jsonl").write_text(lines, encoding="utf-8")
        if shots:
            (attempt.path / "shots.jsonl").write_text(
                "".join(json.dumps(shot) + "\n" for shot in shots), encoding="utf-8"
            )
    training = record.training_key(planned.trained)
    if store.manifest(training) is not None:
        return
    for step, folder in checkpoints.items():
        with store.writer(checkpoint_key(training, step)) as attempt:
            shutil.copytree(folder, attempt.path, dirs_exist_ok=True)
    with store.writer(training) as attempt:
        losses = [CheckpointMetadata(step=step, validation_loss=1.0, validation={}) for step in STEPS]
        TrainingMetadata(selected=SELECTED, checkpoints=losses, tokens=1000).write(attempt)
