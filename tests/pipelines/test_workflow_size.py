"""How large the workflow object of a run becomes: beyond 1 MB a back end's list of tasks freezes.

An estimate, from what was measured on a 2.14 back end: a cell of three tasks is 12 nodes of 2.6 KB, parameters are
copied seven times, and the specification is in it. (Argo would add a node for a task that had a retry policy.)
"""

from pathlib import Path

import pytest

from clt.cluster import MAX_CELLS, MAX_INLINE_BYTES, shards
from clt.planning import declared_record
from clt.study import expand, load_study, resolve
from tests.pipelines.compiled import FULL, compiled

PAPER = Path(__file__).parents[2] / "studies" / "paper"
LIMIT = 1024 * 1024
NODES_A_CELL, NODE_BYTES = 12, 2_600
OTHER_NODES = 32  # of plan, statistics, require_complete, cleanup and the DAGs around them
COPIES = 7


def estimate(cells: int, parameter_bytes: int, spec_bytes: int) -> int:
    """Bytes of the workflow of a run."""
    return (cells * NODES_A_CELL + OTHER_NODES) * NODE_BYTES + COPIES * parameter_bytes + spec_bytes


def test_the_papers_points_fit_into_workflows_that_can_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = compiled(tmp_path, FULL)
    spec = pipeline.path.stat().st_size
    points = cells = 0
    largest = 0
    lines = []
    for path in sorted(PAPER.glob("*_*.yaml")):
        grid = declared_record(resolve(load_study(path), PAPER)).grid
        points, cells = points + len(grid.points), cells + len(grid.cells)
        runs = shards(len(grid.cells))
        each = -(-len(grid.cells) // len(runs))
        size = estimate(each, MAX_INLINE_BYTES, spec)
        largest = max(largest, size)
        lines.append(
            f"{path.name}: {len(grid.points)} points, {len(grid.cells)} cells, {len(runs)} runs, {size:,} bytes"
        )
    with capsys.disabled():
        print("", *lines, f"specification {spec:,} bytes; Argo's limit {LIMIT:,} bytes", sep="\n")
    assert points == 152
    assert largest < LIMIT


def test_the_largest_run_fits_with_the_largest_study_inline(tmp_path: Path) -> None:
    spec = compiled(tmp_path, FULL).path.stat().st_size
    assert estimate(MAX_CELLS, MAX_INLINE_BYTES + 500, spec) < LIMIT < estimate(MAX_CELLS + 5, MAX_INLINE_BYTES, spec)


def test_a_larger_study_does_not_make_a_larger_file(tmp_path: Path) -> None:
    assert len(expand(load_study(PAPER / "single_task.yaml")).cells) > MAX_CELLS
    assert compiled(tmp_path, FULL).path.stat().st_size < 64_000
