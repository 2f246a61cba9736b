"""What Kubeflow's page shows of a run: a report also after bad cells, for which another task fails."""

from pathlib import Path

import pytest

from clt.cluster import publish_statistics, require_complete, start_run
from clt.cluster.runs.frame import FRAME, framed
from clt.errors import CellFailure, DataError, StudyError
from clt.store import open_store, read_record

RUN = "6e0a2f9c"


def _publish(store: str, folder: Path) -> tuple[str, str, dict[str, float]]:
    summary, report = folder / "summary", folder / "page"
    metrics = publish_statistics(store, RUN, str(summary), str(report))
    return summary.read_text(encoding="utf-8"), report.read_text(encoding="utf-8"), metrics


def test_a_run_without_one_complete_cell_shows_what_became_of_them_and_fails_in_the_next_task(
    study: str, store: str, tmp_path: Path
) -> None:
    started = start_run(store, study, "1/1", "none", RUN)
    opened = open_store(store)
    record = read_record(opened, started.study_key)
    bad = record.grid.cell(started.cells[0])
    with pytest.raises(CellFailure), opened.track(record.evaluation_key(bad)):
        raise CellFailure("validation loss <nan>, expected a finite number")
    summary, page, metrics = _publish(store, tmp_path)
    assert summary.startswith("# No statistics\n\n") and metrics == {}
    assert f"- `{bad.key}: failed: validation loss <nan>, expected a finite number`" in summary
    assert f"<li>{bad.key}: failed: validation loss &lt;nan&gt;, expected a finite number</li>" in page
    assert opened.state(f"runs/{RUN}/statistics").state == "done"
    with pytest.raises(CellFailure, match=f"{len(started.cells)} of this run's {len(started.cells)} cells have no"):
        require_complete(store, RUN)


def test_without_a_plan_its_error_is_shown(study: str, store: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="shard_of_cells"):
        start_run(store, study, "9/9", "none", RUN)
    summary, _, _ = _publish(store, tmp_path)
    assert "the plan did not complete, so there is nothing to compute: shard_of_cells: got '9/9'" in summary


def test_statistics_that_fail_on_complete_cells_are_an_error(
    study: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would fail then."""

    def refuse(*_: object) -> Path:
        raise DataError("scores of another version")

    started = start_run(store, study, "1/1", "none", RUN)
    opened = open_store(store)
    record = read_record(opened, started.study_key)
    for cell in record.grid.cells:
        with opened.writer(record.evaluation_key(cell)):
            pass
    monkeypatch.setattr("clt.cluster.runs.publish.transfer_statistics", refuse)
    with pytest.raises(DataError, match="scores of another version"):
        _publish(store, tmp_path)


def test_links_of_the_embedded_page_stay_within_the_frame() -> None:
    assert framed("<!doctype html>\n<head>\n<meta>").startswith(f"<!doctype html>\n<head>\n{FRAME}\n<meta>")
