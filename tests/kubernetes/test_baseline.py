"""Recurring runs of a baseline, whose trainings are jobs of the cluster, give the verdict that a laptop gives."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clt.baselines import Verdict, judge_baseline
from clt.store import open_store
from tests.kubernetes.back_end import Run, compile_here
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.launching import variables, write_study
from tests.kubernetes.pods import POD_FIELDS

pytestmark = pytest.mark.timeout(1200)

RUNS = ("week-1", "week-2")
BASELINE: dict[str, Any] = {
    "name": "weekly",
    "mixtures": [{"name": "main", "english_samples": 20, "samples_per_language": [5]}],
    "seeds": [0, 1, 2],
    "baseline": {"primary": {"task": "math", "languages": "trained"}, "worth": 0.2},
}


def test_recurring_runs_give_the_verdict_that_a_laptop_gives(sandbox: Sandbox, tmp_path: Path) -> None:
    study = write_study(tmp_path, **BASELINE)
    text = study.read_text(encoding="utf-8")
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path / "cache")}):
        pipeline, store = compile_here(tmp_path, baseline=True), f"{sandbox.store}/weekly"
        for name in RUNS:
            run = Run(sandbox, pipeline, store, run=name)
            study_key, cells = run.plan(text, repeat="run")
            assert len(cells) == 2, "the base model, and the mixture with one seed"
            run.cells(study_key, cells)
            judged = run.task("baseline")
            assert judged.code == 0 and {"verdict", "history"} <= set(judged.checksums), judged.log
            assert "cannot tell yet: " in judged.log and "more runs until" in judged.log
        on_cluster = judge_baseline(open_store(store), "weekly")

    told = {"CLT_CACHE": str(tmp_path / "here"), "CLT_POD_FIELDS": " ".join(POD_FIELDS)}
    for name in RUNS:
        command = [sys.executable, "-m", "clt", "baseline", "run", str(study), "--run", name]
        done = subprocess.run(
            [*command, "--store", str(tmp_path / "store")], capture_output=True, text=True, env=os.environ | told
        )
        assert done.returncode == 4, done.stdout + done.stderr
    assert told_alike(on_cluster) == told_alike(judge_baseline(open_store(str(tmp_path / "store")), "weekly"))


def told_alike(verdict: Verdict) -> dict[str, Any]:
    """All but when and with what each run was made."""
    document = verdict.model_dump()
    for run in document["runs"]:
        del run["started"], run["study"]
    del document["events"], document["differences"]
    return document
