"""A study of real files that runs in seconds: sums in three languages on a tiny random model."""

import json
from pathlib import Path

from tests.tiny_model import make_tiny_model

WORDS = {"en": "plus", "es": "más", "ja": "たす"}

STUDY = """
name: sums
models: [{name: tiny, path: model}]
tasks:
  sums:
    train: "train.{language}.jsonl"
    test: "test.{language}.jsonl"
    prompt: "{question}\\n"
    metrics: [exact_match, bits_per_byte]
    max_new_tokens: 4
languages: {train: [es], evaluate: [en, es, ja]}
mixtures: [{english_samples: 24, samples_per_language: [0, 8, 16]}]
training:
  {max_steps: STEPS, batch_size: 8, learning_rate: 1e-3, max_tokens: 64, checkpoint_every: 4, validation_rows: 4,
   state_minutes: 0}
"""


def write_study(folder: Path, steps: int = 8) -> Path:
    """Put the study, its data and its model into a folder; returns the study file."""
    make_tiny_model(folder / "model")
    for split, first in (("train", 0), ("test", 500)):
        for code in WORDS:
            rows = [_row(split, number, code) for number in range(first, first + (60 if split == "train" else 6))]
            (folder / f"{split}.{code}.jsonl").write_text("".join(rows), encoding="utf-8")
    path = folder / "study.yaml"
    path.write_text(STUDY.replace("STEPS", str(steps)), encoding="utf-8")
    return path


def _row(split: str, number: int, code: str) -> str:
    left, right = number * 7 % 1009, number * 13 % 1013  # different sums in training and test
    row = {"id": f"{split}-{number}", "question": f"{left} {WORDS[code]} {right}", "answer": str(left + right)}
    return json.dumps(row, ensure_ascii=False) + "\n"
