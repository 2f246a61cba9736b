"""`clt report`: statistics of a table of scores, or of studies in a store, or the repeats of one beside each other."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clt.errors import UserError


def write_report(
    scores: Path | None,
    store: str | None,
    studies: Sequence[str],
    output: Path,
    *,
    claims: Path | None,
    samples: bool,
    **wanted: Any,
) -> Path:
    """Write the report of exactly one kind of input; returns its folder. UserError if both or neither are given.

    `wanted` are the fields of a RecommendationRequest.
    """
    # many small matrices: a second thread of OpenBLAS has nothing to do but wait, at full load
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from clt.statistics import report, report_csv

    if scores is not None and not (store or studies):
        return report_csv(scores, output, claims=claims, **wanted)
    if scores is None and store and studies and not claims:
        from clt.local import find_study
        from clt.store import open_store

        opened = open_store(store)
        keys = list(dict.fromkeys(find_study(opened, study) for study in studies))
        return report(opened.uri, keys, output, samples=samples, **wanted)
    given = [
        name
        for name, value in (("SCORES.csv", scores), ("--store", store), ("--study", studies), ("--claims", claims))
        if value
    ]
    raise UserError(
        f"clt report: got {' and '.join(given) or 'no scores'}, expected either a table (`clt report SCORES.csv "
        "--output DIR`) or a store with its studies (`clt report --store DIR --study STUDY.yaml --output DIR`)"
    )


def write_repeats(store: str, study: str, output: Path) -> Path:
    """Compare all plans of a store that differ from one study in nothing but `repeat`; returns the folder."""
    from clt.local import find_repeats
    from clt.statistics import report_repeats
    from clt.store import open_store

    opened = open_store(store)
    return report_repeats(opened.uri, find_repeats(opened, study), output)
