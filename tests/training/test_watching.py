"""A training is shown by TensorBoard and by trackers, which never end it."""

import json
import logging
import struct
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboardX.proto.event_pb2 import Event

from clt.errors import CellFailure
from clt.training import trackers
from tests.training.conftest import Plan
from tests.training.test_train import metadata, metrics, run, stop_at


def events(folder: Path) -> dict[str, dict[int, float]]:
    """Scalars by name and step: records of a length (8 bytes), its checksum (4), an Event, and that one's checksum."""
    (file,) = (folder / "tensorboard").iterdir()
    content, found = file.read_bytes(), defaultdict[str, dict[int, float]](dict)
    while content:
        (size,) = struct.unpack("<Q", content[:8])
        event = Event.FromString(content[12 : 12 + size])
        for value in event.summary.value:
            found[value.tag][event.step] = value.simple_value
        content = content[16 + size :]
    return found


def test_event_files_hold_what_metrics_and_checkpoints_say(plan: Plan) -> None:
    planned = plan(max_steps=5)
    stop_at(planned, 3)  # those of a training that went on are whole
    shown = events(run(planned).store.fetch(planned.key))
    lines = metrics(planned)
    for name in ("loss", "grad_norm", "learning_rate"):
        assert shown[f"train/{name}"] == {line["step"]: pytest.approx(line[name]) for line in lines}
    assert len(shown["train/tokens_per_second"]) == len(shown["train/peak_memory_bytes"]) == 5
    assert "train/mfu" not in shown  # not known on a CPU
    for point in metadata(planned)["checkpoints"]:
        for code, loss in point["validation"].items():
            assert shown[f"validation/loss/{code}"][point["step"]] == pytest.approx(loss)


class Recorder:
    """A tracker that keeps what it is told, and may fail at a step."""

    def __init__(self, told: list[Any], fails_at: int | None) -> None:
        self._told, self._fails_at = told, fails_at

    def log(self, scalars: Mapping[str, float], step: int) -> None:
        if step == self._fails_at:
            raise ConnectionError("the server is away")
        self._told.append((step, sorted(scalars)))

    def end(self) -> None:
        self._told.append("end")


@pytest.mark.parametrize("fails_at", [None, 2])
def test_a_tracker_is_told_every_step_and_never_ends_a_training(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fails_at: int | None
) -> None:
    told: list[Any] = []
    monkeypatch.setenv("CLT_TRACKERS", "json")
    monkeypatch.setitem(trackers._KINDS, "json", lambda *_: Recorder(told, fails_at))
    with caplog.at_level(logging.WARNING):
        planned = run(plan(max_steps=4))
    assert len(metrics(planned)) == 4
    steps = [entry[0] for entry in told if entry != "end"]
    assert steps == ([1, 2, 2, 3, 4, 4] if fails_at is None else [1])
    assert (told[-1] == "end") is (fails_at is None)
    warnings = [text for text in caplog.messages if "does not track this training any more" in text]
    assert len(warnings) == (0 if fails_at is None else 1)


@pytest.mark.parametrize(
    ("asked", "because"),
    [
        ("tensorflow", r"got 'tensorflow', expected some of wandb, mlflow"),
        ("wandb", r"cross-lingual-transfer\[wandb\]"),
    ],
)
def test_a_tracker_that_is_unknown_or_not_installed_is_refused_before_the_first_step(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, asked: str, because: str
) -> None:
    monkeypatch.setenv("CLT_TRACKERS", asked)
    monkeypatch.setitem(sys.modules, "wandb", None)
    planned = plan()
    with pytest.raises(CellFailure, match=because):
        run(planned)
    assert planned.store.manifest(planned.key) is None


def test_mlflow_keeps_every_step_in_a_folder(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db" if _has_sql() else (tmp_path / "runs").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("CLT_TRACKERS", "mlflow")
    planned = run(plan(max_steps=3))
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("clt")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.run_name == planned.cell.key and found.info.status == "FINISHED"
    history = client.get_metric_history(found.info.run_id, "train/loss")
    assert [(point.step, point.value) for point in history] == [
        (line["step"], line["loss"]) for line in metrics(planned)
    ]


def _has_sql() -> bool:
    try:
        import sqlalchemy  # noqa: F401
    except ImportError:
        return False
    return True


def test_weights_and_biases_gets_every_step_of_one_run_by_a_name_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against its documented calls (init, log, finish): the package itself is not installed here."""
    calls: list[Any] = []
    made = SimpleNamespace(log=lambda *given, **named: calls.append((given, named)), finish=lambda: calls.append("end"))
    package = SimpleNamespace(init=lambda **named: calls.append(json.dumps(named, sort_keys=True)) or made)
    for _ in range(2):
        tracker = trackers.Wandb(package, "cell", {"study": "s"})
        tracker.log({"train/loss": 1.0}, 7)
        tracker.end()
    assert calls[1:3] == [(({"train/loss": 1.0},), {"step": 7}), "end"] and calls[:3] == calls[3:]
