"""What identifies a model, read from real safetensors files."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from clt.errors import StudyError
from clt.planning import inspect_model
from clt.study import Model
from tests.chat_models import GEMMA, make_chat_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file({"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float16)}, tmp_path / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text(json.dumps({"name": name}))
    return tmp_path


def _model(folder: Path) -> Model:
    return Model(name="own", path=str(folder))


def test_parameters_are_counted_without_loading(folder: Path) -> None:
    facts = inspect_model(_model(folder))
    assert facts.parameters == 3 * 4 + 5
    assert facts.bytes == (folder / "model.safetensors").stat().st_size


def test_shards_add_up(folder: Path) -> None:
    save_file({"c": np.zeros((2, 2), np.float32)}, folder / "model-00002.safetensors")
    assert inspect_model(_model(folder)).parameters == 17 + 4


def test_identity_is_weights_tokenizer_and_configuration(folder: Path) -> None:
    before = inspect_model(_model(folder)).identity
    (folder / "README.md").write_text("a card")
    assert inspect_model(_model(folder)).identity == before
    (folder / "tokenizer.json").write_text("{}")
    assert inspect_model(_model(folder)).identity != before


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("tokenizer.json", "has no tokenizer, expected one of tokenizer.json"),
        ("config.json", "has no config.json"),
        ("model.safetensors", "has no weights, expected"),
    ],
)
def test_an_incomplete_folder_is_refused(folder: Path, missing: str, message: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(StudyError, match=r"models\.own\.path") as error:
        inspect_model(_model(folder))
    assert message in str(error.value)


def test_damaged_weights_and_missing_folders_are_named(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 20)
    with pytest.raises(StudyError, match=r"model\.safetensors is not a safetensors file"):
        inspect_model(_model(folder))
    with pytest.raises(StudyError, match="which is no folder"):
        inspect_model(_model(folder / "nowhere"))


def test_a_hub_model_is_its_id_and_revision(tmp_path: Path) -> None:
    model = Model(name="hub", path="org/model", revision="abc", parameters=8)
    assert inspect_model(model).identity == "org/model@abc"
    assert inspect_model(model).parameters == 8
    with pytest.raises(StudyError, match=r"models\.hub\.parameters: missing for the hub model 'org/model'"):
        inspect_model(model.model_copy(update={"parameters": None}))


def test_a_chat_template_that_fails_is_found_before_anything_runs(tiny_folder: Path, tmp_path: Path) -> None:
    model = Model(name="own", path=str(make_chat_model(tiny_folder, tmp_path / "chat", GEMMA)), chat=True)
    assert inspect_model(model).parameters > 0
    with pytest.raises(StudyError, match=r"models\.own\.chat: .* System role not supported"):
        inspect_model(model.model_copy(update={"system": "Be brief."}))
