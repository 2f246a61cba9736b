"""What is asked: whole examples, texts that end answers, choices by their likelihood; what is lost is counted."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from clt.evaluation import evaluate
from clt.evaluation.items import Item, Room, encode_answers, encode_prompts
from clt.models import Encoder, Example, load_tokenizer, make_encoder
from clt.store import EvaluatedCheckpointMetadata
from clt.study import Model, Task, checkpoint_key
from tests.evaluation.conftest import LANGUAGES, SELECTED, Plan, Planned, items

SHOTS = [
    {"language": code, "prompt": f"{number} + 1 =", "answer": f" {number + 1}"}
    for code in LANGUAGES
    for number in range(3)
]


@pytest.fixture
def encoder(tiny_folder: Path) -> Encoder:
    model = Model(name="tiny", path=str(tiny_folder))
    return make_encoder(load_tokenizer(tiny_folder, model), model)


def evaluated(planned: Planned) -> tuple[list[dict[str, Any]], list[dict[str, Any]], EvaluatedCheckpointMetadata]:
    """Scores, predictions and metadata of the selected checkpoint."""
    evaluate(planned.store, planned.study_key, planned.trained.key)
    key = checkpoint_key(planned.record.evaluation_key(planned.trained), SELECTED)
    folder, facts = planned.store.fetch(key), EvaluatedCheckpointMetadata.read(planned.store, key)
    assert facts is not None
    rows = [parquet.read_table(folder / f"{name}.parquet").to_pylist() for name in ("scores", "predictions")]
    return rows[0], rows[1], facts


def test_a_prompt_without_room_loses_whole_examples_first_and_then_its_beginning(encoder: Encoder) -> None:
    examples = tuple(Example(f"{number} + 1 =", f" {number + 1}") for number in range(3))
    item = Item(id="a", language="en", prompt="7 + 1 =", reference="8", examples=examples)
    (whole,) = encode_prompts(encoder, [item], Room(1000), max_new_tokens=8)
    texts = [encoder.encode_prompt(item.prompt, examples[dropped:]).ids for dropped in range(4)]
    assert (whole.ids, whole.examples, whole.truncated) == (texts[0], 3, False)
    for tokens in range(2, len(whole.ids)):
        (asked,) = encode_prompts(encoder, [item], Room(tokens + 8), max_new_tokens=8)
        assert len(asked.ids) <= tokens
        if asked.truncated:
            assert asked.examples == 0 and encoder.decode(item_tail(asked.ids)) in item.prompt
        else:
            assert asked.ids == texts[3 - asked.examples]  # never half of one


def item_tail(ids: list[int]) -> list[int]:
    return ids[1:]  # without the BOS token


def test_lost_examples_truncation_and_the_limit_are_counted_beside_the_scores(plan: Plan) -> None:
    task, room = {"shots": {"count": 3}}, {"max_tokens": 40, "max_new_tokens": 8}
    _, predictions, facts = evaluated(plan(task=task, shots=SHOTS, evaluation=room, metrics=("math_answer",)))
    assert {row["examples"] for row in predictions} > {0} and all(row["examples"] <= 3 for row in predictions)
    for rates in facts.rates:
        own = [row for row in predictions if row["language"] == rates.language]
        assert rates.items == len(own) == 4
        assert rates.lost_examples == sum(row["examples"] < 3 for row in own)
        assert rates.truncated == sum(row["truncated"] for row in own)
        assert rates.hit_limit == sum(row["finish"] == "length" for row in own)
        assert rates.no_answer >= sum(row["extracted"] is None for row in own)
    assert any(rates.lost_examples for rates in facts.rates) and any(rates.hit_limit for rates in facts.rates)


def test_an_answer_ends_where_a_text_of_the_task_begins(plan: Plan) -> None:
    _, before, _ = evaluated(plan(store="free"))
    text = max((row["prediction"] for row in before), key=len)
    stop = text[2:4]
    _, after, _ = evaluated(plan(task={"stop": [stop]}, store="stopped"))
    cut = {row["item"] + row["language"]: row["prediction"] for row in after}
    for row in before:
        written = row["prediction"].partition(stop)[0].strip() if stop in row["prediction"] else row["prediction"]
        assert cut[row["item"] + row["language"]] == written
    assert sum(row["finish"] == "stop" for row in after) > sum(row["finish"] == "stop" for row in before)


@pytest.mark.parametrize("metric", ["choice_accuracy", "choice_accuracy_bytes"])
def test_the_likeliest_choice_is_the_models(plan: Plan, metric: str) -> None:
    rows = [item | {"choices": ["1", "22", "333"][: 2 + index % 2], "right": 1} for index, item in enumerate(items())]
    options = {"choices": {"options": ["{a}", "{b}", "{c}"], "right": "{r}"}}
    scores, predictions, facts = evaluated(plan(rows=rows, task=options, metrics=(metric,)))
    assert len(scores) == 12 and {row["score"] for row in scores} <= {0.0, 1.0}
    assert all(row["prediction"] is None for row in predictions)
    counts = [(rates.items, rates.no_answer, rates.hit_limit, rates.truncated) for rates in facts.rates]
    assert counts == [(4, 0, 0, 0)] * 3


def test_a_prompt_has_no_more_room_than_the_model_has_positions(plan: Plan) -> None:
    shots = [{"language": code, "prompt": "1 + 1 = " * 400, "answer": "2"} for code in LANGUAGES]
    room = {"max_tokens": 100_000, "max_new_tokens": 8}
    _, predictions, facts = evaluated(plan(task={"shots": {"count": 1}}, shots=shots, evaluation=room))
    assert {row["examples"] for row in predictions} == {0}
    assert all(rates.lost_examples == rates.items for rates in facts.rates)


def test_the_choices_of_an_item_are_compared_after_one_prompt(encoder: Encoder) -> None:
    examples = tuple(Example(f"{number} + 1 =", f" {number + 1}") for number in range(3))
    long = "a long choice that leaves less room"
    item = Item(id="a", language="en", prompt="7 + 1 =", reference="8", examples=examples, choices=("8", long))
    whole = len(encoder.encode_prompt(item.prompt, examples).ids) + len(encoder.encode_answer("8"))
    [asked], [answers] = encode_answers(encoder, [item], [item.choices], Room(whole))
    assert asked.examples < 3 and all(answers)
    [alone], _ = encode_answers(encoder, [item], [["8"]], Room(whole))
    assert alone.examples == 3
    [unasked], [[nothing]] = encode_answers(encoder, [item], [[""]], Room(whole))
    assert (unasked.examples, unasked.truncated, nothing) == (3, False, [])


def test_a_choice_task_counts_what_its_prompts_lost(plan: Plan) -> None:
    rows = [item | {"choices": ["1", "22"], "right": 1} for item in items()]
    task = {"shots": {"count": 3}, "choices": {"options": ["{a}", "{b}"], "right": "{r}"}}
    planned = plan(
        rows=rows,
        task=task,
        shots=SHOTS,
        evaluation={"max_tokens": 24, "max_new_tokens": 8},
        metrics=("choice_accuracy",),
    )
    _, predictions, facts = evaluated(planned)
    for rates in facts.rates:
        own = [row for row in predictions if row["language"] == rates.language]
        assert rates.lost_examples == sum(row["examples"] < 3 for row in own) > 0


def test_an_answer_ends_at_the_label_of_its_examples_language_too() -> None:
    task = {"question_label": {"en": "Question", "ko": "질문"}, "shots": {"count": 1, "languages": {"ko": "en"}}}
    spec = Task.model_validate({"train": "t", "test": "t", "prompt": "{q}", "metrics": ["rouge_l"], **task})
    assert spec.stops("ko") == tuple(
        f"\n{label}{colon}" for label in ("질문", "Question") for colon in (":", " :", "：")
    )
    assert spec.stops("en") == ("\nQuestion:", "\nQuestion :", "\nQuestion：")
