"""A verdict for Prometheus, read by its own parser."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from clt.baselines.document import Verdict, Word
from clt.baselines.telling import prometheus_text, write_prometheus
from clt.errors import UserError
from tests.baselines.telling.conftest import series, verdict

JA = "math, ja (small, single-task, n = 20)"


def samples(text: str) -> dict[tuple[str, ...], float]:
    """By name and label values; every family has a HELP and is a gauge."""
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation and family.type == "gauge" for family in families)
    found = [sample for family in families for sample in family.samples]
    assert len({(sample.name, *sorted(sample.labels.items())) for sample in found}) == len(found)
    return {(sample.name.removeprefix("clt_baseline_"), *sample.labels.values()): sample.value for sample in found}


def test_the_word_and_the_bits_are_sets_of_states() -> None:
    found = samples(prometheus_text(verdict(series("ja"))))
    words = {key[2]: value for key, value in found.items() if key[0] == "verdict"}
    assert words == {"unchanged": 0, "improved": 0, "regressed": 1, "cannot tell yet": 0}
    bits = {key[2]: value for key, value in found.items() if key[0] == "bits"}
    assert bits == {"same": 0, "different": 1, "not known": 0}


def test_runs_evidence_and_values_are_those_of_the_verdict() -> None:
    found = samples(prometheus_text(verdict(series("ja"))))
    assert found["runs", "weekly"] == 4
    assert found["runs_missing", "weekly"] == 0
    assert found["last_run_timestamp_seconds", "weekly"] == datetime(2026, 11, 23, 3, tzinfo=UTC).timestamp()
    assert found["evidence_ratio", "weekly", JA] == 2.5
    assert found["last_value", "weekly", JA] == 0.4


def test_what_is_not_known_has_no_sample() -> None:
    fresh = series("ja").model_copy(update={"evidence": [None] * 4, "values": [None] * 4})
    nothing = verdict().model_copy(update={"series": [fresh], "runs": [], "word": Word.CANNOT_TELL})
    found = samples(prometheus_text(nothing))
    assert {key[0] for key in found} == {"verdict", "bits", "runs", "runs_missing"}


def test_a_run_that_died_is_not_the_last_one() -> None:
    whole = verdict(series("ja"))
    died = whole.model_copy(
        update={"runs": [*whole.runs[:3], whole.runs[3].model_copy(update={"state": "incomplete"})]}
    )
    found = samples(prometheus_text(died))
    assert found["runs", "weekly"] == 3
    assert found["last_run_timestamp_seconds", "weekly"] == datetime(2026, 11, 16, 3, tzinfo=UTC).timestamp()


def test_labels_are_escaped() -> None:
    name = 'quote " backslash \\ newline \n end'
    odd = series("ja")
    odd = odd.model_copy(update={"comparison": odd.comparison.model_copy(update={"name": name})})
    found = samples(prometheus_text(verdict(odd)))
    assert found["last_value", "weekly", name] == 0.4


def test_the_file_is_replaced_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "weekly.prom"
    path.write_text("old")
    found: Verdict = verdict(series("ja"))
    write_prometheus(found, path)
    assert path.read_text() == prometheus_text(found)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_no_collector_reads_or_nobody_can_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"weekly.txt: expected a name that ends in .prom"):
        write_prometheus(verdict(), tmp_path / "weekly.txt")
    with pytest.raises(UserError, match=r"weekly\.prom: cannot be written; make its folder"):
        write_prometheus(verdict(), tmp_path / "missing" / "weekly.prom")
