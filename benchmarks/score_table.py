"""Reading a table of item scores: this project beside plain pandas.

    python -m benchmarks.score_table [--rows 5000000] [--keep FILE]

Prints seconds, rows a second and peak memory of whole processes, imports included. Ours checks every row, refuses what
cannot be understood, derives exposures and looks for duplicates and missing cells; the peer only parses the file.
The rows are right-or-wrong items: 250 a task, 8 languages, 8 n, 5 seeds, 2 settings, 3 tasks, and as many models as the
number of rows needs (one for every 480,000).
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count, islice, product
from pathlib import Path

LANGUAGES = ("en", "es", "fr", "ja", "zh", "ar", "ko", "pt")
COUNTS = (0, 100, 200, 400, 800, 1000, 2000, 5000)
ITEMS, SEEDS = 250, 5
MOST_ROWS = 20_000_000  # about 2 GB on disk
HEADER = "model,setting,task,metric,train_languages,samples_per_language,seed,language,item,score\n"


def write_table(path: Path, rows: int) -> None:
    """A table with as many rows; a language is right more often the more samples there are."""
    source = random.Random(0)
    cells = (
        (model, *cell)
        for model in count()
        for cell in product(("single", "multi"), ("math", "summary", "chat"), range(SEEDS), COUNTS, LANGUAGES)
    )
    lines = (
        f"model-{model},{setting},{task},exact_match,en+es+fr+ja+zh,{n},{seed},{language},{task}-{item:03d},"
        f"{int(source.random() < 0.3 + n / 20_000)}\n"
        for model, setting, task, seed, n, language in cells
        for item in range(ITEMS)
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(islice(lines, rows))


def read_ours(path: Path) -> int:
    from clt.statistics import read_scores

    return len(read_scores(path).rows)


def read_peer(path: Path) -> int:
    import pandas as pd

    return len(pd.read_csv(path))


SIDES: dict[str, Callable[[Path], int]] = {"ours": read_ours, "pandas.read_csv": read_peer}


def measure(side: str, path: Path) -> str:
    """Run one side in a process of its own."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, __file__, "--side", side, "--keep", str(path)]
    start = time.perf_counter()
    result = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)}
    )
    seconds = time.perf_counter() - start
    rows, processor, peak = result.stdout.split()[-3:]
    speed = int(rows) / seconds
    return f"{side:16} {seconds:6.1f} s  {processor:>6} CPU s  {speed:>9.0f} rows/s  {peak:>5} MiB at most  {rows} rows"


def main() -> None:
    """Write the table into a temporary folder, or use the one at hand, and print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help=f"rows of the table, at most {MOST_ROWS}")
    parser.add_argument("--keep", type=Path, help="write the table here and leave it; used again if it is there")
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        rows = SIDES[arguments.side](arguments.keep)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(rows, f"{usage.ru_utime + usage.ru_stime:.1f}", usage.ru_maxrss // 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.keep or Path(folder) / "scores.csv"
        if not path.exists():
            write_table(path, min(arguments.rows, MOST_ROWS))
        print(f"{path.stat().st_size / 2**20:.0f} MiB", flush=True)
        for side in SIDES:
            print(measure(side, path), flush=True)


if __name__ == "__main__":
    main()
