"""The step as a whole: which checkpoints, which files, resumed anywhere, pruned only when all is scored."""

import math
import shutil
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
import torch

from clt.errors import CellFailure, StoreError
from clt.evaluation import evaluate
from clt.models import load_tokenizer, make_encoder
from clt.progress import listening
from clt.store import Store
from clt.study import checkpoint_key
from tests.evaluation.conftest import SELECTED, STEPS, Plan, Planned, items, lively


def run(planned: Planned) -> Planned:
    evaluate(planned.store, planned.study_key, planned.trained.key)
    return planned


def scores(planned: Planned, step: int = SELECTED) -> list[dict]:
    key = checkpoint_key(planned.record.evaluation_key(planned.trained), step)
    return parquet.read_table(planned.store.fetch(key) / "scores.parquet").to_pylist()


def metadata(store: Store, key: str) -> dict:
    manifest = store.manifest(key)
    assert manifest is not None
    return dict(manifest.metadata)


def scored_steps(planned: Planned) -> list[int]:
    key = planned.record.evaluation_key(planned.trained)
    return [int(found.rsplit("/", 1)[1]) for found in planned.store.keys(f"{key}/checkpoints")]


def kept_weights(planned: Planned) -> list[int]:
    training = planned.record.training_key(planned.trained)
    manifests = {step: planned.store.manifest(checkpoint_key(training, step)) for step in STEPS}
    return [step for step, manifest in manifests.items() if manifest is not None and manifest.pruned is None]


def test_scores_have_a_row_an_item_and_metric_in_a_fixed_order(plan: Plan) -> None:
    planned = run(plan())
    rows = scores(planned)
    assert [(row["metric"], row["language"], row["item"]) for row in rows] == [
        (metric, language, f"test-{number}")
        for metric in ("math_answer", "bits_per_byte", "language_fidelity")
        for language in ("en", "es", "ja")
        for number in range(4)
    ]
    assert list(rows[0]) == ["task", "metric", "language", "item", "score"]
    unscored = [(row["metric"], row["item"]) for row in rows if row["score"] is None]
    assert ("math_answer", "test-3") in unscored  # its reference is no number
    assert not any(row["score"] is not None and math.isnan(row["score"]) for row in rows)
    key = checkpoint_key(planned.record.evaluation_key(planned.trained), SELECTED)
    counts = metadata(planned.store, key)["scores"]
    assert {name: value for name, value in counts[1].items() if name != "mean"} == {
        "task": "math",
        "metric": "math_answer",
        "language": "es",
        "items": 4,
        "unscored": 1,
    }
    predictions = parquet.read_table(planned.store.fetch(key) / "predictions.parquet").to_pylist()
    known = ["task", "language", "item", "prediction", "reference", "extracted"]
    assert list(predictions[0]) == [*known, "tokens", "finish", "examples", "truncated"]
    assert [row["reference"] for row in predictions] == [item["reference"] for item in items()]


def test_bits_per_byte_is_the_literal_one(plan: Plan, tiny_folder: Path) -> None:
    planned = run(plan())
    model, item = lively(tiny_folder, SELECTED), items()[-2]
    spec = planned.record.model(planned.trained)
    encoder = make_encoder(load_tokenizer(tiny_folder, spec), spec)
    answer = encoder.encode_answer(item["reference"])
    assert answer[-1] == encoder.tokenizer.eos_token_id  # the stop token counts
    ids = encoder.encode_prompt(item["prompt"]).ids + answer
    ids = ids[-64:] if len(ids) > 64 else ids
    with torch.inference_mode():
        logarithms = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), dim=-1)
    bits = sum(
        -logarithms[len(ids) - len(answer) - 1 + place, token].item() / math.log(2)
        for place, token in enumerate(answer)
    )
    (row,) = [
        row
        for row in scores(planned)
        if (row["metric"], row["language"], row["item"]) == ("bits_per_byte", "ja", item["id"])
    ]
    assert row["score"] == pytest.approx(bits / len(item["reference"].encode()), rel=1e-5)


@pytest.mark.parametrize(
    ("wanted", "steps"), [("selected", [4]), ("all", [2, 4, 6]), ({"every": 3}, [4, 6]), ({"every": 2}, [4])]
)
def test_checkpoints_asked_for_are_scored_and_the_selected_one_always(
    plan: Plan, wanted: object, steps: list[int]
) -> None:
    planned = run(plan(evaluation={"checkpoints": wanted}))
    assert scored_steps(planned) == steps
    facts = metadata(planned.store, planned.record.evaluation_key(planned.trained))
    assert (facts["steps"], facts["selected"]) == (steps, SELECTED)


def test_base_model_is_evaluated_as_it_is(plan: Plan) -> None:
    planned = plan()
    evaluate(planned.store, planned.study_key, planned.base.key)
    key = planned.record.evaluation_key(planned.base)
    facts = metadata(planned.store, key)
    assert (facts["steps"], facts["selected"]) == ([0], 0)
    assert parquet.read_table(planned.store.fetch(checkpoint_key(key, 0)) / "scores.parquet").num_rows == 36


def test_same_weights_give_the_same_bytes_at_any_batch_size(plan: Plan) -> None:
    narrow = run(plan(evaluation={"batch_size": 5}))
    same = run(plan(evaluation={"batch_size": 5}, store="other"))
    keys = [checkpoint_key(each.record.evaluation_key(each.trained), SELECTED) for each in (narrow, same)]
    for name in ("scores.parquet", "predictions.parquet"):
        assert (narrow.store.fetch(keys[0]) / name).read_bytes() == (same.store.fetch(keys[1]) / name).read_bytes()
    wide = run(plan(evaluation={"batch_size": 100}))
    for left, right in zip(scores(narrow), scores(wide), strict=True):
        assert (left["score"] is None) == (right["score"] is None)
        assert left["score"] is None or left["score"] == pytest.approx(right["score"], rel=1e-5)


def test_only_selected_weights_stay_unless_all_are_asked_for(plan: Plan) -> None:
    assert kept_weights(run(plan(training={"keep_checkpoints": "all"}))) == [2, 4, 6]
    assert kept_weights(run(plan(store="other"))) == [4]


def test_resumed_evaluation_scores_only_what_is_missing_and_then_prunes(plan: Plan) -> None:
    planned = plan(evaluation={"checkpoints": "all"})
    store, training = planned.store, planned.record.training_key(planned.trained)
    last = store.fetch(checkpoint_key(training, 6))
    hidden = last.with_name("hidden")
    last.rename(hidden)
    with pytest.raises(StoreError):
        run(planned)
    key = planned.record.evaluation_key(planned.trained)
    assert scored_steps(planned) == [2, 4] and store.manifest(key) is None
    assert 2 in kept_weights(planned)  # nothing is pruned before all is scored
    created = [store.manifest(checkpoint_key(key, step)) for step in (2, 4)]
    hidden.rename(last)
    run(planned)
    assert scored_steps(planned) == [2, 4, 6] and kept_weights(planned) == [4]
    assert [store.manifest(checkpoint_key(key, step)) for step in (2, 4)] == created


def test_complete_cell_needs_no_weights(plan: Plan) -> None:
    planned = run(plan())
    shutil.rmtree(planned.store.fetch(checkpoint_key(planned.record.training_key(planned.trained), SELECTED)))
    run(planned)


def test_pruned_weights_that_are_needed_again_are_named_with_the_next_step(plan: Plan) -> None:
    run(plan())
    with pytest.raises(StoreError, match=r"step 2 are pruned .*run the cell's training step first"):
        run(plan(evaluation={"checkpoints": "all"}))


def test_flipped_bit_in_a_checkpoint_is_refused(plan: Plan) -> None:
    planned = plan()
    folder = planned.store.fetch(checkpoint_key(planned.record.training_key(planned.trained), SELECTED))
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"model\.safetensors"):
        run(planned)


def test_untrained_cell_is_refused(plan: Plan, tmp_path: Path) -> None:
    planned = plan()
    shutil.rmtree(tmp_path / "store" / planned.record.training_key(planned.trained))
    with pytest.raises(StoreError, match="not trained yet"):
        run(planned)


def test_reference_that_max_tokens_cannot_hold_is_unscored(plan: Plan) -> None:
    rows = [{**item, "reference": "12345" if item["id"] == "test-0" else item["reference"]} for item in items()]
    planned = run(plan(training={"max_tokens": 4}, rows=rows))
    bits = [row for row in scores(planned) if row["metric"] == "bits_per_byte"]
    assert [row["item"] for row in bits if row["score"] is None] == ["test-0"] * 3


def test_weights_that_are_no_numbers_fail_the_cell(plan: Plan, tiny_folder: Path) -> None:
    planned = plan()
    model = lively(tiny_folder, 0)
    with torch.no_grad():
        model.model.norm.weight.fill_(math.nan)
    key = checkpoint_key(planned.record.training_key(planned.trained), SELECTED)
    planned.store.prune(key, "to be replaced")
    with planned.store.writer(key) as attempt:
        model.save_pretrained(attempt.path)
        load_tokenizer(tiny_folder, planned.record.model(planned.trained)).save_pretrained(attempt.path)
    with pytest.raises(CellFailure, match="likelihood of item 'test-0' in en is nan"):
        run(planned)


def test_the_manifest_says_where_the_time_went_and_every_batch_was_a_sign_of_life(plan: Plan) -> None:
    planned, heard = plan(), []
    with listening(lambda **facts: heard.append(facts)):
        run(planned)
    seconds = metadata(planned.store, planned.record.evaluation_key(planned.trained))["seconds_by_phase"]
    assert set(seconds) == {"loading", "evaluating", "scoring", "saving"}
    answers = planned.record.answers(planned.trained, 1)
    phases = ["loading", "loading", *["evaluating", "saving"] * len(answers), "scoring", "saving"]
    assert [facts["phase"] for facts in heard if facts] == phases
    assert heard.count({}) >= 2  # a batch of generation and one of likelihoods
