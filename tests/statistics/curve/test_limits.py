"""A curve at the end of its metric's range is named as one: it can show no change."""

from collections.abc import Callable

import pytest

from clt.statistics.analyses.findings.answer import where_transfer_works
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.limits import limit_of
from clt.statistics.document import Statistics


def constant(make_rows: Callable, table_of: Callable, metric: str, score: float) -> Statistics:
    return compute_statistics(table_of(make_rows(items=20, metric=metric).assign(score=score)))


def test_curves_without_english_only_training_are_counted(make_rows: Callable, table_of: Callable) -> None:
    rows = make_rows(items=20)
    bare = compute_statistics(table_of(rows[rows["samples_per_language"] != 0].reset_index(drop=True)))
    assert "No n = 0 in 1 of 1 curve: without" in " ".join(where_transfer_works(bare))
    assert "No n = 0" not in " ".join(where_transfer_works(compute_statistics(table_of(rows))))


@pytest.mark.parametrize(
    ("metric", "score", "limit"),
    [
        ("rouge_l", 0.0, "every score is 0, the floor"),
        ("exact_match", 0.0, "every score is 0, the floor"),
        ("exact_match", 1.0, "every score is 1, the ceiling"),
        ("rouge_l", 0.5, ""),
        ("bits_per_byte", 0.0, "every score is 0, the ceiling"),
    ],
)
def test_equal_scores_at_an_end_of_the_range_are_named(
    make_rows: Callable, table_of: Callable, metric: str, score: float, limit: str
) -> None:
    statistics = constant(make_rows, table_of, metric, score)
    (curve,) = statistics.curves
    assert limit_of(curve) == limit
    sentences = " ".join(where_transfer_works(statistics))
    assert (limit in sentences) if limit else "the floor" not in sentences
