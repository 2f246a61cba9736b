"""The step as a whole: what it writes, and that it can be stopped anywhere."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from clt.errors import CellFailure, DataError, StoreError, StudyError
from clt.models import load_model, load_tokenizer, make_encoder
from clt.progress import listening, timed
from clt.store import StateMetadata
from clt.study import checkpoint_key
from clt.training import train
from clt.training.states import staged
from tests.training.architectures import architecture
from tests.training.conftest import Plan, Planned, rows


def metrics(planned: Planned) -> list[dict[str, Any]]:
    """Lines of metrics.jsonl without what may differ between equal runs."""
    lines = (planned.store.fetch(planned.key) / "metrics.jsonl").read_text().splitlines()
    times = {"seconds", "tokens_per_second", "mfu", "peak_memory_bytes"}
    return [{name: value for name, value in json.loads(line).items() if name not in times} for line in lines]


def metadata(planned: Planned) -> dict[str, Any]:
    manifest = planned.store.manifest(planned.key)
    assert manifest is not None
    return dict(manifest.metadata)


def weights(planned: Planned, step: int) -> dict[str, torch.Tensor]:
    (file,) = planned.store.fetch(checkpoint_key(planned.key, step)).glob("*model.safetensors")
    return load_file(file)


def run(planned: Planned) -> Planned:
    train(planned.store, planned.study_key, planned.cell.key)
    return planned


def assert_equal(left: Planned, right: Planned) -> None:
    assert metrics(left) == metrics(right)
    assert metadata(left)["checkpoints"] == metadata(right)["checkpoints"]
    steps = kept_steps(left) & kept_steps(right)
    assert metadata(left)["selected"] in steps
    for step in steps:
        tensors, others = weights(left, step), weights(right, step)
        assert tensors.keys() == others.keys()
        assert all(torch.equal(tensors[name], others[name]) for name in tensors)


def kept_steps(planned: Planned) -> set[int]:
    """The steps whose weights are in the store."""
    manifests = planned.store.manifests(planned.store.keys(f"{planned.key}/checkpoints"))
    return {int(key.rpartition("/")[2]) for key, manifest in manifests.items() if manifest.pruned is None}


class Stop(Exception):
    pass


def stop_at(planned: Planned, step: int) -> None:
    def on_step(done: int, steps: int, loss: float, tokens_per_second: float) -> None:
        time.sleep(0.03)  # states go up meanwhile
        deadline = time.monotonic() + 60
        while done > 1 and not planned.store.keys(f"{planned.key}/states"):  # the first one's shard, at least
            assert time.monotonic() < deadline, "no state was saved"
            time.sleep(0.01)
        if done == step:
            raise Stop

    with pytest.raises(Stop):
        train(planned.store, planned.study_key, planned.cell.key, on_step)


def test_training_writes_checkpoints_metrics_and_the_selected_step(plan: Plan) -> None:
    planned = run(plan(max_steps=5, keep_checkpoints="all"))
    facts = metadata(planned)
    assert [point["step"] for point in facts["checkpoints"]] == [2, 4, 5]
    assert facts["selected"] == min(facts["checkpoints"], key=lambda point: point["validation_loss"])["step"]
    assert [line["step"] for line in metrics(planned)] == [1, 2, 3, 4, 5]
    assert facts["tokens"] == sum(line["tokens"] for line in metrics(planned))
    for point in facts["checkpoints"]:
        assert set(point["validation"]) == {"en", "es", "ja"}
        assert point["validation_loss"] == pytest.approx(sum(point["validation"].values()) / 3)
        manifest = planned.store.manifest(checkpoint_key(planned.key, point["step"]))
        assert manifest is not None and manifest.metadata == point
    states = planned.store.keys(f"{planned.key}/states")
    assert all(planned.store.manifest(key).pruned for key in states)  # type: ignore[union-attr]
    assert not {file.suffix for file in Path(planned.store.uri).rglob("*")} & {".pt", ".bin", ".pkl", ".pth"}


def test_complete_training_and_base_cell_return_at_once(plan: Plan) -> None:
    planned = run(plan(max_steps=2))
    created = planned.store.manifest(planned.key)
    train(planned.store, planned.study_key, planned.cell.key, on_step=lambda *_: pytest.fail("trained again"))
    assert planned.store.manifest(planned.key) == created
    base = planned.record.grid.cells[0]
    assert base.is_base
    train(planned.store, planned.study_key, base.key, on_step=lambda *_: pytest.fail("trained a base model"))


def test_overfitted_model_writes_the_answer_and_stops(plan: Plan) -> None:
    few = rows("train", 3)
    planned = run(plan(train=few, max_steps=120, checkpoint_every=120, batch_size=9))
    model_spec = planned.record.study.models[0]
    folder = planned.store.fetch(checkpoint_key(planned.key, 120))
    model, tokenizer = load_model(model_spec, folder), load_tokenizer(folder, model_spec)
    for row in few:
        prompt = torch.tensor([make_encoder(tokenizer, model_spec).encode_prompt(row["prompt"]).ids])
        written = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=8, do_sample=False)
        assert tokenizer.decode(written[0, prompt.shape[1] :]) == row["answer"] + tokenizer.eos_token


@pytest.mark.parametrize("step", [1, 2, 5])
def test_interrupted_training_ends_with_the_same_bits(plan: Plan, step: int) -> None:
    options = {"weight_decay": 0.1, "schedule": "cosine", "warmup_steps": 2}
    interrupted = plan(store="interrupted", **options)
    stop_at(interrupted, step)
    assert_equal(run(interrupted), run(plan(store="whole", **options)))


def test_interrupted_lora_with_dropout_ends_with_the_same_bits(plan: Plan) -> None:
    model = {"method": "lora", "lora": {"rank": 4, "dropout": 0.3}}
    interrupted = plan(store="interrupted", model=model)
    stop_at(interrupted, 3)
    assert_equal(run(interrupted), run(plan(store="whole", model=model)))


def test_killed_training_ends_with_the_same_bits(plan: Plan) -> None:
    options: dict[str, Any] = {"max_steps": 20, "checkpoint_every": 3, "keep_checkpoints": "all"}
    whole, killed = run(plan(store="whole", **options)), plan(store="killed", **options)
    # Forked, so that the processes need not import torch again; they die by SIGKILL like any other.
    context = multiprocessing.get_context("fork")
    kills = 0
    for number, step in enumerate((3, 9, 15, 20)):  # kill when this checkpoint begins to be written, or a little later
        process = context.Process(target=run, args=(killed,))
        process.start()
        folder = Path(killed.store.uri) / checkpoint_key(killed.key, step)
        while process.is_alive() and not folder.exists():
            time.sleep(0.0005)
        time.sleep(0.004 * number)
        if process.is_alive():
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.join()
    assert kills >= 3
    assert_equal(whole, run(killed))


def test_lora_trains_only_the_adapter_and_reloads_to_the_same_loss(plan: Plan) -> None:
    planned = run(plan(model={"method": "lora", "lora": {"rank": 4}}, max_steps=2))
    saved = weights(planned, 2)
    assert all("lora_" in name for name in saved)
    assert any(value.abs().max() > 0 for name, value in saved.items() if "lora_B" in name)
    spec = planned.record.study.models[0]
    model = load_model(spec, planned.store.fetch(checkpoint_key(planned.key, 2)))
    base = load_model(spec.model_copy(update={"method": "full"}))
    kept = {
        name.replace(".base_layer", "").removeprefix("base_model.model."): p for name, p in model.named_parameters()
    }
    assert all(torch.equal(kept[name], value) for name, value in base.named_parameters())
    assert validation_loss(planned, model) == pytest.approx(
        metadata(planned)["checkpoints"][-1]["validation"], rel=1e-6
    )


@pytest.mark.parametrize("method", ["full", "lora"])
def test_bfloat16_trains_and_saves_in_that_precision(plan: Plan, method: str) -> None:
    planned = run(plan(precision="bfloat16", model={"method": method}, max_steps=8))
    losses = [line["loss"] for line in metrics(planned)]
    assert losses[-1] < losses[0]
    if method == "full":
        assert {value.dtype for value in weights(planned, 8).values()} == {torch.bfloat16}
        assert "lm_head.weight" not in weights(planned, 8)  # tied to the embeddings: written once
        config = planned.store.fetch(checkpoint_key(planned.key, 8)) / "config.json"
        assert json.loads(config.read_text())["dtype"] == "bfloat16"
        interrupted = plan(store="interrupted", precision="bfloat16", model={"method": method}, max_steps=8)
        stop_at(interrupted, 5)
        assert_equal(run(interrupted), planned)


def test_diverging_training_fails_by_name_and_keeps_its_last_checkpoint(plan: Plan) -> None:
    planned = plan(learning_rate=1e30, max_grad_norm=1e30, warmup_steps=0, checkpoint_every=1)
    with pytest.raises(CellFailure, match=r"step \d+: loss .* at learning rate 1e\+30.*lower training.learning_rate"):
        run(planned)
    assert planned.store.manifest(planned.key) is None


def test_nan_after_a_good_checkpoint_leaves_it_readable(plan: Plan) -> None:
    planned = plan(max_steps=200, checkpoint_every=4)

    def stop_once_saved(*_: object) -> None:
        time.sleep(0.02)
        keys = planned.store.keys(f"{planned.key}/states")
        if any(int(key.rpartition("/")[2]) > 4 for key in keys if key.count("/") == 3):
            raise Stop

    with pytest.raises(Stop):
        train(planned.store, planned.study_key, planned.cell.key, stop_once_saved)
    key = newest_shard(planned)
    poisoned = load_file(planned.store.fetch(key) / "state.safetensors")
    planned.store.remove(key, only=planned.store.manifest(key))
    with planned.store.writer(key) as attempt:
        save_file({name: value * float("nan") for name, value in poisoned.items()}, attempt.path / "state.safetensors")
    with pytest.raises(CellFailure, match=r"step \d+: loss nan.* the checkpoint of step \d+ stays") as error:
        run(planned)
    assert all(value.isfinite().all() for value in weights(planned, 4).values())
    stays = int(str(error.value).split("the checkpoint of step ")[1].split()[0])
    assert stays in kept_steps(planned)


def newest_shard(planned: Planned) -> str:
    """The key of the first shard of the newest state."""
    keys = planned.store.keys(f"{planned.key}/states")
    state = StateMetadata.read(planned.store, max(key for key in keys if planned.store.manifest(key).metadata))  # type: ignore[union-attr]
    assert state is not None
    return state.shards[0]


def test_damaged_state_is_refused_and_training_starts_anew_without_it(plan: Plan) -> None:
    damaged = plan(store="damaged")
    stop_at(damaged, 5)
    file = damaged.store.fetch(newest_shard(damaged)) / "state.safetensors"
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"state.safetensors: the file is damaged.*delete .* and run again") as error:
        run(damaged)
    folder = str(error.value).split("delete ")[1].split(" and run again")[0]
    subprocess.run(["rm", "-r", folder], check=True)
    assert_equal(run(damaged), run(plan(store="whole")))


def test_a_state_without_its_shard_is_refused_by_what_to_delete(plan: Plan) -> None:
    planned = plan()
    stop_at(planned, 5)
    shard = newest_shard(planned)
    planned.store.remove(shard, only=planned.store.manifest(shard))
    with pytest.raises(StoreError, match=rf"{shard}: this shard .* missing; delete {planned.key}/states in the store"):
        run(planned)


def test_a_state_of_another_model_is_refused_by_what_to_delete(plan: Plan) -> None:
    planned = plan()
    stop_at(planned, 5)
    shard = newest_shard(planned)
    tensors = load_file(planned.store.fetch(shard) / "state.safetensors")
    planned.store.remove(shard, only=planned.store.manifest(shard))
    with planned.store.writer(shard) as attempt:
        save_file(
            {name: value[:1] for name, value in tensors.items() if value.ndim}, attempt.path / "state.safetensors"
        )
    with pytest.raises(StoreError, match=r"has the shape \(1, 32\), expected .* delete .*/states in the store"):
        run(planned)


def test_a_step_leaves_the_copies_of_a_state_alone(plan: Plan) -> None:
    parameter = torch.nn.Parameter(torch.ones(3))
    copies = staged({"weights": parameter.detach()})
    with torch.no_grad():
        parameter.add_(1)
    assert copies["weights"].tolist() == [1, 1, 1]


def test_tokens_that_the_model_does_not_know_are_refused(plan: Plan, tiny_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_folder, other)
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    tokenizer["added_tokens"].append({**tokenizer["added_tokens"][0], "id": 258, "content": "apples"})
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(
        StudyError, match=r"models.tiny.path: its tokenizer makes token 258 .* the model knows 258 tokens"
    ):
        run(plan(model={"path": str(other)}))


def test_the_manifest_and_the_log_count_truncated_prompts(plan: Plan, caplog: pytest.LogCaptureFixture) -> None:
    train = rows("train", 8)
    train[0]["prompt"] = "a prompt of more than the twenty tokens that a row may have"
    planned = run(plan(train=train, max_tokens=20, max_steps=1))
    counted = metadata(planned)["truncated"]
    assert counted[train[0]["language"]] >= 1
    assert sum("lost the beginning of their prompt" in message for message in caplog.messages) == 1
    assert metadata(run(plan(store="whole", max_steps=1)))["truncated"] == {}


def test_the_manifest_and_the_log_say_why_rows_were_padded(
    plan: Plan, tiny_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "gemma2")
    architecture("gemma2", vocab_size=258).save_pretrained(folder)
    padded = metadata(run(plan(model={"path": str(folder)}, max_steps=1)))["padded_because"]
    assert padded == "Gemma2ForCausalLM: it caps the scores of its attention"
    assert sum("rows are padded" in message and padded in message for message in caplog.messages) == 1
    assert metadata(run(plan(store="packed", max_steps=1)))["padded_because"] is None


def test_answer_longer_than_max_tokens_is_refused_by_id(plan: Plan) -> None:
    with pytest.raises(DataError, match=r"row 'train-0' of task math in en: its answer has 3 tokens .*max_tokens = 3"):
        run(plan(max_tokens=3))


def validation_loss(planned: Planned, model: torch.nn.Module) -> dict[str, float]:
    """The literal definition: over every answer token and stop token, minus the log of its probability."""
    spec = planned.record.study.models[0]
    tokenizer = load_tokenizer(str(spec.path), spec)
    file = planned.store.fetch(planned.record.mixture_key(planned.cell)) / "validation.jsonl"
    losses: dict[str, list[float]] = {}
    for row in map(json.loads, file.read_text().splitlines()):
        prompt = [tokenizer.bos_token_id, *tokenizer.encode(row["prompt"], add_special_tokens=False)]
        answer = [*tokenizer.encode(row["answer"], add_special_tokens=False), tokenizer.eos_token_id]
        with torch.no_grad():
            log_probabilities = model(input_ids=torch.tensor([prompt + answer])).logits[0].log_softmax(-1)
        for place, token in enumerate(answer, start=len(prompt)):
            losses.setdefault(row["language"], []).append(-log_probabilities[place - 1, token].item())
    return {code: sum(values) / len(values) for code, values in losses.items()}


def test_validation_loss_is_the_mean_over_answer_tokens(plan: Plan) -> None:
    planned = run(plan(max_steps=2))
    model = load_model(planned.record.study.models[0], planned.store.fetch(checkpoint_key(planned.key, 2)))
    assert validation_loss(planned, model) == pytest.approx(
        metadata(planned)["checkpoints"][-1]["validation"], rel=1e-5
    )


def test_the_manifest_says_where_the_time_went_and_every_phase_was_a_sign_of_life(plan: Plan) -> None:
    planned, heard = plan(), []
    with listening(lambda **facts: heard.append(facts)), timed(waiting=3.0):
        run(planned)
    seconds = metadata(planned)["seconds_by_phase"]
    assert set(seconds) == {"waiting", "loading", "training", "validating", "saving"}
    assert seconds["waiting"] == 3.0 and seconds["training"] == metadata(planned)["seconds"]
    phases = [facts["phase"] for facts in heard if facts]
    assert phases[:2] == ["loading", "loading"] and phases.count("validating") == 3
    assert set(phases[2:]) == {"validating", "saving"}
    assert heard.count({}) >= 3  # a batch of validation each
