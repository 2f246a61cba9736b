"""The paper's statistics.json is what it was: no number moves or goes unnoticed. A new part may come.

Where numbers are meant to move, `python -m tests.statistics.test_paper_document` writes the document anew, and the
changelog says what moved and by how much.
"""

import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clt.statistics import compute_statistics, read_scores
from clt.statistics.analyses.claims.claim import read_claims
from clt.statistics.document import Statistics

PAPER = Path(__file__).resolve().parents[2] / "studies" / "paper"
DOCUMENT = Path(__file__).with_name("paper_document.json.gz")
TOLERANCE = 2e-5  # of a number: the last digits may differ between processors
# quantiles of draws, which processors may order otherwise
SIMULATED, OF_A_SIMULATION = (".recommendations", ".response_curves", ".conditions.combinations"), 1e-2


def paper_document() -> dict[str, Any]:
    """statistics.json of studies/paper, without what names this run."""
    claims = read_claims(PAPER / "claims.yaml", Statistics)
    statistics = compute_statistics(read_scores(PAPER / "scores.csv"), claims=claims)
    return statistics.model_dump(mode="json", exclude={"provenance"})


def differences(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Every place at which two documents differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        yield from (f"{place}.{key}: is gone" for key in before if key not in now)
        for key in before.keys() & now.keys():
            yield from differences(before[key], now[key], f"{place}.{key}")
    elif isinstance(before, list) and isinstance(now, list):
        if len(before) != len(now):
            yield f"{place}: {len(now)} entries, before {len(before)}"
        for index, (old, new) in enumerate(zip(before, now, strict=False)):
            yield from differences(old, new, f"{place}[{index}]")
    elif isinstance(before, float) and isinstance(now, float):
        tolerance = OF_A_SIMULATION if place.startswith(SIMULATED) else TOLERANCE
        if not math.isclose(before, now, rel_tol=tolerance, abs_tol=tolerance):
            yield f"{place}: {now}, before {before}"
    elif before != now:
        yield f"{place}: {now!r}, before {before!r}"


def test_the_papers_document_is_what_it_was() -> None:
    before = json.loads(gzip.decompress(DOCUMENT.read_bytes()))
    moved = list(differences(before, paper_document()))
    assert moved == [], "if this is meant: python -m tests.statistics.test_paper_document, and a line in CHANGELOG.md"


def test_a_number_that_moves_is_noticed() -> None:
    before = {"curves": [{"value": 0.5, "method": "bca"}]}
    assert list(differences(before, {"curves": [{"value": 0.5, "method": "bca"}], "new": 1})) == []
    assert list(differences(before, {"new": 1})) == [".curves: is gone"]
    moved = list(differences(before, {"curves": [{"value": 0.51, "method": "t"}]}))
    assert sorted(moved) == [".curves[0].method: 't', before 'bca'", ".curves[0].value: 0.51, before 0.5"]


if __name__ == "__main__":
    text = json.dumps(paper_document(), ensure_ascii=False, separators=(",", ":"))
    DOCUMENT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
