"""`clt run` as a user starts it: failures and signals end in the exit status that scripts rely on."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.small_study import write_study

CLT = [sys.executable, "-m", "clt"]
pytestmark = pytest.mark.slow


def test_a_failed_cell_is_named_and_the_rest_is_reported(tmp_path: Path) -> None:
    path = write_study(tmp_path, steps=2)
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["models"][0] |= {"method": "lora", "lora": {"target_modules": ["no_such_layer"]}}
    study["mixtures"][0]["samples_per_language"] = [0]
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    store = tmp_path / "store"
    done = subprocess.run([*CLT, "run", str(path), "--store", str(store)], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "1 of 2 cells complete, 1 failed:\n  tiny-sums-n0-seed0-" in done.stdout
    assert "run the same command again to resume" in done.stdout
    assert done.stdout.endswith(f"{store / 'report' / 'report.html'}\n{store / 'report' / 'statistics.json'}\n")
    shown = subprocess.run([*CLT, "status", "--store", str(store), str(path)], capture_output=True, text=True)
    assert "1 done, 1 failed" in shown.stdout and "no_such_layer" in shown.stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_its_status(number: signal.Signals, status: int, tmp_path: Path) -> None:
    command = [*CLT, "run", str(write_study(tmp_path, steps=10_000)), "--store", str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert "cells" in run.stdout.readline()  # planned: the workers start now
        run.send_signal(number)
        rest = run.stdout.read()
    assert run.returncode == status, rest
    assert not (tmp_path / "store" / "report").exists()
