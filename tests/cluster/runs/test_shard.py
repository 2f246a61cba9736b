"""A run takes every k-th cell; together the shards of a study are the study."""

import pytest

from clt.cluster.runs.shard import MAX_CELLS, shards, take_shard
from clt.errors import StudyError

CELLS = [f"cell-{i:03d}" for i in range(146)]


def test_shards_together_are_all_cells_once() -> None:
    taken = [take_shard(CELLS, shard) for shard in shards(len(CELLS))]
    assert sorted(cell for cells in taken for cell in cells) == CELLS
    assert all(len(cells) <= MAX_CELLS for cells in taken)


def test_a_study_is_split_into_as_few_shards_as_can_be() -> None:
    assert shards(1) == shards(MAX_CELLS) == ["1/1"]
    assert shards(MAX_CELLS + 1) == ["1/2", "2/2"]


def test_order_of_the_cells_does_not_change_a_shard() -> None:
    assert take_shard(reversed(CELLS), "2/7") == take_shard(CELLS, "2/7")


def test_too_many_cells_name_the_shards_to_use() -> None:
    with pytest.raises(StudyError) as refused:
        take_shard(CELLS, "1/1")
    assert str(refused.value) == (
        "shard_of_cells: got '1/1', which is 146 cells, expected at most 24 in a run; this study has 146 cells: "
        "run it in 7 runs with shard 1/7 ... 7/7 on the same store"
    )


@pytest.mark.parametrize("shard", ["", "1", "0/3", "4/3", "a/b", "1/0"])
def test_what_is_no_shard_is_refused(shard: str) -> None:
    with pytest.raises(StudyError, match="expected K/N with K from 1 to N"):
        take_shard(CELLS, shard)


def test_a_shard_without_cells_is_refused() -> None:
    with pytest.raises(StudyError, match="expected at most 2 shards: the study has 2 cells"):
        take_shard(["a", "b"], "3/3")
