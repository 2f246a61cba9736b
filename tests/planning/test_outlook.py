"""`clt plan --store` says what is complete, what will be done and why, before anything is; and writes nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from clt.cli import main
from clt.planning import Outlook, plan_study, preview_plan, read_study
from clt.planning.outlook import NEW, NOT_DONE, OLDER, differences, look_ahead
from clt.store import CheckpointMetadata, Store, TrainingMetadata, open_store, publish_record
from clt.study import StudyRecord, checkpoint_key
from tests.cli.small_study import write_study


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    return write_study(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def changed(study_file: Path, *replacements: tuple[str, str]) -> Path:
    text = study_file.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    study_file.write_text(text, encoding="utf-8")
    return study_file


def run(store: Store, study_file: Path) -> StudyRecord:
    """Plan a study and leave what complete cells leave, but for its contents."""
    record = plan_study(store, read_study(study_file))
    for cell in record.grid.cells:
        for key in [each.key for step in (0, 4, 8) for each in record.answers(cell, step)]:
            with store.writer(key):
                pass
        if not cell.is_base:
            checkpoints = [CheckpointMetadata(step=step, validation_loss=step, validation={}) for step in (4, 8)]
            for step in (4, 8):
                with store.writer(checkpoint_key(record.training_key(cell), step)):
                    pass
            with store.writer(record.mixture_key(cell)):
                pass
            with store.writer(record.training_key(cell)) as attempt:
                TrainingMetadata(selected=4, checkpoints=checkpoints, tokens=1).write(attempt)
        with store.writer(record.evaluation_key(cell)):
            pass
    return record


def outlook(store: Store, study_file: Path) -> Outlook:
    found = preview_plan(read_study(study_file), None, 1, store=store).outlook
    assert found is not None
    return found


def reasons(found: Outlook) -> dict[str, dict[str, int]]:
    return {step.step: dict(step.reasons) for step in found.steps}


NOTHING: dict[str, dict[str, int]] = {"mixtures": {}, "trainings": {}, "evaluations": {}}


def test_all_is_new_in_an_empty_store_and_nothing_is_written(store: Store, study_file: Path) -> None:
    found = outlook(store, study_file)
    assert [(step.step, step.complete, step.total) for step in found.steps] == [
        ("mixtures", 0, 3),
        ("trainings", 0, 3),
        ("evaluations", 0, 4),
    ]
    assert reasons(found) == {"mixtures": {NEW: 3}, "trainings": {NEW: 3}, "evaluations": {NEW: 4}}
    assert not Path(store.uri).exists()


def test_a_complete_study_has_nothing_to_do(store: Store, study_file: Path) -> None:
    run(store, study_file)
    keys = store.keys("")
    assert reasons(outlook(store, study_file)) == NOTHING
    assert store.keys("") == keys


def test_a_setting_is_named_with_its_values(store: Store, study_file: Path) -> None:
    run(store, study_file)
    found = reasons(outlook(store, changed(study_file, ("batch_size: 8", "batch_size: 16"))))
    assert found["mixtures"] == {} and found["trainings"] == {"training.batch_size 8 -> 16": 3}
    assert found["evaluations"] == {"the weights differ": 3}


def test_rows_that_changed_are_named_by_language(store: Store, study_file: Path) -> None:
    run(store, study_file)
    data = study_file.parent / "train.es.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("más", "y"), encoding="utf-8")
    found = reasons(outlook(store, study_file))
    assert found["trainings"] == {
        "rows of sums/es differ; validation rows of sums/es differ": 2,
        "validation rows of sums/es differ": 1,
    }


def test_what_was_added_is_new_and_the_rest_stays(store: Store, study_file: Path) -> None:
    run(store, study_file)
    found = outlook(store, changed(study_file, ("[0, 8, 16]", "[0, 8, 12, 16]")))
    assert reasons(found) == {step: {NEW: 1} for step in NOTHING}
    assert [step.complete for step in found.steps] == [3, 3, 4]


def test_a_metric_scores_what_is_there(store: Store, study_file: Path) -> None:
    run(store, study_file)
    found = reasons(outlook(store, changed(study_file, ("[exact_match,", "[exact_match, rouge_l,"))))
    assert found["trainings"] == {}
    assert found["evaluations"] == {"metrics.sums.rouge_l is new (the answers are there: scored without a model)": 4}


def test_a_held_out_language_is_asked_for_its_items_alone(store: Store, study_file: Path) -> None:
    changed(study_file, ("evaluate: [en, es, ja]", "evaluate: [en, es]"))
    run(store, study_file)
    found = reasons(outlook(store, changed(study_file, ("evaluate: [en, es]", "evaluate: [en, es, ja]"))))
    assert found == NOTHING | {"evaluations": {"test items of sums/ja are new (asked for sums/ja alone)": 4}}


def test_pruned_weights_that_are_wanted_are_said_to_be_made_again(store: Store, study_file: Path) -> None:
    record = run(store, study_file)
    for cell in record.grid.cells[1:]:
        store.prune(checkpoint_key(record.training_key(cell), 8), "for this test")
    wanted = changed(study_file, ("checkpoint_every: 4,", "checkpoint_every: 4, keep_checkpoints: all,"))
    why = "weights after step 8 were pruned and are wanted now: trained again for them"
    assert reasons(outlook(store, wanted)) == NOTHING | {"trainings": {why: 3}}


def test_what_was_let_go_is_to_do_only_where_something_needs_it(store: Store, study_file: Path) -> None:
    record = run(store, study_file)
    for cell in record.grid.cells[1:]:
        store.remove(record.training_key(cell), only=None)
        store.remove(record.mixture_key(cell), only=None)
    assert reasons(outlook(store, study_file)) == NOTHING
    wanted = changed(study_file, ("checkpoint_every: 4,", "checkpoint_every: 4, keep_checkpoints: all,"))
    assert reasons(outlook(store, wanted)) == NOTHING | {"mixtures": {NOT_DONE: 3}, "trainings": {NOT_DONE: 3}}


def test_what_was_planned_and_not_run_is_not_complete(store: Store, study_file: Path) -> None:
    plan_study(store, read_study(study_file))
    assert reasons(outlook(store, study_file))["trainings"] == {NOT_DONE: 3}


def test_formats_of_other_versions_are_named(store: Store, study_file: Path, tmp_path: Path) -> None:
    record = plan_study(store, read_study(study_file))
    other = open_store(tmp_path / "other")
    publish_record(other, record.model_copy(update={"formats": record.formats | {"trainings": 1}}))
    assert dict(look_ahead(other, record).steps[1].reasons) == {f"format 1 -> {record.formats['trainings']}": 3}
    oldest = open_store(tmp_path / "oldest")
    publish_record(oldest, record.model_copy(update={"formats": {}}))
    assert dict(look_ahead(oldest, record).steps[1].reasons) == {OLDER: 3}


def test_without_the_data_it_cannot_know(store: Store, study_file: Path) -> None:
    there = changed(
        study_file,
        ('"train.{language}.jsonl"', "{path: '/volume-of-the-pods/train.{language}.jsonl', rows: 100}"),
        ('"test.{language}.jsonl"', "{path: '/volume-of-the-pods/test.{language}.jsonl', rows: 100}"),
        ("path: model", "path: model, parameters: 1000"),
    )
    found = outlook(store, there)
    assert found.steps == () and "the data are not on this machine" in found.unknown
    done = CliRunner().invoke(main, ["plan", str(there), "--store", store.uri])
    assert done.exit_code == 0 and "cannot be said: the data are not on this machine" in done.output


def test_the_command_shows_it_as_a_table_and_as_json(store: Store, study_file: Path) -> None:
    run(store, study_file)
    changed(study_file, ("batch_size: 8", "batch_size: 16"))
    shown = CliRunner().invoke(main, ["plan", str(study_file), "--store", store.uri])
    assert "training.batch_size 8 -> 16" in shown.output and "0 of 3" in shown.output
    printed = CliRunner().invoke(main, ["plan", str(study_file), "--store", store.uri, "--json"])
    steps = {step["step"]: step for step in json.loads(printed.output)["outlook"]["steps"]}
    assert steps["trainings"] == {
        "step": "trainings",
        "total": 3,
        "complete": 0,
        "reasons": {"training.batch_size 8 -> 16": 3},
    }
    assert json.loads(CliRunner().invoke(main, ["plan", str(study_file), "--json"]).output)["outlook"] is None


def test_differences_are_named_one_by_one() -> None:
    before = {"format": 1, "rows": {"math/en": "a", "math/fr": "b"}, "training": {"epochs": 1.0}, "lora": None}
    after = {"format": 2, "rows": {"math/en": "a", "math/es": "c"}, "training": {"epochs": 2.0}, "lora": {"rank": 4}}
    assert list(differences(before, after)) == [
        "format 1 -> 2",
        "rows of math/es are new",
        "rows of math/fr are gone",
        "training.epochs 1.0 -> 2.0",
        "lora none -> {'rank': 4}",
    ]
