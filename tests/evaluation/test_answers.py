"""Answers stand below metrics: what is there is scored without a model, and is made once for all who ask for it."""

from dataclasses import replace

import pytest

from clt.errors import StoreError
from clt.evaluation import evaluate
from clt.store import AnswersMetadata, Store
from clt.study import METRICS, checkpoint_key
from tests.evaluation.conftest import SELECTED, Plan, Planned
from tests.evaluation.test_step import scores


def run(planned: Planned) -> Planned:
    evaluate(planned.store, planned.study_key, planned.trained.key)
    return planned


def attempts(store: Store) -> dict[str, str]:
    """Every answers artifact, and the attempt that made it."""
    return {key: store.manifest(key).attempt for key in store.keys("answers")}  # type: ignore[union-attr]


def forget_weights(planned: Planned) -> None:
    """Whoever loads the selected model after this fails."""
    planned.store.prune(checkpoint_key(planned.record.training_key(planned.trained), SELECTED), "for this test")


def test_there_is_one_artifact_a_language_and_kind_of_answer(plan: Plan) -> None:
    planned = run(plan())
    found = [AnswersMetadata.read(planned.store, key) for key in planned.store.keys("answers")]
    places = sorted((facts.language, facts.kind, facts.items) for facts in found if facts is not None)
    assert places == sorted((code, kind, 4) for code in ("en", "es", "ja") for kind in ("generated_text", "likelihood"))


def test_another_metric_scores_the_texts_that_are_there_without_a_model(plan: Plan) -> None:
    first = run(plan(metrics=("math_answer",)))
    before = attempts(first.store)
    forget_weights(first)
    more = run(plan(metrics=("math_answer", "exact_match")))
    assert more.record.evaluation_key(more.trained) != first.record.evaluation_key(first.trained)
    assert [row for row in scores(more) if row["metric"] == "math_answer"] == scores(first)
    assert attempts(first.store) == before


def test_a_mended_metric_scores_again_without_a_model(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(plan(metrics=("math_answer",)))
    key, before = first.record.evaluation_key(first.trained), attempts(first.store)
    forget_weights(first)
    monkeypatch.setitem(METRICS, "math_answer", replace(METRICS["math_answer"], version=99))
    mended = run(plan(metrics=("math_answer",)))
    assert mended.record.evaluation_key(mended.trained) != key
    assert scores(mended) and attempts(first.store) == before


def test_a_metric_of_another_kind_asks_for_its_own_kind_alone(plan: Plan) -> None:
    first = run(plan(metrics=("math_answer",)))
    before = attempts(first.store)
    run(plan(metrics=("math_answer", "bits_per_byte")))
    after = attempts(first.store)
    assert {key: after[key] for key in before} == before and len(after) == 2 * len(before)


def test_answers_in_a_language_do_not_depend_on_the_others(plan: Plan) -> None:
    two = run(plan(evaluate=("en", "es")))
    three = run(plan(evaluate=("en", "es", "ja"), store="other"))
    files = {}
    for planned in (two, three):
        answers = planned.record.answers(planned.trained, SELECTED)
        paths = {each: planned.store.fetch(each.key) / "answers.parquet" for each in answers if each.language != "ja"}
        files[planned.store.uri] = {each.key: path.read_bytes() for each, path in paths.items()}
    assert len(two.store.keys("answers")) == 4 and files[two.store.uri] == files[three.store.uri]


def test_a_language_more_asks_in_that_language_alone(plan: Plan) -> None:
    first = run(plan(evaluate=("en", "es")))
    before = attempts(first.store)
    run(plan(evaluate=("en", "es", "ja")))
    after = attempts(first.store)
    assert {key: after[key] for key in before} == before
    new = [AnswersMetadata.read(first.store, key) for key in after.keys() - before.keys()]
    assert {facts.language for facts in new if facts is not None} == {"ja"}


def test_only_missing_answers_are_made_when_an_evaluation_goes_on(plan: Plan) -> None:
    planned = run(plan(metrics=("math_answer",)))
    before = attempts(planned.store)
    lost = planned.record.answers(planned.trained, SELECTED)[1].key
    planned.store.prune(lost, "for this test")
    run(plan(metrics=("exact_match",)))
    after = attempts(planned.store)
    assert {key for key in before if after[key] != before[key]} == {lost}


def test_missing_answers_without_weights_are_an_error(plan: Plan) -> None:
    planned = run(plan(metrics=("math_answer",)))
    forget_weights(planned)
    with pytest.raises(StoreError, match="pruned"):
        run(plan(metrics=("math_answer", "bits_per_byte")))


@pytest.mark.parametrize("change", [{"batch_size": 4}, {"max_new_tokens": 3}, {"cpu_threads": 2}])
def test_how_answers_are_decoded_is_in_their_key(plan: Plan, change: dict[str, int]) -> None:
    one, other = plan(), plan(evaluation=change)
    texts = [
        {each.key for each in planned.record.answers(planned.trained, SELECTED) if each.kind == "generated_text"}
        for planned in (one, other)
    ]
    assert len(texts[0]) == 3 and not texts[0] & texts[1]
