"""The step as a whole: what it writes, and that it can be stopped anywhere."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from clt.errors import CellFailure, DataError, StoreError
from clt.models import encode_prompt, load_model, load_tokenizer
from clt.progress import listening, timed
from clt.study import checkpoint_key
from clt.training import train
from tests.training.conftest import Plan, Planned, rows


def metrics(planned: Planned) -> list[dict[str, Any]]:
    """Lines of metrics.jsonl without what may differ between equal runs."""
    lines = (planned.store.fetch(planned.key) / "metrics.jsonl").read_text().splitlines()
    times = {"seconds", "tokens_per_second"}
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
    for point in metadata(left)["checkpoints"]:
        tensors, others = weights(left, point["step"]), weights(right, point["step"])
        assert tensors.keys() == others.keys()
        assert all(torch.equal(tensors[name], others[name]) for name in tensors)


class Stop(Exception):
    pass


def stop_at(planned: Planned, step: int) -> None:
    def on_step(done: int, steps: int, loss: float, tokens_per_second: float) -> None:
        if done == step:
            raise Stop

    with pytest.raises(Stop):
        train(planned.store, planned.study_key, planned.cell.key, on_step)


def test_training_writes_checkpoints_metrics_and_the_selected_step(plan: Plan) -> None:
    planned = run(plan(max_steps=5))
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
        prompt = torch.tensor([encode_prompt(tokenizer, row["prompt"])])
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
    options = {"max_steps": 20, "checkpoint_every": 3}
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
        interrupted = plan(store="interrupted", precision="bfloat16", model={"method": method}, max_steps=8)
        stop_at(interrupted, 5)
        assert_equal(run(interrupted), planned)


def test_diverging_training_fails_by_name_and_keeps_its_last_checkpoint(plan: Plan) -> None:
    planned = plan(learning_rate=1e30, max_grad_norm=1e30, warmup_steps=0, checkpoint_every=1)
    with pytest.raises(CellFailure, match=r"step \d+: loss .* at learning rate 1e\+30.*lower training.learning_rate"):
        run(planned)
    assert planned.store.manifest(planned.key) is None


def test_nan_after_a_good_checkpoint_leaves_it_readable(plan: Plan) -> None:
    planned = plan()
    stop_at(planned, 3)
    key = planned.store.keys(f"{planned.key}/states")[-1]
    poisoned = load_file(planned.store.fetch(key) / "state.safetensors")
    replace_state(planned, key, {name: value * float("nan") for name, value in poisoned.items()})
    with pytest.raises(CellFailure, match=r"step 3: loss nan.* the checkpoint of step 2 stays"):
        run(planned)
    assert all(value.isfinite().all() for value in weights(planned, 2).values())


def replace_state(planned: Planned, key: str, tensors: dict[str, torch.Tensor]) -> None:
    """Publish a state again with other tensors."""
    from safetensors.torch import save_file

    folder = planned.store.fetch(key)
    texts = {name: (folder / name).read_text() for name in ("state.json", "metrics.jsonl")}
    planned.store.prune(key, "replaced")
    with planned.store.writer(key) as attempt:
        save_file(tensors, attempt.path / "state.safetensors")
        for name, text in texts.items():
            (attempt.path / name).write_text(text)


def test_damaged_state_is_refused_and_training_starts_anew_without_it(plan: Plan) -> None:
    damaged = plan(store="damaged")
    stop_at(damaged, 5)
    file = damaged.store.fetch(damaged.store.keys(f"{damaged.key}/states")[-1]) / "state.safetensors"
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"state.safetensors: the file is damaged.*delete .* and run again") as error:
        run(damaged)
    folder = str(error.value).split("delete ")[1].split(" and run again")[0]
    subprocess.run(["rm", "-r", folder], check=True)
    assert_equal(run(damaged), run(plan(store="whole")))


def test_answer_longer_than_max_tokens_is_refused_by_id(plan: Plan) -> None:
    with pytest.raises(DataError, match=r"row 'train-0' of task math in en: its answer has 3 tokens .*max_tokens = 3"):
        run(plan(max_tokens=3))


@pytest.mark.slow
def test_two_processes_train_like_one(plan: Plan) -> None:
    options = {"max_steps": 4, "batch_size": 7, "micro_batch_size": 2}
    alone, shared = run(plan(store="alone", **options)), plan(store="shared", **options)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, "-m", "clt.cluster.jobs", "training", shared.store.uri, shared.study_key, shared.cell.key]
    subprocess.run(command, check=True, timeout=200)
    for left, right in zip(metrics(alone), metrics(shared), strict=True):
        assert left == pytest.approx(right, rel=1e-4)
    assert metadata(shared)["environment"]["processes"] == 2


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
    assert phases == ["loading", "loading", *["validating", "saving", "saving"] * 3]
    assert heard.count({}) >= 3  # a batch of validation each
