"""The shape of a model, from config.json files as transformers writes them."""

from pathlib import Path
from typing import Any

import pytest

from clt.planning import inspect_model
from clt.study import Model, ModelShape, demo_folder, read_shape
from tests.tiny_model import make_tiny_model

CONFIG = {
    "num_hidden_layers": 2,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "tie_word_embeddings": True,
}
PARAMETERS = 2 * (32 * 32 * 2 + 32 * 16 * 2 + 3 * 32 * 64) + 100 * 32


def test_a_folders_shape_is_read_and_holds_its_parameters(tmp_path: Path) -> None:
    facts = inspect_model(Model(name="tiny", path=str(make_tiny_model(tmp_path))))
    assert facts.shape == ModelShape(
        layers=2,
        hidden_size=32,
        intermediate_size=64,
        heads=2,
        key_value_heads=2,
        head_dim=16,
        vocabulary=258,
        tied=True,
    )
    assert facts.shape.parameters == pytest.approx(facts.parameters, rel=0.01)  # norms are left out


def test_the_demos_models_have_a_shape() -> None:
    for folder in (demo_folder() / "models").iterdir():
        assert inspect_model(Model(name="demo", path=str(folder))).shape is not None


def test_a_model_of_several_modalities_has_the_shape_of_its_text_part() -> None:
    plain, nested = read_shape(CONFIG, PARAMETERS), read_shape({"text_config": CONFIG}, PARAMETERS)
    assert isinstance(plain, ModelShape)
    assert nested == plain


def test_whether_the_output_layer_is_tied_is_found_from_the_weights_where_it_is_not_said() -> None:
    # Gemma's config.json leaves out what is Gemma's default, and Llama's is the other one.
    silent = {key: value for key, value in CONFIG.items() if key != "tie_word_embeddings"}
    for tied, parameters in ((True, PARAMETERS), (False, PARAMETERS + 3200)):
        shape = read_shape(silent, parameters)
        assert isinstance(shape, ModelShape)
        assert shape.tied is tied


@pytest.mark.parametrize(
    ("change", "parameters", "because"),
    [
        ({"num_experts": 8}, PARAMETERS, "num_experts: layers of another kind"),
        ({"intermediate_size": None}, PARAMETERS, "no usable intermediate_size"),
        ({"hidden_size": "wide"}, PARAMETERS, "no usable hidden_size"),
        ({"intermediate_size": [64, 64]}, PARAMETERS, "no usable intermediate_size"),
        ({}, 2 * PARAMETERS, "the model has"),
    ],
)
def test_other_layers_have_no_shape_and_it_is_said_why(change: dict[str, Any], parameters: int, because: str) -> None:
    assert because in str(read_shape(CONFIG | change, parameters))


def test_a_folder_without_a_readable_config_takes_the_studys_shape(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path)
    stated = inspect_model(Model(name="tiny", path=str(folder))).shape
    (folder / "config.json").write_text("{}")
    unknown = inspect_model(Model(name="tiny", path=str(folder)))
    assert unknown.shape is None
    assert unknown.no_shape.startswith("config.json has no usable num_hidden_layers")
    assert inspect_model(Model(name="tiny", path=str(folder), shape=stated)).shape == stated
