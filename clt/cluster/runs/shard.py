"""Which cells of a study one run of the pipeline takes.

Beyond about 1 MB of workflow a run's task list freezes in Kubeflow's UI, so a larger study is split over several runs
that share a store. The cells are sorted by key and dealt out in turn: shard 2/5 takes the 2nd, 7th, ...
"""

import math
import re
from collections.abc import Iterable

from clt.cluster.runs.form import SHARD
from clt.errors import StudyError

# 12 nodes of 2.6 KB a cell, and three more for retries: tests/pipelines/test_workflow_size.py has the sum.
MAX_CELLS = 24


def shards(number_of_cells: int) -> list[str]:
    """The shards that a study runs in: as few as can be.

    Args:
        number_of_cells: At least one.

    Returns:
        Such as ["1/2", "2/2"].
    """
    count = math.ceil(number_of_cells / MAX_CELLS)
    return [f"{index}/{count}" for index in range(1, count + 1)]


def take_shard(cells: Iterable[str], shard: str) -> list[str]:
    """The keys of the cells in a shard such as "1/1" or "2/5", sorted. StudyError if it is none, empty or too large."""
    ordered = sorted(cells)
    index, count = _parse(shard)
    if count > len(ordered):
        raise StudyError(
            f"got {shard!r}, expected at most {len(ordered)} shards: the study has {len(ordered)} cells", field=SHARD
        )
    taken = ordered[index - 1 :: count]
    if len(taken) > MAX_CELLS:
        needed = shards(len(ordered))
        raise StudyError(
            f"got {shard!r}, which is {len(taken)} cells, expected at most {MAX_CELLS} in a run; this study has "
            f"{len(ordered)} cells: run it in {len(needed)} runs with shard {needed[0]} ... {needed[-1]} on the same "
            "store",
            field=SHARD,
        )
    return taken


def _parse(shard: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", shard.strip())
    if match is None or int(match[1]) > int(match[2]):
        raise StudyError(f"got {shard!r}, expected K/N with K from 1 to N, such as 1/1 or 2/5", field=SHARD)
    return int(match[1]), int(match[2])
