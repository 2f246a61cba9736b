"""The committed data files: which rows, which languages, how they are written."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from clt.studies.demo.corpus import headlines, instructions, math_problems
from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.languages import LANGUAGES, TRAINED

SEED = 20250423
ENGLISH_ROWS = 500
TRAINED_LANGUAGE_ROWS = 250
"""Translations of the first rows of the English training set."""
EVALUATION_ROWS = {"dev": 40, "test": 60}

# The items are of another class in every task: `Draw` gives what `Tell` takes.
Draw = Callable[[str, int, int], Sequence[Any]]
Tell = Callable[[Any, Language], dict[str, str]]
TASKS: dict[str, tuple[Draw, Tell]] = {
    "math": (math_problems.problems, math_problems.row),
    "instructions": (instructions.instructions, instructions.row),
    "headlines": (headlines.items, headlines.row),
}


def rows(task: str, split: str, code: str, seed: int = SEED) -> list[dict[str, str]]:
    """The rows of one file. The same `id` in two languages is the same item.

    A language without training rows gives an empty list for `train`.
    """
    draw, tell = TASKS[task]
    items = draw(split, EVALUATION_ROWS.get(split, ENGLISH_ROWS), seed)
    if split == "train" and code != "en":
        items = items[: TRAINED_LANGUAGE_ROWS if code in TRAINED else 0]
    return [{"id": f"{task}-{split}-{number:04}", **tell(item, LANGUAGES[code])} for number, item in enumerate(items)]


def write_files(folder: Path) -> list[Path]:
    """Write `{task}_{split}.{language}.jsonl` for everything that has rows; returns the paths in order of
    writing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for task in TASKS:
        for split in ("train", *EVALUATION_ROWS):
            for code in LANGUAGES:
                lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows(task, split, code)]
                if lines:
                    path = folder / f"{task}_{split}.{code}.jsonl"
                    path.write_text("".join(lines), encoding="utf-8", newline="\n")
                    written.append(path)
    return written
