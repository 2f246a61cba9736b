"""A million rows of jsonl to a mixture of 75,000: this project beside plain `datasets`.

    python benchmarks/mixing.py [--rows 200000]

Prints seconds, CPU seconds and peak memory of whole processes and their children, imports included. Ours checks every
row and its checksum, drops test items and their translations (five languages, parallel ids) and publishes with
checksums and digests; then a second cell of the same study, for which the store knows the sources already. The peer
does only what `datasets` offers for it: load the files (its cache is cold, in a temporary folder), order by a keyed
hash of the id, select, render, save.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LANGUAGES = ("en", "es", "ja", "zh", "ar")
ENGLISH_ROWS, ROWS_PER_LANGUAGE = 35_000, 10_000  # 75,000 together
ALPHABETS = {
    "en": "etaoinshrdlu",
    "es": "eaosrnidlctuíñ",
    "ja": "かたさなはまやらの田山川日本人語食",
    "zh": "的一是不了人我在有他这中大来上国个",
    "ar": "ابتدرسعفلمنهي",
}
PROMPT, ANSWER = "{question}\nAnswer: ", "{answer}"


def write_rows(path: Path, language: str, first: int, rows: int) -> None:
    """Rows of about 300 bytes: a question of 24 words (or 60 characters) with a number, and an answer."""
    source = random.Random(f"{language} {first}")
    words = ["".join(source.choices(ALPHABETS[language], k=source.randint(2, 8))) for _ in range(5000)]
    space, count = ("", 14) if language in ("ja", "zh") else (" ", 24)
    with path.open("w", encoding="utf-8") as file:
        for number in range(first, first + rows):
            question = space.join([*source.choices(words, k=count), str(number)])
            answer = space.join(source.choices(words, k=count // 3))
            row = {"id": f"item-{number}", "question": question, "answer": answer}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def mix_ours(folder: Path, cell_number: int) -> int:
    """Plan (which the store may know already) and mix one cell; returns its rows."""
    from clt.data import inspect_sources, mix
    from clt.store import MixtureMetadata, open_store, publish_record
    from clt.study import ModelFacts, Study, StudyRecord, expand

    study = Study.model_validate(
        {
            "name": "benchmark",
            "models": [{"name": "none", "path": "org/none", "revision": "0" * 40, "parameters": 1}],
            "tasks": {
                "math": {
                    "train": str(folder / "train.{language}.jsonl"),
                    "test": str(folder / "test.{language}.jsonl"),
                    "prompt": PROMPT,
                    "answer": ANSWER,
                    "metrics": ["exact_match"],
                }
            },
            "languages": {"train": LANGUAGES[1:], "evaluate": LANGUAGES},
            "mixtures": [
                {"english_samples": ENGLISH_ROWS, "samples_per_language": [ROWS_PER_LANGUAGE // 2, ROWS_PER_LANGUAGE]}
            ],
            "training": {"epochs": 1},
        }
    )
    store = open_store(folder / "store")
    grid = expand(study)
    models = {"none": ModelFacts(identity="none", parameters=1, bytes=1)}
    facts = inspect_sources(study, grid, store).model_copy(update={"models": models})
    record = StudyRecord(study=study, facts=facts, grid=grid)
    publish_record(store, record)
    cell = grid.cells[cell_number]
    mix(store, record.key, cell.key)
    mixture = MixtureMetadata.read(store, record.mixture_key(cell))
    assert mixture is not None, "it has just been published"
    return mixture.rows


def mix_peer(folder: Path) -> int:
    """The same selection with `datasets` alone; returns its rows."""
    import hashlib

    from datasets import concatenate_datasets, disable_progress_bars, load_dataset

    disable_progress_bars()
    parts = []
    for language in LANGUAGES:
        file = str(folder / f"train.{language}.jsonl")
        data = load_dataset("json", data_files=file, split="train", cache_dir=str(folder / "cache"))
        key = f"math {language} 0".encode()
        ranks = [hashlib.blake2b(row.encode(), digest_size=8, key=key).digest() for row in data["id"]]
        order = sorted(range(len(ranks)), key=ranks.__getitem__)
        chosen = data.select(order[: ENGLISH_ROWS if language == "en" else ROWS_PER_LANGUAGE])
        parts.append(chosen.map(lambda row: {"prompt": PROMPT.format_map(row)}, remove_columns=["question"]))
    mixture = concatenate_datasets(parts)
    mixture.to_json(str(folder / "peer.jsonl"), force_ascii=False)
    return len(mixture)


SIDES: dict[str, Callable[[Path], int]] = {
    "ours, first cell": lambda folder: mix_ours(folder, -1),
    "ours, next cell": lambda folder: mix_ours(folder, -2),
    "datasets": mix_peer,
}


def run_side(side: str, folder: Path) -> None:
    """One side, in this process; prints rows, CPU seconds and peak memory in MiB."""
    rows = SIDES[side](folder)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in (own, children))
    # Of the children only the largest is known: as many of it as can run at once is an upper bound.
    peak = own.ru_maxrss + len(os.sched_getaffinity(0)) * children.ru_maxrss
    print(rows, f"{seconds:.1f}", peak // 1024)


def measure(side: str, folder: Path) -> str:
    """Run one side in a process of its own."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder)]
    start = time.perf_counter()
    result = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)}
    )
    seconds = time.perf_counter() - start
    rows, processor, peak = result.stdout.split()[-3:]
    return f"{side:17} {seconds:6.1f} s  {processor:>6} CPU s  {peak:>5} MiB at most  {rows} rows"


def main() -> None:
    """Generate the input in a temporary folder and print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000, help="training rows a language")
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        run_side(arguments.side, arguments.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language in LANGUAGES:
            write_rows(folder / f"train.{language}.jsonl", language, 0, arguments.rows)
            write_rows(folder / f"test.{language}.jsonl", language, 10_000_000, 250)
        size = sum(file.stat().st_size for file in folder.glob("train.*"))
        print(f"{arguments.rows * len(LANGUAGES)} rows, {size / 2**20:.0f} MiB, {len(LANGUAGES)} languages", flush=True)
        for side in SIDES:
            print(measure(side, folder), flush=True)


if __name__ == "__main__":
    main()
