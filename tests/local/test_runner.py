"""The local runner around real cells: what it starts, what it refuses, how it ends."""

import signal
import time
from pathlib import Path

import pytest

from clt.cli.run_progress import view
from clt.errors import StoreError
from clt.local import runner
from clt.local.cell_status import seconds_left, status
from clt.local.runner import RunResult, run_study
from clt.planning import default_workers, make_plan
from clt.store import Store, open_store, publish_record
from clt.study import Facts, ModelFacts, SourceFacts, Study, StudyRecord, expand


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def record(store: Store, tmp_path: Path) -> StudyRecord:
    """A planned study of a base model and two cells, whose sources are not there (any more)."""
    study = Study.model_validate(
        {
            "name": "gone",
            "models": [{"name": "tiny", "path": str(tmp_path / "model")}],
            "tasks": {
                "math": {
                    "train": str(tmp_path / "train.{language}.jsonl"),
                    "test": str(tmp_path / "test.{language}.jsonl"),
                    "prompt": "{question}",
                    "metrics": ["exact_match"],
                }
            },
            "languages": {"train": ["es"], "evaluate": ["en", "es"]},
            "mixtures": [{"english_samples": 8, "samples_per_language": [0, 8]}],
            "training": {"max_steps": 2, "batch_size": 4},
        }
    )
    sources = {
        f"math/{split}/{code}": SourceFacts(checksum="0", rows=50, mean_bytes=20)
        for split in ("train", "test")
        for code in ("en", "es")
    }
    facts = Facts(sources=sources, models={"tiny": ModelFacts(identity="0", parameters=1000, bytes=4000)})
    record = StudyRecord(study=study, facts=facts, grid=expand(study))
    publish_record(store, record)
    return record


def cells(record: StudyRecord) -> list[str]:
    return [cell.key for cell in record.grid.cells]


def costs(record: StudyRecord) -> dict[str, float]:
    return {cost.cell.key: cost.seconds for cost in make_plan(record).cells}


def complete(store: Store, key: str, seconds: float) -> None:
    with store.writer(key) as attempt:
        attempt.metadata.update(steps=[0], selected=0, checkpoints=[], tokens=0, seconds=seconds)


def test_a_complete_study_starts_no_worker_and_ends_at_once(store: Store, record: StudyRecord) -> None:
    for cell in record.grid.cells:
        complete(store, record.evaluation_key(cell), 1.0)
    start = time.monotonic()
    result = run_study(store.uri, record.key, cells(record), workers=2, costs=costs(record), watch=view)
    assert time.monotonic() - start < 1
    assert (result.complete, result.workers, result.exit_status) == (tuple(cells(record)), 0, 0)
    assert result.summary() == "3 of 3 cells complete"
    assert not Path(store.uri, "logs").exists()


def test_two_runs_of_one_study_at_once_are_refused(store: Store, record: StudyRecord) -> None:
    with store.lock(record.key), pytest.raises(StoreError, match=f"{record.key} is in use by process"):
        run_study(store.uri, record.key, cells(record), workers=2, costs=costs(record), watch=view)


def test_an_unknown_study_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="studies/none: not in the store"):
        run_study(store.uri, "none", [], workers=2, costs={}, watch=view)


def test_failed_cells_keep_the_steps_own_error(
    store: Store, record: StudyRecord, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "PRELOAD", ())  # mixing needs no torch, and nothing gets further here
    result = run_study(store.uri, record.key, cells(record), workers=2, costs=costs(record), watch=view)
    assert sorted(result.failed) == sorted(cells(record)) and result.exit_status == 1
    assert result.stopped_by is None and not result.left and not result.done
    summary = result.summary()
    assert "0 of 3 cells complete, 3 failed:" in summary and "run the same command again to resume" in summary
    for each in status(store, record):
        assert each.state.state == "failed"
        assert ".jsonl" in result.failed[each.cell.key] and ".jsonl" in each.state.error
    output = capfd.readouterr().out.splitlines()
    assert output[0].startswith("starting 2 workers")
    assert len(output) == 4 and output[-1].startswith("[3/3] ") and "failed" in output[-1]


def test_status_tells_every_state_and_the_time_left(store: Store, record: StudyRecord) -> None:
    base, first, second = record.grid.cells
    assert [each.state.state for each in status(store, record)] == ["missing"] * 3
    assert seconds_left(status(store, record), costs(record), workers=1) is None
    complete(store, record.training_key(first), 6.0)
    complete(store, record.evaluation_key(first), 4.0)
    with store.track(record.evaluation_key(base)):
        found = status(store, record)
    assert [each.state.state for each in found] == ["running", "done", "missing"]
    assert found[1].seconds == 10.0
    per_cost = 10.0 / costs(record)[first.key]
    left = [costs(record)[cell.key] * per_cost for cell in (base, second)]
    assert seconds_left(found, costs(record), workers=1) == pytest.approx(sum(left))
    assert seconds_left(found, costs(record), workers=9) == pytest.approx(max(left))


def test_status_shows_how_far_a_training_in_a_job_is(store: Store, record: StudyRecord) -> None:
    _, first, _ = record.grid.cells
    facts = {"step": 75, "steps": 400, "loss": 1.5, "tokens_per_second": 5300.0}
    with store.track(record.evaluation_key(first)), store.track(record.training_key(first), **facts):
        assert status(store, record)[1].progress == "step 75 of 400, loss 1.5000, 5,300 tokens/s"
    assert status(store, record)[1].progress == ""


def test_a_finished_study_has_no_time_left(store: Store, record: StudyRecord) -> None:
    for cell in record.grid.cells:
        complete(store, record.training_key(cell), 1.0)
        complete(store, record.evaluation_key(cell), 1.0)
    assert seconds_left(status(store, record), costs(record), workers=2) == 0


def test_overhead_is_the_workers_time_outside_of_steps() -> None:
    steps = {"mixing": 1.0, "training": 5.0, "evaluation": 2.0}
    result = RunResult(complete=(), done={"a": steps, "b": steps}, workers=2, seconds=10.0)
    assert result.step_seconds == 16 and result.overhead == pytest.approx(0.2)
    assert RunResult(complete=("a",)).overhead == 0


@pytest.mark.parametrize(("number", "exit_status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_how_to_resume(number: signal.Signals, exit_status: int) -> None:
    result = RunResult(complete=("a",), left=("b",), stopped_by=number, workers=1, seconds=1.0)
    assert result.exit_status == exit_status
    assert number.name in result.summary() and "to resume" in result.summary()


def test_workers_share_the_cores_with_the_steps_threads(record: StudyRecord) -> None:
    training = record.study.training.model_copy(update={"cpu_threads": 10_000})
    threaded = record.model_copy(update={"study": record.study.model_copy(update={"training": training})})
    assert default_workers(record) >= 1 and default_workers(threaded) == 1
