"""Intervals of a study the size of the paper: this project beside scipy.stats.bootstrap in a loop.

    python benchmarks/transfer_statistics.py

Prints seconds, CPU seconds and peak memory of whole processes, imports included. Ours computes every measure of every
curve (levels, changes, gains, cross-fitted gains, plateau bounds) with 10,000 resamples: 152 runs in 21 curves, 8
languages, 250 right-or-wrong items; then with fewer and more runs and items. scipy computes the same BCa intervals one
statistic at a time, for four statistics of one curve; its total is that time multiplied, and labelled as such. Last,
the paper's printed table from file to statistics.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from clt.statistics.curve.measuring import measure
from clt.statistics.inference.bootstrap import RESAMPLES
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "studies" / "paper" / "scores.csv"
ROLES = Roles(english="en", trained=("es", "fr", "ja", "zh"), held_out=("ar", "ko", "pt"))
COUNTS = (0, 100, 200, 400, 800, 1600, 3200, 5000)
GROWTH = ((152, 250), (76, 250), (304, 250), (152, 60), (152, 1000))  # runs, items


def made_curves(runs: int, items: int) -> Iterator[CurveData]:
    """Curves of eight and seven points over the same items, that many runs together."""
    difficulty = np.random.default_rng(0).normal(0, 1.2, (items, 1, 1))
    curves = -(-runs // len(COUNTS)) + (runs == 152) * 2  # the paper's 152 runs stand in 21 curves
    for k, points in enumerate(len(part) for part in np.array_split(np.arange(runs), curves)):
        generator = np.random.default_rng(k)
        start = np.array([2, 0.5, 0.6, -1, -0.8, -1.5, -2, 0.2])
        rise = np.array([0, 0.25, 0.25, 0.25, 0.25, 0.12, 0.12, 0.12]) * np.arange(points)[:, None]
        right = generator.random((items, points, 8)) < 1 / (1 + np.exp(-(difficulty + start + rise)))
        yield CurveData(
            identity={"metric": "exact_match"},
            family="",
            size=None,
            higher_is_better=True,
            roles=ROLES,
            has_base=False,
            sample_sizes=COUNTS[:points],
            rows=((None, None),) * points,
            exposure=({},) * points,
            runs=("0",),
            left_out_runs=(),
            sample=Sample(
                items=tuple(f"{item:04d}" for item in range(items)),
                scores=right[None].astype(float),
                mask=np.ones((items, 8), dtype=bool),
                present=np.ones((points, 8), dtype=bool),
            ),
            has_items=True,
            available=dict.fromkeys(ROLES.languages, items),
        )


def ours(runs: int, items: int) -> str:
    curves = list(made_curves(runs, items))
    start, processor = time.perf_counter(), time.process_time()
    found = [measure(data) for data in curves]
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    intervals = sum(int(np.isfinite(low).sum()) for one in found for low in one.low.values())
    return f"{intervals} intervals in {seconds:.1f} s ({processor:.1f} CPU s) without imports"


def scipy_loop(runs: int, items: int) -> str:
    """S, U, R and the change of S of one curve; the same statistics as ours, of which there are as many as ours has."""
    from scipy.stats import bootstrap

    data = next(iter(made_curves(runs, items)))
    scores = data.sample.scores[0]
    seen, unseen, other = (scores[:, :, columns].mean(axis=-1) for columns in (slice(1, 5), slice(5, 8), slice(1, 8)))
    start = time.perf_counter()
    for columns, statistic in (
        ((seen[:, -1],), lambda x, axis=-1: x.mean(axis=axis)),
        ((unseen[:, -1],), lambda x, axis=-1: x.mean(axis=axis)),
        ((other[:, -1], scores[:, -1, 0]), lambda a, e, axis=-1: a.mean(axis=axis) / e.mean(axis=axis)),
        ((seen[:, -1], seen[:, 0]), lambda x, y, axis=-1: x.mean(axis=axis) - y.mean(axis=axis)),
    ):
        rng = np.random.default_rng(0)
        bootstrap(columns, statistic, paired=True, vectorized=True, n_resamples=RESAMPLES, batch=1000, rng=rng)
    each = (time.perf_counter() - start) / 4
    every = sum(sum(low.size for low in measure(one, 100).low.values()) for one in made_curves(runs, items))
    return f"{each:.2f} s an interval; all {every} would take {each * every / 60:.0f} min (not run)"


def paper(runs: int, items: int) -> str:
    """The printed table, from the file to statistics.json's content."""
    from clt.statistics import compute_statistics, read_scores

    start = time.perf_counter()
    table = read_scores(PAPER)
    read = time.perf_counter() - start
    found = compute_statistics(table)
    both = time.perf_counter() - start
    return f"{len(table.rows)} scores, {len(found.curves)} curves: reading {read:.1f} s, computing {both - read:.1f} s"


SIDES: dict[str, Callable[[int, int], str]] = {"ours": ours, "scipy in a loop": scipy_loop, "the paper's table": paper}


def run_side(side: str, runs: int, items: int) -> None:
    """One side, in this process; prints CPU seconds, peak memory in MiB, and what it did."""
    said = SIDES[side](runs, items)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{usage.ru_utime + usage.ru_stime:.1f} {usage.ru_maxrss // 1024} {said}")


def run_apart(side: str, runs: int, items: int) -> str:
    """Run one side in a process of its own."""
    command = [sys.executable, __file__, "--side", side, "--runs", str(runs), "--items", str(items)]
    start = time.perf_counter()
    result = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    seconds = time.perf_counter() - start
    processor, peak, said = result.stdout.strip().split(maxsplit=2)
    size = "" if side == "the paper's table" else f"{runs} runs, {items} items"
    return f"{side:18} {size:21} {seconds:6.1f} s  {processor:>6} CPU s  {peak:>5} MiB  {said}"


def main() -> None:
    """Print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=152, help=argparse.SUPPRESS)
    parser.add_argument("--items", type=int, default=250, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        run_side(arguments.side, arguments.runs, arguments.items)
        return
    for runs, items in GROWTH:
        print(run_apart("ours", runs, items), flush=True)
    for side in ("scipy in a loop", "the paper's table"):
        print(run_apart(side, *GROWTH[0]), flush=True)


if __name__ == "__main__":
    main()
