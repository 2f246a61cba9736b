"""What Kubeflow's page shows of a recurring baseline: a verdict, or why there is none; a regression is no failure."""

import math
from pathlib import Path

import pytest

from clt.baselines import SECRETS_VARIABLE, begin_run, note_planned
from clt.cluster import RETRIES, publish_baseline, start_run
from clt.cluster.runs.frame import FRAME
from clt.cluster.runs.note import RunNote, write_note
from clt.errors import StudyError
from clt.planning import declared_record
from clt.store import open_store, publish_record
from tests.baselines.recorded_runs import Runs, weekly
from tests.baselines.telling.receiver import receiver

RUN = "6e0a2f9c"
pytestmark = pytest.mark.usefixtures("tried_once")
HOOK = "  worth: 0.2\n  notify: [{url_from: TEAM_HOOK}]\n"


@pytest.fixture
def tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails here fails at once."""
    monkeypatch.setenv(RETRIES, "0")


def publish(store: str, folder: Path, run: str = RUN) -> tuple[str, str, dict[str, float]]:
    verdict, history = folder / "verdict", folder / "history"
    metrics = publish_baseline(store, run, str(verdict), str(history))
    return verdict.read_text(encoding="utf-8"), history.read_text(encoding="utf-8"), metrics


def recorded(store: str, count: int, drop: float = 0.0, lower: int = 0) -> Runs:
    """So many complete runs, the last ones with lower scores; the last has a note as its plan leaves it."""
    runs = Runs(open_store(store), weekly(("  worth: 0.2\n", HOOK)))
    for number in range(count):
        low = number >= count - lower
        name = runs.add({"math/es": -drop, "math/ja": -drop} if low else {}, run=RUN if number == count - 1 else "")
    key = runs.store.manifest(f"baselines/weekly/planned/{count:06d}-{name}")
    assert key is not None
    write_note(runs.store, RUN, RunNote(study_key=key.metadata["study_key"], repeat=RUN, cells=[], shard="1/1"))
    return runs


def test_a_regression_is_shown_told_once_and_does_not_fail_the_task(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(store, 18, drop=0.25, lower=4)
    monkeypatch.setenv(SECRETS_VARIABLE, str(tmp_path))
    with receiver() as team:
        (tmp_path / "TEAM_HOOK").write_text(team.url, encoding="utf-8")
        text, page, metrics = publish(store, tmp_path)
        sent, count = team.requests[0], len(team.requests)  # one for each run in which a change was found
        again, _, _ = publish(store, tmp_path)
        assert len(team.requests) == count <= 2
    assert sent.document["word"] == "regressed"
    assert text.startswith("# ▼ regressed: weekly\n") and "## Told\n\n- TEAM\\_HOOK: told of math" in text
    assert "was told before" in again
    assert f"<head>\n{FRAME}" in page and "▼ regressed" in page
    assert team.url not in text + page + capsys.readouterr().out
    words = {name: value for name, value in metrics.items() if name.startswith("verdict_")}
    assert words == {
        "verdict_unchanged": 0, "verdict_improved": 0, "verdict_regressed": 1, "verdict_cannot_tell": 0,
    }  # fmt: skip
    assert metrics["runs"] == 18 and metrics["open_changes"] >= 2 and metrics["evidence_of_primary"] >= 1
    assert open_store(store).state(f"runs/{RUN}/baseline").state == "done"


def test_runs_that_are_too_few_have_finite_metrics_and_a_page(store: str, tmp_path: Path) -> None:
    recorded(store, 2)
    text, page, metrics = publish(store, tmp_path)
    assert text.startswith("# ? cannot tell yet: weekly\n") and "too few runs yet" in page
    assert metrics["verdict_cannot_tell"] == 1 and metrics["runs_missing"] > 0
    assert "evidence_of_primary" not in metrics and all(math.isfinite(value) for value in metrics.values())


def test_a_run_with_cells_without_scores_gives_no_verdict_of_a_part(store: str, tmp_path: Path) -> None:
    runs = recorded(store, 3)
    study = begin_run(runs.store, runs.study, "half")
    key = publish_record(runs.store, declared_record(study, "half"))
    note_planned(runs.store, study, "half", key)
    write_note(runs.store, "half", RunNote(study_key=key, repeat="half", cells=[], shard="1/1"))
    text, _, metrics = publish(store, tmp_path, "half")
    assert "cells without scores" in text and metrics["runs"] == 3


def test_a_study_without_a_baseline_has_nothing_to_judge(study: str, store: str, tmp_path: Path) -> None:
    start_run(store, study, "1/1", "none", RUN)
    text, page, metrics = publish(store, tmp_path)
    assert text == "# No verdict\n\nThe study sums has no `baseline`, so there is nothing to judge.\n"
    assert "<h1>No verdict</h1>" in page and FRAME in page and metrics == {}
    assert not list(open_store(store).keys("baselines"))


def test_a_run_that_is_not_repeated_is_no_run_of_the_baseline(store: str, tmp_path: Path) -> None:
    opened = open_store(store)
    key = publish_record(opened, declared_record(weekly(), ""))
    write_note(opened, RUN, RunNote(study_key=key, repeat="", cells=[], shard="1/1"))
    text, _, metrics = publish(store, tmp_path)
    assert "started with repeat_label: none, so it is no run of baseline weekly" in text and metrics == {}


def test_without_a_plan_its_error_is_shown(study: str, store: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="shard_of_cells"):
        start_run(store, study, "9/9", "none", RUN)
    text, page, _ = publish(store, tmp_path)
    assert "The plan did not complete, so there is nothing to judge: " in text and "No verdict" in page
