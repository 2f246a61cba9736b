"""When a report says that cells ran in different environments."""

import json
from typing import Any

import pandas as pd
import pytest

from clt.statistics.provenance import provenance_of
from clt.statistics.scores.table import COLUMNS, ScoreTable

FACTS: dict[str, Any] = {"device": "cpu x86_64", "packages": {"torch": "2.15.0"}, "cpu_capability": "AVX2"}


def mixed(*environments: tuple[str, dict[str, Any]]) -> bool:
    named = {f"{step}: {json.dumps(facts, sort_keys=True)}": 1 for step, facts in environments}
    rows = pd.DataFrame(columns=list(COLUMNS))
    table = ScoreTable(rows=rows, source="made", main_metrics={}, environments=named)
    return provenance_of(table).mixed_environments


@pytest.mark.parametrize(
    "other",
    [
        {"device": "NVIDIA H200"},
        {"packages": {"torch": "2.16.0"}},
        {"cpu_capability": "DEFAULT"},
    ],
)
def test_cells_that_differ_in_a_fact_of_one_step_are_mixed(other: dict[str, Any]) -> None:
    assert mixed(("training", FACTS), ("training", FACTS | other))
    assert not mixed(("training", FACTS), ("evaluation", FACTS | other))
    assert not mixed(("training", FACTS))


def test_equal_machines_are_not_mixed_where_one_manifest_says_more() -> None:
    """An older version recorded less, and an image is known in a pod alone; two that are known still differ."""
    image = FACTS | {"image": "clt-gpu@sha256:1"}
    older = {name: value for name, value in FACTS.items() if name != "cpu_capability"}
    assert not mixed(("training", FACTS), ("training", image), ("training", older))
    assert mixed(("training", older), ("training", image), ("training", image | {"image": "clt-gpu@sha256:2"}))


def test_our_own_version_mixes_nothing_as_results_that_it_changes_have_other_keys() -> None:
    assert not mixed(("training", FACTS | {"clt": "1.0"}), ("training", FACTS | {"clt": "1.1"}))
