"""Requests to a real server that fails, hangs and talks nonsense: no reply is lost, and none is paid twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clt.endpoints import Request, ask
from clt.errors import EndpointError
from clt.store import Store, open_store
from clt.study import Endpoint
from tests.endpoint_server import HANG, EndpointServer, Response, serve, text_of
from tests.processes import Pipe

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def endpoint(server: EndpointServer, **fields: Any) -> Endpoint:
    return Endpoint(url=server.url, model="judge", **{"timeout_seconds": 20.0, **fields})


def questions(count: int, start: int = 0) -> list[Request]:
    return [
        Request("chat/completions", {"messages": [{"role": "user", "content": f"question {number}"}], "temperature": 0})
        for number in range(start, start + count)
    ]


def texts(count: int) -> list[str]:
    return [f"question {number}" for number in range(count)]


def every_third(status: int) -> Callable[[int, dict[str, Any]], Response | str]:
    return lambda number, body: Response(status=status) if number % 3 == 0 else text_of(body)


@pytest.mark.parametrize("status", [408, 429, 503])
def test_what_fails_every_third_time_is_asked_again_and_nothing_is_lost_or_paid_twice(
    store: Store, status: int
) -> None:
    with serve(every_third(status)) as server:
        asked = ask(store, endpoint(server, concurrency=4), questions(9))
    assert [reply.text for reply in asked.replies] == texts(9)
    assert asked.calls == 9
    assert len(server.paid) == 9


def test_what_was_answered_once_is_never_asked_again(store: Store) -> None:
    with serve() as server:
        ask(store, endpoint(server), questions(3))
        again = ask(store, endpoint(server), questions(5) + questions(2))
    assert [reply.text for reply in again.replies] == texts(5) + texts(2)
    assert again.calls == 2
    assert len(server.paid) == 5


def test_replies_are_kept_in_a_bucket_as_in_a_folder(object_store: Store) -> None:
    with serve(every_third(500)) as server:
        ask(object_store, endpoint(server, concurrency=4), questions(6))
        again = ask(object_store, endpoint(server), questions(8))
    assert [reply.text for reply in again.replies] == texts(8)
    assert again.calls == 2 and len(server.paid) == 8


def test_another_reading_of_the_same_question_is_asked_anew(store: Store) -> None:
    first, second = questions(1)[0], Request("chat/completions", questions(1)[0].body, reading=2)
    with serve() as server:
        assert ask(store, endpoint(server), [first, second, first]).calls == 2
    assert len(server.paid) == 2


ASK = """
import sys
from clt.endpoints import ask
from clt.store import open_store
from clt.study import Endpoint
from tests.endpoints.test_asking import questions

ask(open_store(sys.argv[1]), Endpoint(url=sys.argv[2], model="judge", concurrency=3), questions(12))
"""


def test_a_client_that_is_killed_anywhere_asks_only_what_it_had_not_received(store: Store, tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "answered")
    killed = 7

    def respond(number: int, body: dict[str, Any]) -> str:
        if number <= killed:
            return text_of(body)
        if number == killed + 1:
            pipe.write(b".")
        return HANG if not server.released.is_set() else text_of(body)

    with serve(respond) as server:
        client = subprocess.Popen([sys.executable, "-c", ASK, store.uri, server.url], cwd=REPOSITORY)
        pipe.read(1)
        client.send_signal(signal.SIGKILL)
        client.wait()
        kept = len(store.keys("replies"))
        server.respond = lambda _, body: text_of(body)
        asked = ask(store, endpoint(server), questions(12))
    assert killed - 3 <= kept <= killed  # three may have been under way
    assert [reply.text for reply in asked.replies] == texts(12)
    assert asked.calls == 12 - kept
    assert len(server.paid_twice) == killed - kept


def test_an_endpoint_that_hangs_is_named_and_what_it_answered_before_is_kept(store: Store) -> None:
    with (
        serve(lambda number, body: text_of(body) if number <= 2 else HANG) as server,
        pytest.raises(EndpointError, match=rf"endpoint {server.url}, model 'judge': no answer within 0.6 s"),
    ):
        ask(store, endpoint(server, concurrency=1, timeout_seconds=0.6), questions(4))
    assert len(store.keys("replies")) == 2


def test_a_slow_reply_has_the_whole_of_the_time_and_is_asked_for_once(store: Store) -> None:
    def slow(_: int, body: dict[str, Any]) -> str:
        time.sleep(1.5)
        return text_of(body)

    with serve(slow) as server:
        asked = ask(store, endpoint(server, timeout_seconds=4), questions(1))
    assert [reply.text for reply in asked.replies] == texts(1)
    assert len(server.requests) == 1


def test_a_request_that_hangs_is_asked_once_however_long_it_may_take(store: Store) -> None:
    with serve(lambda *_: HANG) as server, pytest.raises(EndpointError, match="no answer within 2 s"):
        ask(store, endpoint(server, timeout_seconds=2), questions(1))
    assert len(server.requests) == 1


def test_what_ran_out_of_time_says_how_the_last_try_failed(store: Store) -> None:
    with (
        serve(lambda *_: Response(status=429)) as server,
        pytest.raises(EndpointError, match=r"within 1\.5 s \(last: HTTP 429\)"),
    ):
        ask(store, endpoint(server, timeout_seconds=1.5), questions(1))


def test_retry_after_is_waited_for(store: Store) -> None:
    wait = Response(status=429, headers={"Retry-After": "2"})
    with serve(lambda number, body: wait if number == 1 else text_of(body)) as server:
        ask(store, endpoint(server), questions(1))
    assert server.times[1] - server.times[0] >= 2  # without the header it is tried again after half a second


def test_an_endpoint_that_asks_to_wait_for_a_day_is_an_error_at_once(store: Store) -> None:
    with (
        serve(lambda *_: Response(status=429, headers={"Retry-After": "86400"})) as server,
        pytest.raises(EndpointError, match=r"HTTP 429.*quota"),
    ):
        ask(store, endpoint(server), questions(1))
    assert len(server.requests) == 1


@pytest.mark.parametrize("raw", ["<html>busy</html>", '{"choices": [', "[]", '{"choices": []}', '{"error": "no"}'])
def test_replies_that_are_not_of_the_protocol_are_asked_again_and_then_named(store: Store, raw: str) -> None:
    with serve(lambda number, body: Response(raw=raw) if number == 1 else text_of(body)) as server:
        assert [reply.text for reply in ask(store, endpoint(server), questions(1)).replies] == texts(1)
        server.respond = lambda *_: Response(raw=raw)
        with pytest.raises(EndpointError, match="3 replies in a row were not a JSON object with `choices`"):
            ask(store, endpoint(server), questions(1, start=1))


def test_a_request_that_is_refused_has_a_reply_that_says_so_and_the_others_are_answered(store: Store) -> None:
    too_long = Response(status=400, raw='{"error": {"message": "maximum context length"}}')
    with serve(lambda _, body: too_long if text_of(body).endswith("1") else text_of(body)) as server:
        replies = ask(store, endpoint(server), questions(3)).replies
        assert [reply.finish for reply in replies] == ["stop", "refused", "stop"]
        assert "maximum context length" in replies[1].text
        assert ask(store, endpoint(server), questions(3)).refusal == ""
        server.respond = lambda *_: too_long
        assert ask(store, endpoint(server), questions(2, start=5) * 2).refusal == ""
        assert "maximum context length" in ask(store, endpoint(server), questions(3, start=5)).refusal
    assert len(store.keys("replies")) == 2  # a refusal is no reply


def test_a_model_that_the_endpoint_does_not_have_is_refused(store: Store) -> None:
    with (
        serve(models=("other", "another")) as server,
        pytest.raises(EndpointError, match="has no model 'judge', expected one of other, another"),
    ):
        ask(store, endpoint(server), questions(1))
    assert server.requests == []


def test_an_endpoint_that_is_not_there_is_refused_at_once(store: Store) -> None:
    with serve() as server:
        gone = endpoint(server)
    with pytest.raises(EndpointError, match="cannot be reached"):
        ask(store, gone, questions(1))


def test_an_endpoint_of_this_machine_is_asked_past_any_proxy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serve() as server:
        assert ask(store, endpoint(server), questions(1)).calls == 1


def test_replies_are_kept_by_what_answers_not_by_where(store: Store) -> None:
    with serve() as one:
        ask(store, endpoint(one), questions(2))
    with serve() as other:
        assert ask(store, endpoint(other), questions(2)).calls == 0
        assert ask(store, endpoint(other), questions(2), model="weights of another checkpoint").calls == 2
