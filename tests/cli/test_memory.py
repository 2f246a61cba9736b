"""Every command that plans or starts a study refuses what its accelerators cannot hold, before anything is paid."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.planning import plan_study, read_study
from clt.store import open_store
from tests.cli.conftest import POD_STUDY, Clt
from tests.cli.kfp_server import BackEnd
from tests.cli.small_study import write_study

SMALL = """
resources:
  training: {accelerator: tiny-gpu}
  speeds: {tiny-gpu: 1.0e9, cpu-thread: 1.0e9}
  accelerator_memory: {tiny-gpu: 2GB}
"""
REFUSAL = "resources.training: the training of tiny needs 2.0 GB on each of 1 x tiny-gpu, which has 2.0 GB"
LARGE = POD_STUDY.replace("tiny, path", "large, parameters: 8030261248, shape: SHAPE, path").replace(
    "SHAPE",
    "{layers: 32, hidden_size: 4096, intermediate_size: 14336, heads: 32, key_value_heads: 8, head_dim: 128, "
    "vocabulary: 128256}",
)
ONE_GPU = """
resources:
  training: {accelerator: h100}
  speeds: {h100: 1.0e14, cpu-thread: 1.0e9}
  accelerator_memory: {h100: 80GB}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On an accelerator that holds what CUDA needs for itself, and nothing more."""
    path = write_study(tmp_path_factory.mktemp("study"))
    path.write_text(path.read_text(encoding="utf-8") + SMALL, encoding="utf-8")
    return path


def test_plan_shows_memory_and_ends_with_status_2(clt: Clt, study: Path) -> None:
    result = clt("plan", study)
    assert result.exit_code == 2
    assert "Memory, estimated" in result.stdout
    assert f"Error: {REFUSAL}" in result.stderr
    fit = json.loads(clt("plan", study, "--json").stdout)["memory"][0]
    assert (fit["model"], fit["kind"], fit["accelerators"], fit["room"]) == ("tiny", "training", 1, 2 * 10**9)
    assert fit["needed"] == sum(fit["parts"].values()) > fit["room"]


def test_run_refuses_it_and_writes_no_record(clt: Clt, study: Path, tmp_path: Path) -> None:
    result = clt("run", study, "--store", tmp_path / "store")
    assert result.exit_code == 2
    assert REFUSAL in result.stderr
    assert open_store(tmp_path / "store").keys("studies") == []


@pytest.mark.parametrize("command", ["submit", "schedule"])
def test_nothing_is_sent_to_a_cluster(
    clt: Clt, kfp: BackEnd, pipeline: Path, pod_study: Callable[..., Path], command: str
) -> None:
    words = ["submit"] if command == "submit" else ["schedule", "create", "weekly"]
    cron = [] if command == "submit" else ["--cron", "0 3 * * 1", "--yes"]
    path = pod_study(text=LARGE + ONE_GPU)
    result = clt(*words, path, *cron, "--store", "s3://bucket/prefix", "--pipeline", pipeline)
    assert result.exit_code == 2
    assert "resources.training: the training of large needs" in result.stderr
    assert "what would fit: accelerators_per_node: 4" in result.stderr
    assert kfp.calls == []


def test_the_pipelines_plan_holds_the_memory_of_pods_against_it(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "resources: {training: {memory: 256Mi}}\n", encoding="utf-8")
    store = open_store(tmp_path / "store")
    with pytest.raises(StudyError, match=r"resources\.training\.memory: got 268\.4 MB, a pod of the training of tiny"):
        plan_study(store, read_study(path), on_cluster=True)
    assert plan_study(store, read_study(path)).key  # a laptop's memory is its own matter
