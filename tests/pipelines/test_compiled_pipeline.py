"""The compiled pipeline: one small file without options, no cache, nothing installed when a pod starts."""

from importlib.metadata import version

import pytest

from clt.components.image import GPU_IMAGE, IMAGE
from tests.pipelines.compiled import Compiled, compiled

MAX_BYTES = 64_000  # the file is copied into the workflow; Argo's limit is about 1 MB


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("compiled"))


def test_kubeflows_own_loader_accepts_it(pipeline: Compiled) -> None:
    from kfp.components import load_component_from_file

    loaded = load_component_from_file(str(pipeline.path))
    assert loaded.name == "transfer-study"
    assert list(loaded.component_spec.inputs) == ["repeat_label", "shard_of_cells", "store_uri", "study_yaml_or_uri"]


def test_it_is_small(pipeline: Compiled) -> None:
    assert pipeline.path.stat().st_size < MAX_BYTES


def test_every_task_has_its_name(pipeline: Compiled) -> None:
    assert pipeline.leaves == ["cleanup", "evaluate", "fetch", "mix", "plan", "require-complete", "statistics", "train"]
    assert sorted(set(pipeline.tasks) - set(pipeline.leaves)) == ["cells", "exit-handler-1", "for-loop-1", "measure"]


def test_a_loop_is_called_by_its_key(pipeline: Compiled) -> None:
    """Kubeflow's page looks it up by the key and finds what the driver wrote, its name: else all inside it is grey."""
    (loop,) = [(key, task) for key, task in pipeline.tasks.items() if "parameterIterator" in task]
    assert loop[1]["taskInfo"]["name"] == loop[0]


def test_no_task_uses_the_cache(pipeline: Compiled) -> None:
    cached = [name for name, task in pipeline.tasks.items() if task.get("cachingOptions", {}).get("enableCache")]
    assert cached == []


def test_nothing_is_installed_when_a_pod_starts(pipeline: Compiled) -> None:
    assert "pip install" not in pipeline.path.read_text(encoding="utf-8")


def test_the_default_images_have_the_version_as_their_tag() -> None:
    tag = version("cross-lingual-transfer")
    assert (f"cross-lingual-transfer-pipeline:{tag}", f"cross-lingual-transfer-gpu:{tag}") == (IMAGE, GPU_IMAGE)
