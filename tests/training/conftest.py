"""A planned study of one trained cell over a tiny random model, with its mixture in the store."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clt.store import Store, open_store, publish_record
from clt.study import Cell, Facts, ModelFacts, SourceFacts, Study, StudyRecord, expand

LANGUAGES = ("en", "es", "ja")
WORDS = {"en": "apples", "es": "manzanas", "ja": "りんご"}


@dataclass(frozen=True)
class Planned:
    store: Store
    study_key: str
    record: StudyRecord
    cell: Cell

    @property
    def key(self) -> str:
        return self.record.training_key(self.cell)


def rows(split: str, count: int) -> list[dict[str, str]]:
    """`count` short sums in each language, each with an id that the languages share."""
    return [
        {
            "id": f"{split}-{i}",
            "task": "math",
            "language": code,
            "prompt": f"{i} + {i % 3} {WORDS[code] * (i % 4)} =",
            "answer": f" {i + i % 3}",
        }
        for i in range(count)
        for code in LANGUAGES
    ]


def to_jsonl(lines: list[dict[str, str]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


Plan = Callable[..., Planned]


@pytest.fixture
def plan(tiny_folder: Path, tmp_path: Path) -> Plan:
    """Plan a study whose training section is the keyword arguments, and put a mixture into its store."""

    def make(
        *,
        store: str = "store",
        model: dict[str, Any] | None = None,
        train: list[dict[str, str]] | None = None,
        validation: list[dict[str, str]] | None = None,
        seed: int = 0,
        evaluation: dict[str, Any] | None = None,
        resources: dict[str, Any] | None = None,
        **training: Any,
    ) -> Planned:
        defaults = {"max_steps": 6, "batch_size": 8, "learning_rate": 1e-2, "checkpoint_every": 2, "max_tokens": 64}
        defaults["state_minutes"] = 0  # a state after every step
        if "epochs" in training:
            del defaults["max_steps"]
        study = Study.model_validate(
            {
                "name": "tiny",
                "models": [{"name": "tiny", "path": str(tiny_folder), **(model or {})}],
                "tasks": {
                    "math": {"train": "t.jsonl", "test": "t.jsonl", "prompt": "{prompt}", "metrics": ["exact_match"]}
                },
                "languages": {"train": LANGUAGES[1:], "evaluate": LANGUAGES},
                "mixtures": [{"english_samples": 8, "samples_per_language": [8]}],
                "seeds": [seed],
                "training": defaults | training,
                "evaluation": {"max_new_tokens": 4, **(evaluation or {})},
                "resources": resources or {},
            }
        )
        source = SourceFacts(checksum="c", rows=8, mean_bytes=20)
        sources = {f"math/{split}/{code}": source for split in ("train", "test") for code in LANGUAGES}
        facts = Facts(sources=sources, models={"tiny": ModelFacts(identity="i", parameters=1, bytes=4)})
        record = StudyRecord(study=study, facts=facts, grid=expand(study))
        opened = open_store(tmp_path / store)
        planned = Planned(opened, publish_record(opened, record), record, record.grid.cells[-1])
        with opened.writer(record.mixture_key(planned.cell)) as attempt:
            (attempt.path / "train.jsonl").write_text(to_jsonl(train or rows("train", 8)))
            (attempt.path / "validation.jsonl").write_text(to_jsonl(validation or rows("validation", 3)))
        return planned

    return make
