"""The README of every component says what its signature, its artifacts and its pod say, and its example compiles."""

import importlib.util
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from kfp.compiler import Compiler
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.graph_component import GraphComponent

from clt.cluster import cell_step, start_run
from clt.data import mix
from clt.pipelines import pods
from clt.store import EvaluationMetadata, TrainingMetadata, open_store, read_record
from tests.cli.small_study import write_study

FOLDER = Path(__file__).resolve().parents[2] / "components"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/component.py"))
TYPES = {"String": "str", "List[String]": "list[str]"}
PODS = {
    "await_runs": [pods.WAIT],
    "baseline": [pods.BASELINE],
    "fetch": [pods.FETCH],
    "cleanup": [pods.CLEANUP],
    "evaluate": [pods.LAUNCH, pods.TRAIN_HERE],
    "mix": [pods.MIX],
    "plan": [pods.PLAN],
    "require_complete": [pods.REQUIRE],
    "statistics": [pods.STATISTICS],
    "train": [pods.LAUNCH, pods.TRAIN_HERE],
}


def readme(name: str) -> dict[str, str]:
    """The text of each section."""
    text = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section: str, head: str) -> list[list[str]]:
    """The cells of a section's table with this first column, without backticks."""
    table = section.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split(" | ")] for row in table]


def component(name: str) -> BaseComponent:
    return getattr(importlib.import_module(f"clt.components.{name}"), name)


def shown_type(name: str) -> str:
    """`str` of String, `Dataset` of system.Dataset@0.0.1."""
    return TYPES.get(name) or re.sub(r"^system\.(\w+)@.*", r"\1", name)


def test_every_component_has_a_readme_with_all_sections() -> None:
    assert len(NAMES) == 10
    for name in NAMES:
        assert list(readme(name)) == ["Purpose", "Inputs", "Outputs", "Resources", "Example"], name
    listed = re.findall(r"^\| \[(\w+)\]", (FOLDER / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_those_of_the_signature(name: str) -> None:
    declared = component(name).component_spec.inputs or {}
    defaults = {key: repr(spec.default) if spec.optional else "required" for key, spec in declared.items()}
    expected = {key: (shown_type(spec.type), defaults[key]) for key, spec in declared.items()}
    table = rows(readme(name)["Inputs"], "name")
    assert {key: (kind, default) for key, kind, default, _ in table} == expected
    assert all(description for *_, description in table)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_those_of_the_signature(name: str) -> None:
    declared = component(name).component_spec.outputs or {}
    table = rows(readme(name)["Outputs"], "name")
    assert {key: kind for key, kind, _ in table} == {key: shown_type(spec.type) for key, spec in declared.items()}
    assert all(description for *_, description in table)


@pytest.fixture(scope="module")
def trained_cell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the steps of a trained cell record, by artifact; training and evaluation leave their metadata alone."""
    folder = tmp_path_factory.mktemp("study")
    store = open_store(folder / "store")
    study_key = start_run(store.uri, str(write_study(folder)), "1/1", "none", "run-1").study_key
    record = read_record(store, study_key)
    cell = next(cell for cell in record.grid.cells if not cell.is_base)
    mix(store, study_key, cell.key)
    with store.writer(record.training_key(cell)) as attempt:
        TrainingMetadata(selected=2, checkpoints=[], tokens=10, seconds=1.0).write(attempt)
    with store.writer(record.evaluation_key(cell)) as attempt:
        EvaluationMetadata(steps=[2], selected=2).write(attempt)
    step = cell_step(store.uri, study_key, cell.key, "mix", "run-1", lambda _: None)
    return {"mixture": step.mixture(), "items": step.items(), "model": step.model(), "scores": step.scores()}


@pytest.mark.parametrize(
    ("name", "artifact"), [("mix", "mixture"), ("mix", "items"), ("train", "model"), ("evaluate", "scores")]
)
def test_metadata_keys_are_those_that_a_step_records(
    name: str, artifact: str, trained_cell: dict[str, dict[str, Any]]
) -> None:
    keys = {key for owner, key, _ in rows(readme(name)["Outputs"], "artifact") if owner == artifact}
    recorded = set(trained_cell[artifact])
    assert keys == ({"TASK"} if artifact == "items" else recorded) and recorded


@pytest.mark.parametrize("name", NAMES)
def test_resources_are_those_that_the_pipelines_ask_for(name: str) -> None:
    shown = [(cpu, memory) for _, cpu, memory in rows(readme(name)["Resources"], "task of")]
    assert shown == [(" to ".join(pod.cpu), " to ".join(pod.memory)) for pod in PODS[name]]


@pytest.mark.parametrize("name", NAMES)
def test_the_example_compiles(name: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(textwrap.dedent(readme(name)["Example"]), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("example", file)
    assert spec is not None and spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    (pipeline,) = [value for value in vars(example).values() if isinstance(value, GraphComponent)]
    Compiler().compile(pipeline, str(tmp_path / "example.yaml"))
