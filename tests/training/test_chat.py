"""Training on conversations: the same prompts as in evaluation, and a saved model that stops by itself."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from clt.errors import DataError, StudyError
from clt.evaluation.items import Item, Room, encode_answers, encode_prompts
from clt.models import load_tokenizer, make_encoder
from clt.study import checkpoint_key
from clt.training import train
from clt.training.data import read_rows
from tests.chat_models import CHATML, GEMMA, LLAMA, make_chat_model
from tests.training.conftest import Plan, rows, to_jsonl

STOPS = {LLAMA: "<|eot_id|>", CHATML: "<|im_end|>", GEMMA: "<end_of_turn>", None: "</s>"}


def chat(tiny_folder: Path, tmp_path: Path, template: str | None = CHATML, **more: object) -> dict[str, object]:
    return {"path": str(make_chat_model(tiny_folder, tmp_path / "chat", template)), "chat": True, **more}


@pytest.mark.parametrize("template", STOPS, ids=["llama", "chatml", "gemma", "none"])
def test_training_and_evaluation_see_the_same_tokens(
    plan: Plan, tiny_folder: Path, tmp_path: Path, template: str | None
) -> None:
    spec = plan(model=chat(tiny_folder, tmp_path, template)).record.study.models[0]
    encoder = make_encoder(load_tokenizer(str(spec.path), spec), spec)
    lines = rows("train", 6)
    (file := tmp_path / "train.jsonl").write_text(to_jsonl(lines))
    for max_tokens in (200, 100):
        trained = read_rows(file, encoder, max_tokens)
        items = [Item(id=row["id"], language="en", prompt=row["prompt"], reference=row["answer"]) for row in lines]
        prompts, answers = encode_answers(encoder, items, [[item.reference] for item in items], Room(max_tokens))
        for row, prompt, [answer] in zip(trained, prompts, answers, strict=True):
            assert row.ids.tolist() == prompt.ids + answer and row.answer_start == len(prompt.ids)
            assert encoder.tokenizer.decode(row.ids[-1:]) == STOPS[template]
    asked = encode_prompts(encoder, items, Room(200), max_new_tokens=4)
    assert [prompt.ids for prompt in asked] == [encoder.encode_prompt(row["prompt"]).ids for row in lines]


def test_a_template_that_leaves_no_room_is_refused(plan: Plan, tiny_folder: Path, tmp_path: Path) -> None:
    spec = plan(model=chat(tiny_folder, tmp_path, LLAMA)).record.study.models[0]
    encoder = make_encoder(load_tokenizer(str(spec.path), spec), spec)
    (file := tmp_path / "train.jsonl").write_text(to_jsonl(rows("train", 1)))
    least = encoder.least_prompt
    with pytest.raises(DataError, match=f"expected at most 2, as a prompt needs {least} of training.max_tokens"):
        read_rows(file, encoder, max_tokens=least + 2)
    assert read_rows(file, encoder, max_tokens=least + 4)
    item = Item(id="1", language="en", prompt="1 + 1 =", reference="2")
    with pytest.raises(StudyError, match=f"expected at least {least + 4}: a prompt with"):
        encode_prompts(encoder, [item], Room(least + 3), max_new_tokens=4)
    assert encode_answers(encoder, [item], [["2"]], Room(least + 1))[1] == [[[]]]


@pytest.mark.parametrize("template", [LLAMA, CHATML], ids=["llama", "chatml"])
def test_a_trained_model_stops_by_itself(plan: Plan, tiny_folder: Path, tmp_path: Path, template: str) -> None:
    # generation_config of the base names "</s>" alone: generate() went on behind the stop token that was learned.
    few = rows("train", 2)
    planned = plan(
        model=chat(tiny_folder, tmp_path, template),
        train=few,
        validation=few,
        max_steps=150,
        checkpoint_every=150,
        batch_size=6,
        max_tokens=200,
    )
    train(planned.store, planned.study_key, planned.cell.key)
    folder = planned.store.fetch(checkpoint_key(planned.key, 150))
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    stop = tokenizer.convert_tokens_to_ids(STOPS[template])
    assert json.loads((folder / "generation_config.json").read_text())["eos_token_id"] == [stop, 1]
    for row in few:
        prompt = tokenizer.apply_chat_template(
            [{"role": "user", "content": row["prompt"]}],
            add_generation_prompt=True,
            enable_thinking=False,
            date_string="26 Jul 2024",
            return_tensors="pt",
        )
        with torch.no_grad():
            written = model.generate(**prompt, max_new_tokens=12, do_sample=False)[0, prompt["input_ids"].shape[1] :]
        assert tokenizer.decode(written) == row["answer"] + STOPS[template]


def test_chat_and_system_text_change_the_results_keys(plan: Plan, tiny_folder: Path, tmp_path: Path) -> None:
    model = chat(tiny_folder, tmp_path)
    settings = [model | {"chat": False}, model, model | {"system": "Be brief."}]
    planned = [plan(store=str(number), model=each) for number, each in enumerate(settings)]
    assert len({each.key for each in planned}) == 3
    for cell in (0, -1):  # the base model answers other prompts, too
        keys = [each.record.answers(each.record.grid.cells[cell], 0)[0].key for each in planned]
        scores = [each.record.evaluation_key(each.record.grid.cells[cell]) for each in planned]
        assert len(set(keys)) == len(set(scores)) == 3
