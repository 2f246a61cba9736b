"""A judge behind a real endpoint: what is missing stays missing, and nothing is asked twice."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as parquet
import pytest

from clt.endpoints import Reply
from clt.errors import EndpointError
from clt.evaluation import evaluate
from clt.evaluation.judge.rate import Answered, rate
from clt.store import EvaluatedCheckpointMetadata, Store, open_store
from clt.study import Endpoint, Judge, checkpoint_key, judge_identity
from tests.endpoint_server import EndpointServer, Response, serve
from tests.evaluation.conftest import SELECTED, Plan, Planned

Respond = Callable[[int, dict[str, Any]], Response | str]


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with serve(lambda *_: json.dumps({"reason": "short", "rating": 4})) as started:
        yield started


@pytest.fixture
def store(tmp_path: Any) -> Store:
    return open_store(tmp_path / "replies")


def judge(server: EndpointServer, **fields: Any) -> Judge:
    return Judge(endpoint=Endpoint(url=server.url, model="judge", timeout_seconds=20, concurrency=2), **fields)


def answers(*texts: str) -> list[Answered]:
    return [Answered(language="es", question=f"¿{number}?", answer=text) for number, text in enumerate(texts)]


def scored(planned: Planned) -> EvaluatedCheckpointMetadata:
    evaluate(planned.store, planned.study_key, planned.trained.key)
    key = checkpoint_key(planned.record.evaluation_key(planned.trained), SELECTED)
    facts = EvaluatedCheckpointMetadata.read(planned.store, key)
    assert facts is not None
    return facts


def test_the_judge_sees_language_question_and_answer_as_they_are(store: Store, server: EndpointServer) -> None:
    rate(store, judge(server), [Answered(language="es", question="¿$answer?", answer="{sí} $language")])
    system, user = server.requests[0]["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "<question>\n¿$answer?\n</question>" in user["content"]
    assert "<answer>\n{sí} $language\n</answer>" in user["content"]
    assert "in Spanish" in user["content"]
    assert server.requests[0]["temperature"] == 0


def test_prose_is_asked_again_with_a_reminder_and_then_missing(store: Store, server: EndpointServer) -> None:
    server.respond = lambda *_: "A fine answer, if a little long."
    result = rate(store, judge(server, attempts=3), answers("sí"))
    assert [each.rating for each in result.judgements] == [None]
    assert result.judgements[0].last == "A fine answer, if a little long."
    assert [len(body["messages"]) for body in server.paid] == [2, 4, 4]
    assert result.calls == 3


def test_a_reply_that_can_be_read_at_last_counts(store: Store, server: EndpointServer) -> None:
    server.respond = lambda number, _: "" if number == 1 else '{"rating": 2}'
    result = rate(store, judge(server), answers("sí"))
    assert [(each.rating, len(each.replies)) for each in result.judgements] == [(2, 2)]
    again = rate(store, judge(server), answers("sí"))
    assert ([each.rating for each in again.judgements], again.calls, again.kept) == ([2], 0, 2)


def test_an_empty_answer_is_one_and_nobody_is_asked(store: Store, server: EndpointServer) -> None:
    result = rate(store, judge(server), answers("", " \n"))
    assert [each.rating for each in result.judgements] == [1, 1]
    assert server.requests == []


def test_an_answer_that_the_endpoint_refuses_is_missing(store: Store, server: EndpointServer) -> None:
    refusal = Response(status=400, raw='{"error": {"message": "too long"}}')
    server.respond = lambda _, body: refusal if "largo" in body["messages"][1]["content"] else '{"rating": 3}'
    result = rate(store, judge(server), answers("sí", "largo", "más largo", "largo, largo"))
    assert [each.rating for each in result.judgements] == [3, None, None, None]
    assert "too long" in result.judgements[1].last


def test_three_different_requests_that_are_all_refused_are_an_error_and_fewer_are_missing(
    store: Store, server: EndpointServer
) -> None:
    server.respond = lambda *_: Response(status=400, raw='{"error": {"message": "content filter"}}')
    same = [answers("largo")[0]] * 4
    assert [each.rating for each in rate(store, judge(server), same).judgements] == [None] * 4
    assert [each.rating for each in rate(store, judge(server), answers("a", "b")).judgements] == [None] * 2
    with pytest.raises(EndpointError, match=r"refused each of 3 requests: .*content filter"):
        rate(store, judge(server), answers("a", "b", "c"))


def test_a_field_of_the_request_can_be_added_and_taken_away(store: Store, server: EndpointServer) -> None:
    rate(store, judge(server, request={"temperature": None, "max_completion_tokens": 9}), answers("sí"))
    assert "temperature" not in server.requests[0] and server.requests[0]["max_completion_tokens"] == 9


def test_another_reading_asks_everything_anew(store: Store, server: EndpointServer) -> None:
    assert rate(store, judge(server), answers("sí")).calls == 1
    assert rate(store, judge(server), answers("sí"), reading=2).calls == 1
    assert rate(store, judge(server), answers("sí"), reading=2).calls == 0


def judged(plan: Plan, server: EndpointServer, **fields: Any) -> Planned:
    """A study whose model writes letters that differ, judged."""
    return plan(metrics=("judge", "language_fidelity"), judge=judge(server, **fields).model_dump())


def test_ratings_are_scores_and_their_cost_is_told(plan: Plan, server: EndpointServer) -> None:
    server.respond = lambda _, body: (
        "no idea" if re.search("^3 ", asked(body), re.MULTILINE) else '{"reason": "", "rating": 4}'
    )
    planned = judged(plan, server, attempts=2)
    facts = scored(planned)
    by_language = {(each.metric, each.language): each for each in facts.scores}
    assert {code: by_language["judge", code].mean for code in ("en", "es", "ja")} == dict.fromkeys(
        ("en", "es", "ja"), 4.0
    )
    assert [by_language["judge", code].unscored for code in ("en", "es", "ja")] == [1, 1, 1]
    assert [each.unscored for each in facts.judged] == [1, 1, 1]
    assert sum(each.calls for each in facts.judged) == len(server.paid) == 15  # 9 that can be read, 3 asked twice
    assert sum(each.prompt_tokens for each in facts.judged) == 150


def asked(body: dict[str, Any]) -> str:
    return str(body["messages"][1]["content"])


def test_judgements_keep_every_reply_in_the_order_of_the_items(plan: Plan, server: EndpointServer) -> None:
    planned = judged(plan, server)
    scored(planned)
    (key, *more) = planned.store.keys("judgements")
    rows = parquet.read_table(planned.store.fetch(key) / "judgements.parquet").to_pylist()
    assert len(more) == 2
    assert [row["item"] for row in rows] == [f"test-{number}" for number in range(4)]
    assert {row["reply"] for row in rows} == {'{"reason": "short", "rating": 4}'}
    assert {(row["attempts"], row["prompt_tokens"], row["completion_tokens"]) for row in rows} == {(1, 10, 5)}


def test_what_the_judge_said_before_it_failed_is_not_asked_again(plan: Plan, server: EndpointServer) -> None:
    server.respond = lambda number, _: Response(status=404, raw="{}") if number == 6 else '{"rating": 5}'
    planned = judged(plan, server)
    with pytest.raises(EndpointError, match="what was answered is kept"):
        scored(planned)
    facts = scored(planned)
    assert len(server.paid) == 12 and server.paid_twice == []
    assert sum(each.calls + each.kept for each in facts.judged) == 12


def test_a_judge_that_cannot_be_asked_is_refused_before_the_first_answer(
    plan: Plan, server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    planned = plan(metrics=("judge",), judge={"endpoint": {"url": server.url, "model": "judge", "key": "NO_SUCH_KEY"}})
    with pytest.raises(EndpointError, match="NO_SUCH_KEY"):
        scored(planned)
    assert planned.store.keys("answers") == [] and server.requests == []


def test_complete_judgements_need_no_endpoint_any_more(plan: Plan) -> None:
    with serve(lambda *_: '{"rating": 3}') as server:
        planned = judged(plan, server)
        scored(planned)
    store, key = planned.store, checkpoint_key(planned.record.evaluation_key(planned.trained), SELECTED)
    for gone in (key, planned.record.evaluation_key(planned.trained)):
        store.remove(gone, only=store.manifest(gone))
    assert {each.mean for each in scored(planned).scores if each.metric == "judge"} == {3.0}


def test_what_changes_ratings_changes_their_key_and_nothing_else_does(plan: Plan, server: EndpointServer) -> None:
    def keys(**fields: Any) -> tuple[str, str]:
        planned = judged(plan, server, **fields)
        return planned.record.evaluation_key(planned.trained), json.dumps(judge_identity(planned.record.study))

    same, other = keys(), keys(noise_sd=0.3)
    assert same == other
    changes: list[dict[str, Any]] = [{"prompt": "any-language-v1"}, {"attempts": 2}, {"request": {"top_p": 1}}]
    for change in changes:
        assert keys(**change)[0] != same[0]


def test_a_reply_is_one_small_object(store: Store, server: EndpointServer) -> None:
    rate(store, judge(server), answers("sí"))
    (key,) = store.keys("replies")
    manifest, reply = store.manifest(key), Reply.read(store, key)
    assert manifest is not None and manifest.files == {}
    assert (
        reply is not None and reply.text == '{"reason": "short", "rating": 4}' and not math.isnan(reply.prompt_tokens)
    )


def test_a_judge_that_rates_nothing_is_told_and_asked_anew_once_it_is_mended(store: Store) -> None:
    said = {"text": "I would call that a fine answer."}
    with serve(lambda *_: said["text"]) as server:
        asking = judge(server, attempts=2)
        with pytest.raises(EndpointError, match=r"no reply about 3 answers holds a rating .* fine answer"):
            rate(store, asking, answers("a", "b", "c", ""))
        assert [each.rating for each in rate(store, asking, answers("a", "b")).judgements] == [
            None,
            None,
        ]  # a few may be
        said["text"] = '{"reason": "good", "rating": 5}'
        assert [each.rating for each in rate(store, asking, answers("a", "c", "d", "")).judgements][1:] == [5, 5, 1]
