"""All that the pipeline image does works with the packages of its lock and no others."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.cli.small_study import write_study

REPOSITORY = Path(__file__).resolve().parents[2]
LOCK = REPOSITORY / "images" / "pipeline" / "requirements.txt"

EVERY_MODULE = """
import importlib, pkgutil, sys
import clt

for module in pkgutil.walk_packages(clt.__path__, "clt."):
    if not module.name.startswith(NEED_TORCH):
        importlib.import_module(module.name)
print(len(sys.modules))
"""
# Modules that only a training or an evaluation imports, in the process that does it.
NEED_TORCH = tuple(
    [f"clt.training.{name}" for name in
     ("adapter", "attention", "batch", "checkpoint", "cross_entropy", "data", "environment", "layout", "loss", "model",
      "peers", "processes", "sharding", "speed",
      "state_shards", "states", "train_step", "trainer", "upload", "validation", "weights")]
    + ["clt.evaluation.", "clt.local.preload", "clt.studies.demo."]
)  # fmt: skip

RUN = """
import json
import sys
from clt.data import mix
from clt.evaluation.score_files import Prediction, Score, write_predictions, write_scores
from clt.cluster import cell_step, describe_plan, publish_statistics, require_complete, start_run
from clt.store import EvaluatedCheckpointMetadata, open_store, read_record

store, study = open_store(sys.argv[1]), sys.argv[2]
started = start_run(store.uri, study, "1/1", "", "run-1")
assert "4 of 4 cells" in describe_plan(store.uri, started)
record = read_record(store, started.study_key)
for cell in record.grid.cells:
    mix(store, started.study_key, cell.key)
    key = record.evaluation_key(cell)
    with store.writer(f"{key}/checkpoints/00000000") as attempt:  # what an evaluation in the other image leaves
        rows = map(json.loads, (store.fetch(record.items_key("sums")) / "items.jsonl").open(encoding="utf-8"))
        items = [dict(task="sums", language=row["language"], item=row["id"]) for row in rows]
        scores = [Score(**item, metric="exact_match", score=float(number % 2)) for number, item in enumerate(items)]
        write_scores(attempt.path, scores)
        write_predictions(attempt.path, [Prediction(**item, prediction="1", reference="2") for item in items])
        EvaluatedCheckpointMetadata(
            cell=cell.key, step=0, scores=[], items=len(items), tokens_generated=0, seconds=1.0, environment={}
        ).write(attempt)
    with store.writer(key) as attempt:
        attempt.metadata.update(steps=[0], selected=0, seconds=1.0, environment={"python": "3.11"})
    assert "test-505" in cell_step(store.uri, started.study_key, cell.key, "evaluate", "run-1", print).samples()
assert publish_statistics(store.uri, "run-1", "summary.md", "page.html")
require_complete(store.uri, "run-1")
print(started.study_key)
"""


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of links to the packages of the lock, such as the image's own; this environment has more."""
    folder = tmp_path_factory.mktemp("image") / "site-packages"
    folder.mkdir()
    locked = re.findall(r"^([a-z0-9.-]+)==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name in {*locked, "cross-lingual-transfer"}:
        try:
            found = distribution(name)
        except PackageNotFoundError:  # it is for another platform
            continue
        for top in {path.parts[0] for path in found.files or ()} - {"..", "__pycache__"}:
            (folder / top).unlink(missing_ok=True)
            (folder / top).symlink_to(str(found.locate_file(top)))
    return folder


@pytest.fixture
def image(site_packages: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs Python as in the image; returns what it prints."""

    def run(*arguments: str | Path) -> str:
        environment = {"PYTHONPATH": f"{site_packages}:{REPOSITORY}", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [sys.executable, "-S", *map(str, arguments)], capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_environment_of_this_test_has_no_torch(image: Callable[..., str]) -> None:
    packages = ["torch", "transformers", "tokenizers", "accelerate", "peft", "safetensors", "evaluate", "py3langid"]
    code = f"from importlib.util import find_spec\nprint([name for name in {packages} if find_spec(name)])"
    assert image("-c", code) == "[]\n"


def test_every_module_but_those_of_training_and_evaluation_can_be_imported(image: Callable[..., str]) -> None:
    assert image("-c", f"NEED_TORCH = {NEED_TORCH!r}\n{EVERY_MODULE}")


def test_a_study_is_planned_mixed_summed_up_and_reported(image: Callable[..., str], tmp_path: Path) -> None:
    study, store = write_study(tmp_path), tmp_path / "store"
    clt = ("-m", "clt")
    assert "4 cells" in image(*clt, "plan", study)
    key = image("-c", RUN, store, study).split()[-1]
    assert "done" in image(*clt, "status", "--store", store, key)
    image(*clt, "report", "--store", store, "--study", key, "--output", tmp_path / "report")
    assert (tmp_path / "report" / "report.html").is_file()
    assert len(list((tmp_path / "report" / "samples").iterdir())) == 4


def test_the_pipeline_is_compiled(image: Callable[..., str], tmp_path: Path) -> None:
    image("-m", "clt", "compile", "--output", tmp_path / "pipeline.yaml")
    assert (tmp_path / "pipeline.yaml").stat().st_size > 0
