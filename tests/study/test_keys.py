"""A step's key changes with everything that determines its output, and with nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from clt.study import METRICS, Cell, DrawFacts, StudyRecord, checkpoint_key, draw_name

RecordOf = Callable[..., StudyRecord]


def keys(record: StudyRecord) -> dict[str, str]:
    cell = _cell(record)
    return {
        "items": record.items_key("math"),
        "mixture": record.mixture_key(cell),
        "training": record.training_key(cell),
        "evaluation": record.evaluation_key(cell),
    }


def _cell(record: StudyRecord) -> Cell:
    return next(cell for cell in record.grid.cells if cell.samples_per_language == 10)


NOTHING = [
    ("name: tiny", "name: other\ndescription: the same under another name"),
    ("name: main", "name: additive"),
    ("h100: 1.0e+9", "h100: 2.0e+9"),
    ("resources:", "resources:\n  training: {accelerator: h100, nodes: 2, memory: 64Gi}"),
    ("epochs: 1", "epochs: 1\n  keep_checkpoints: all"),
    ("epochs: 1", "epochs: 1\n  activation_checkpointing: always"),
    ("resources:", "resources:\n  accelerator_memory: {h100: 80GB}"),
    ("name: tiny", "name: tiny\nlimits: {gpu_hours: 5}"),
    ("{rows: 500, bytes_per_row: 100}", "{rows: 600, bytes_per_row: 90}"),
]
CHANGES = [
    (('prompt: "{question}"', 'prompt: "{question} "'), {"items", "mixture", "training", "evaluation"}),
    (("bytes_per_row: 80}", "columns: {answer: result}}"), {"items", "mixture", "training", "evaluation"}),
    (("bytes_per_row: 100}", "columns: {answer: result}}"), {"mixture", "training", "evaluation"}),
    (("bytes_per_row: 100}", "on_bad_row: skip}"), {"mixture", "training", "evaluation"}),
    (("english_samples: 100", "english_samples: 101"), {"mixture", "training", "evaluation"}),
    (("validation_rows: 5", "validation_rows: 6"), {"mixture", "training", "evaluation"}),
    (("training:", "seeds: [1]\ntraining:"), {"mixture", "training", "evaluation"}),
    (("batch_size: 10", "batch_size: 20"), {"training", "evaluation"}),
    (("epochs: 1", "epochs: 1\n  precision: bfloat16"), {"training", "evaluation"}),
    (("epochs: 1", "epochs: 1\n  cpu_threads: 2"), {"training", "evaluation"}),
    (("parameters: 1000", "parameters: 1000\n    method: lora"), {"training", "evaluation"}),
    (("parameters: 1000", "parameters: 1000\n    chat: true"), {"training", "evaluation"}),
    (("[math_answer]", "[exact_match]"), {"evaluation"}),
    (("training:", "evaluation: {checkpoints: all}\ntraining:"), {"evaluation"}),
    (("training:", "evaluation: {max_new_tokens: 9}\ntraining:"), {"evaluation"}),
]


@pytest.mark.parametrize("change", NOTHING, ids=[new for _, new in NOTHING])
def test_names_and_resources_change_no_key(record_of: RecordOf, change: tuple[str, str]) -> None:
    assert keys(record_of(change)) == keys(record_of())


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[change[1] for change, _ in CHANGES])
def test_settings_change_the_keys_of_the_steps_that_they_reach(
    record_of: RecordOf, change: tuple[str, str], expected: set[str]
) -> None:
    before, after = keys(record_of()), keys(record_of(change))
    assert {step for step in before if before[step] != after[step]} == expected


def test_a_record_from_before_timeouts_were_called_so_is_read(record_of: RecordOf) -> None:
    record = record_of()
    document = record.model_dump(mode="json")
    del document["study"]["resources"]["timeouts"]
    document["study"]["resources"]["patience"] = {"image_minutes": 10.0, "room_hours": 24.0}
    assert StudyRecord.model_validate_json(json.dumps(document)) == record


def test_rows_depend_on_every_language_that_the_study_trains(record_of: RecordOf) -> None:
    # What is held out and decontaminated is decided over all trained languages, also for a mixture of some of them.
    latin = ("samples_per_language: [0, 10, 20]", "samples_per_language: [10]\n    languages: [es]")
    both, one = record_of(latin), record_of(latin, ("train: [es, ja]", "train: [es]"))
    assert keys(both)["mixture"] != keys(one)["mixture"]


def test_data_and_weights_change_keys(record_of: RecordOf) -> None:
    record = record_of()
    source = record.facts.sources["math/train/es"]
    other = record.model_copy(
        update={
            "facts": record.facts.model_copy(
                update={
                    "sources": record.facts.sources | {"math/train/es": source.model_copy(update={"checksum": "x"})}
                }
            )
        }
    )
    assert keys(other)["mixture"] != keys(record)["mixture"]
    model = record.facts.models["small"].model_copy(update={"identity": "other weights"})
    retrained = record.model_copy(
        update={"facts": record.facts.model_copy(update={"models": record.facts.models | {"small": model}})}
    )
    assert keys(retrained)["mixture"] == keys(record)["mixture"]
    assert keys(retrained)["training"] != keys(record)["training"]


def test_a_repeat_trains_again_on_the_same_rows(record_of: RecordOf) -> None:
    before, after = keys(record_of()), keys(record_of(repeat="noise-1"))
    assert {step for step in before if before[step] != after[step]} == {"training", "evaluation"}


def test_a_base_model_is_not_evaluated_again_for_other_checkpoints(record_of: RecordOf) -> None:
    before, after = record_of(), record_of(("training:", "evaluation: {checkpoints: all}\ntraining:"))
    assert before.evaluation_key(before.grid.cells[0]) == after.evaluation_key(after.grid.cells[0])


def test_study_key_is_the_name_and_a_hash_of_the_record(record_of: RecordOf) -> None:
    assert record_of().key == record_of().key
    assert record_of().key.startswith("tiny-")
    assert record_of(("h100: 1.0e+9", "h100: 2.0e+9")).key != record_of().key


def test_checkpoints_are_below_their_training_and_sort_by_step() -> None:
    names = [checkpoint_key("trainings/ab", step) for step in (50, 1000)]
    assert names == sorted(names) == ["trainings/ab/checkpoints/00000050", "trainings/ab/checkpoints/00001000"]


def drawn(record: StudyRecord, **changed: str) -> StudyRecord:
    """The record with facts about the Japanese rows of a cell, as a plan of real data has them."""
    facts = DrawFacts(**({"rows": "r", "validation": "v", "left_out": "l"} | changed))
    name = draw_name("math", "ja", 0, 10)
    return record.model_copy(update={"facts": record.facts.model_copy(update={"draws": {name: facts}})})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"rows": "others"}, {"mixture", "training", "evaluation"}),
        ({"validation": "others"}, {"mixture", "training", "evaluation"}),
        ({"left_out": "others"}, {"mixture"}),  # the same rows are trained on
    ],
)
def test_drawn_rows_are_in_keys_by_what_they_are(
    record_of: RecordOf, changed: dict[str, str], expected: set[str]
) -> None:
    before, after = keys(drawn(record_of())), keys(drawn(record_of(), **changed))
    assert {step for step in before if before[step] != after[step]} == expected


def test_a_mended_metric_is_in_the_evaluations_key_alone(record_of: RecordOf, monkeypatch: pytest.MonkeyPatch) -> None:
    record, cell = record_of(), _cell(record_of())
    before, answers = keys(record), record.answers(cell, 5)
    monkeypatch.setitem(METRICS, "math_answer", replace(METRICS["math_answer"], version=99))
    after = keys(record)
    assert {step for step in before if before[step] != after[step]} == {"evaluation"}
    assert record.answers(cell, 5) == answers


def test_answers_of_every_task_language_kind_and_step_have_a_key_of_their_own(record_of: RecordOf) -> None:
    record = record_of(("[math_answer]", "[math_answer, bits_per_byte, exact_match]"))
    cell = next(cell for cell in record.grid.cells if cell.is_base)
    answers = [*record.answers(cell, 0), *record.answers(cell, 5)]
    kinds = {(each.task, each.kind) for each in answers}
    assert kinds == {("math", "generated_text"), ("math", "likelihood"), ("news", "generated_text")}
    assert len({each.key for each in answers}) == len(answers) == 2 * 3 * 4


def test_a_record_of_an_older_version_is_read_and_has_other_keys(record_of: RecordOf) -> None:
    record = drawn(record_of())
    document = record.model_dump(mode="json")
    for name in ("items", "draws"):
        del document["facts"][name]
    del document["formats"]
    older = StudyRecord.model_validate_json(json.dumps(document))
    assert older.formats == {} and keys(older)["training"] != keys(record)["training"]
