import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from clt.errors import StudyError
from clt.models import TOKENIZER_FILES, load_model, load_tokenizer, make_encoder, save_model
from clt.study import Lora, Model


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.arange(2, 12)[None]).logits


def test_saved_model_loads_to_the_same_logits(tiny_folder: Path, tiny: Model, tmp_path: Path) -> None:
    model = load_model(tiny)
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(1.5)
    save_model(
        model,
        dict(model.named_parameters()),
        make_encoder(load_tokenizer(tiny_folder, tiny), tiny),
        tmp_path,
        name="tiny",
    )
    assert torch.equal(logits(load_model(tiny, tmp_path)), logits(model))
    assert load_tokenizer(tmp_path, tiny).encode("é") == load_tokenizer(tiny_folder, tiny).encode("é")


def test_saved_adapter_goes_on_top_of_the_base_model(tiny_folder: Path, tiny: Model, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(load_model(tiny), LoraConfig(target_modules="all-linear", init_lora_weights=False))
    adapter = {name: value for name, value in model.named_parameters() if "lora_" in name}
    save_model(model, adapter, make_encoder(load_tokenizer(tiny_folder, tiny), tiny), tmp_path, name="tiny")
    lora = tiny.model_copy(update={"method": "lora", "lora": Lora()})
    assert torch.equal(logits(load_model(lora, tmp_path)), logits(model.eval()))
    assert not torch.equal(logits(load_model(lora, tmp_path)), logits(load_model(tiny)))
    assert str(tiny_folder) not in (tmp_path / "adapter_config.json").read_text()
    assert '"eos_token_id": 1' in (tmp_path / "generation_config.json").read_text()


def test_precision_is_the_type_of_the_weights(tiny: Model) -> None:
    assert load_model(tiny, precision="bfloat16").dtype == torch.bfloat16
    assert load_model(tiny).dtype == torch.float32


@pytest.mark.parametrize(
    ("pattern", "load", "missing"),
    [
        ("*.safetensors", lambda path, model: load_model(model), r"has no \*.safetensors file"),
        ("config.json", lambda path, model: load_model(model), "has no config.json"),
    ],
)
def test_incomplete_folder_is_refused_by_name(pattern, load, missing, tiny_folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "broken"
    shutil.copytree(tiny_folder, folder)
    for file in folder.glob(pattern):
        file.unlink()
    with pytest.raises(StudyError, match=missing) as error:
        load(folder, Model(name="tiny", path=str(folder)))
    assert str(folder) in str(error.value)


def test_a_folder_without_a_tokenizer_is_refused_and_names_what_it_could_be(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(tiny_folder, folder, ignore=shutil.ignore_patterns("tokenizer.json"))
    assert (folder / "tokenizer_config.json").is_file()  # which holds no vocabulary
    with pytest.raises(StudyError) as error:
        load_tokenizer(folder, Model(name="tiny", path=str(folder)))
    assert str(error.value) == (
        f"models.tiny.path: {folder}: has no tokenizer; expected one of tokenizer.json, tokenizer.model, spiece.model, "
        "sentencepiece.bpe.model, vocab.json, vocab.txt in it"
    )


@pytest.mark.parametrize("name", TOKENIZER_FILES)
def test_each_kind_of_tokenizer_file_is_left_to_transformers(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("{}")
    monkeypatch.setattr(AutoTokenizer, "from_pretrained", lambda path, **_: f"the tokenizer of {path}")
    loaded = load_tokenizer(tmp_path, Model(name="tiny", path=str(tmp_path)))
    assert str(loaded) == f"the tokenizer of {tmp_path}"


def test_a_folder_that_is_not_on_this_machine_is_named_and_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    model = Model(name="tiny", path=str(tmp_path / "elsewhere"))
    for load in (lambda: load_tokenizer(tmp_path / "elsewhere", model), lambda: load_model(model)):
        with pytest.raises(StudyError, match=r"models.tiny.path: .*/elsewhere: is no folder on this machine"):
            load()


def test_importing_the_package_imports_no_torch() -> None:
    code = "import sys, clt.models; assert not {'torch', 'transformers', 'peft'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
