"""`clt export`: a folder that needs no store, its card, and what cannot be exported."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from clt.data import mix
from clt.evaluation import evaluate
from clt.models import load_model
from clt.planning import plan_study, read_study
from clt.store import Store, TrainingMetadata, open_store
from clt.study import Cell, StudyRecord, checkpoint_key
from clt.training import train
from tests.chat_models import CHATML, make_chat_model
from tests.cli.conftest import Clt
from tests.cli.small_study import write_study


class Trained(NamedTuple):
    store: Store
    record: StudyRecord
    cell: Cell
    folder: Path  # of the study


def trained(folder: Path, **model: Any) -> Trained:
    """The last cell of the small study, trained and evaluated; keyword arguments change its model."""
    file = write_study(folder)
    if model.get("chat"):
        make_chat_model(folder / "model", folder / "model", CHATML)
    (folder / "model" / "README.md").write_text("---\nlicense: apache-2.0\ntags: [tiny]\n---\n# Tiny\n")
    fields = "".join(f", {name}: {json.dumps(value)}" for name, value in model.items())
    text = (
        file.read_text().replace("path: model}", f"path: model{fields}}}").replace("max_tokens: 64", "max_tokens: 160")
    )
    file.write_text(text)
    store = open_store(folder / "store")
    record = plan_study(store, read_study(file))
    cell = record.grid.cells[-1]
    for step in (mix, train, evaluate):
        step(store, record.key, cell.key)
    return Trained(store, record, cell, folder)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("adapter"), method="lora", chat=True, system="Only the number.")


Export = Callable[..., Any]


@pytest.fixture
def export(clt: Clt, tmp_path: Path) -> Export:
    """Export into tmp_path/model; returns the command's result."""
    return lambda of, *more, cell=None: clt(
        "export", cell or of.cell.key, "--store", of.store.uri, "--output", tmp_path / "model", *more
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return AutoModelForCausalLM.from_pretrained(folder).state_dict()


def selected(of: Trained) -> Path:
    training = TrainingMetadata.read(of.store, of.record.training_key(of.cell))
    assert training is not None
    return of.store.fetch(checkpoint_key(of.record.training_key(of.cell), training.selected))


def run_card(folder: Path, monkeypatch: pytest.MonkeyPatch, base: Path | None = None) -> dict[str, Any]:
    """Run the card's Python in the folder; returns its variables."""
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(folder)
    variables: dict[str, Any] = {}
    exec(code.replace('"THE FOLDER OF tiny"', repr(str(base))), variables)
    return variables


def test_an_exported_model_is_the_selected_one(full: Trained, export: Export, tmp_path: Path) -> None:
    result = export(full)
    assert (result.exit_code, result.output) == (0, f"{tmp_path / 'model'}\n")
    ours, exported = weights(selected(full)), weights(tmp_path / "model")
    assert all(torch.equal(ours[name], exported[name]) for name in ours)
    assert json.loads((tmp_path / "model" / "generation_config.json").read_text())["eos_token_id"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # nothing half-written is left beside


def test_the_card_says_what_the_model_is(full: Trained, export: Export, tmp_path: Path) -> None:
    export(full)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage:\n- en\n- es\nlibrary_name: transformers\n")
    assert "license: apache-2.0\n" in card and "| its licence | apache-2.0 |" in card
    assert f"| study | sums ({full.record.key}) |" in card and f"# {full.cell.key}\n" in card
    assert "| rows of task | en | es |\n| --- | --- | --- |\n| sums | 24 | 16 |" in card
    assert "learning_rate: 0.001" in card and "nats per answer token (en " in card
    for score in ("| sums | exact_match | en | english | 0.", "| sums | bits_per_byte | ja | unseen | "):
        assert score in card
    assert "sums: '{question}\\n'" in card and "Prompts are plain text" in card
    assert str(full.folder) not in card


def test_the_cards_code_runs(full: Trained, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(full)
    assert run_card(tmp_path / "model", monkeypatch)["inputs"]["input_ids"][0, 0] == 0  # BOS


def test_an_adapter_goes_on_top_of_its_base(
    adapter: Trained, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(adapter).exit_code == 0
    assert (tmp_path / "model" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "model" / "model.safetensors").exists()
    ran = run_card(tmp_path / "model", monkeypatch, adapter.folder / "model")
    stop = ran["tokenizer"].convert_tokens_to_ids("<|im_end|>")
    assert ran["model"].generation_config.eos_token_id == [stop, 1]
    text = ran["tokenizer"].decode(ran["inputs"]["input_ids"][0])
    assert text.startswith("<|im_start|>system\nOnly the number.<|im_end|>\n<|im_start|>user\n...<|im_end|>")


def test_a_merged_adapter_needs_no_base(
    adapter: Trained, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(adapter, "--merge").exit_code == 0
    assert not (tmp_path / "model" / "adapter_config.json").exists()
    ran = run_card(tmp_path / "model", monkeypatch)
    stop = ran["tokenizer"].convert_tokens_to_ids("<|im_end|>")
    assert ran["model"].generation_config.eos_token_id == [stop, 1]
    on_top = load_model(adapter.record.model(adapter.cell), selected(adapter))
    ids = ran["inputs"]["input_ids"]
    with torch.no_grad():
        torch.testing.assert_close(ran["model"](ids).logits, on_top(ids).logits)
    assert ran["tokenizer"].chat_template == AutoTokenizer.from_pretrained(adapter.folder / "model").chat_template


def test_a_hub_base_is_named_with_its_commit(adapter: Trained, export: Export, tmp_path: Path) -> None:
    from clt.models import export_model

    hub = adapter.record.study.models[0].model_copy(update={"path": "org/tiny", "revision": "abc"})
    record = adapter.record.model_copy(update={"study": adapter.record.study.model_copy(update={"models": (hub,)})})
    export_model(adapter.store, record, adapter.cell, tmp_path / "model")
    config = json.loads((tmp_path / "model" / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["revision"]) == ("org/tiny", "abc")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "base_model: org/tiny\n" in card and "| its licence | see the base model's page |" in card
    assert 'from_pretrained("org/tiny", revision="abc")' in card


def test_what_cannot_be_exported_is_refused(full: Trained, export: Export, tmp_path: Path) -> None:
    base, other = full.record.grid.cells[0].key, full.record.grid.cells[1].key
    for of, more, message in (
        (full.cell.key[:-3], (), f"expected one of the 4 cells of {full.record.key}"),
        (full.cell.key[:-3], (), f"such as {full.cell.key}"),
        (base, (), f"{base} is the base model as it is, expected a trained cell"),
        (other, (), f"{other}: its training is not complete in the store"),
        (full.cell.key, ("--merge",), "was trained with method full, expected lora"),
    ):
        result = export(full, *more, cell=of)
        assert result.exit_code == 2 and message in result.output, result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_left_as_it_is(full: Trained, export: Export, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert export(full).exit_code == 0  # an empty one may stand there
    (tmp_path / "model" / "README.md").write_text("mine")
    result = export(full)
    assert result.exit_code == 2 and "expected a folder that is not there yet, or an empty one" in result.output
    assert (tmp_path / "model" / "README.md").read_text() == "mine"


def test_pruned_weights_are_named(full: Trained, export: Export, tmp_path: Path) -> None:
    import shutil

    store = open_store(shutil.copytree(full.folder / "store", tmp_path / "copy"))
    training = full.record.training_key(full.cell)
    for key in store.keys(f"{training}/checkpoints"):
        store.prune(key, "an experiment")
    result = export(full._replace(store=store))
    assert result.exit_code == 2 and "were removed (an experiment)" in result.output
    assert not (tmp_path / "model").exists()


def test_a_study_tells_cells_of_one_name_apart(full: Trained, export: Export, tmp_path: Path) -> None:
    """Other data make other cells under the same names; each training is complete."""
    for file in full.folder.glob("train.*.jsonl"):
        file.write_text(file.read_text().replace('"answer": "', '"answer": "1'))
    again = plan_study(full.store, read_study(full.folder / "study.yaml"))
    (cell,) = (cell for cell in again.grid.cells if cell.key == full.cell.key)
    for step in (mix, train):
        step(full.store, again.key, cell.key)
    result = export(full)
    assert result.exit_code == 2 and "trained it differently: give --study, one of" in result.output
    assert export(full, "--study", again.key).exit_code == 0
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert again.key in card and "It has not been evaluated in this study." in card
