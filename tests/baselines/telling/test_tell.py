"""Telling webhooks: once a change, later if they are down, and nothing secret in what is said."""

import hashlib
import hmac
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from clt.baselines.document import Word
from clt.baselines.telling import SECRETS_VARIABLE, tell, webhook_faults
from clt.store import Metadata, Store
from clt.study import Webhook
from tests.baselines.telling.conftest import KEY, fall, rise, series, verdict
from tests.baselines.telling.receiver import DRIPS, HANGS, SECRET_PATH, Receiver


def test_a_change_is_told_once(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    said = [tell(store, verdict(series("ja")), [webhook]) for _ in range(3)]
    assert len(receiving.requests) == 1
    assert said[0] == ["BASELINE_WEBHOOK: told of math, ja (small, single-task, n = 20) (found at run-4)"]
    assert said[1] == said[2] == ["BASELINE_WEBHOOK: was told before of all that moved"]


def test_nobody_is_told_of_what_has_not_moved(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    acknowledged, unsure = series("fr", Word.UNCHANGED), series("ja", Word.CANNOT_TELL, moved=False)
    assert tell(store, verdict(acknowledged, unsure, word=Word.CANNOT_TELL), [webhook]) == []
    assert tell(store, verdict(series("ja")), []) == []
    assert receiving.requests == []


def test_changes_of_one_run_are_one_message_and_a_later_one_is_told_alone(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    tell(store, verdict(series("ja", found="run-3"), series("fr", Word.IMPROVED, found="run-3")), [webhook])
    tell(store, verdict(series("ja", found="run-3"), series("ko")), [webhook])
    told = [[change["languages"] for change in request.document["changes"]] for request in receiving.requests]
    assert told == [[["ja"], ["fr"]], [["ko"]]]
    assert [change["word"] for change in receiving.requests[0].document["changes"]] == ["regressed", "improved"]


def test_what_was_found_first_is_told_first(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    tell(store, verdict(series("ja", found="run-4"), series("ko", found="run-3")), [webhook])
    assert [request.document["changes"][0]["found"] for request in receiving.requests] == ["run-3", "run-4"]


def test_every_webhook_is_told(
    store: Store, webhook: Webhook, receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", receiving.url + "/other")
    tell(store, verdict(series("ja")), [webhook])
    tell(store, verdict(series("ja")), [webhook, Webhook(url_from="OTHER", format="slack")])
    assert [request.path for request in receiving.requests] == [SECRET_PATH, SECRET_PATH + "/other"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_work_a_moment_later_is_tried_again(
    store: Store, webhook: Webhook, receiving: Receiver, status: int
) -> None:
    receiving.answer = lambda number: (status if number < 3 else 204, {})
    assert "told of math, ja" in tell(store, verdict(series("ja")), [webhook])[0]
    assert len(receiving.requests) == 3
    assert len({request.body for request in receiving.requests}) == 1


def test_the_pause_that_a_receiver_asks_for_is_kept(
    store: Store, webhook: Webhook, receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("clt.baselines.telling.delivery.time.sleep", pauses.append)
    receiving.answer = lambda number: (429, {"Retry-After": "7"}) if number == 1 else (200, {})
    tell(store, verdict(series("ja")), [webhook])
    assert pauses == [7.0]


def test_a_receiver_that_asks_for_a_day_is_told_by_the_next_verdict(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    receiving.answer = lambda number: (429, {"Retry-After": "86400"}) if number == 1 else (200, {})
    (line,) = tell(store, verdict(series("ja")), [webhook])
    assert line.endswith("HTTP 429 Too Many Requests, and it asks to wait longer; the next verdict tells it")
    assert "told of math, ja" in tell(store, verdict(series("ja")), [webhook])[0]
    assert len(receiving.requests) == 2


@pytest.mark.parametrize("how", [HANGS, DRIPS])
def test_a_slow_receiver_is_not_waited_for_longer_than_the_limit(
    store: Store, webhook: Webhook, receiving: Receiver, impatient: Callable[[float], None], how: int
) -> None:
    impatient(0.3)
    receiving.answer = lambda _: (how, {})
    (line,) = tell(store, verdict(series("ja")), [webhook])
    assert "not told of math, ja" in line
    assert ("no answer within" if how == HANGS else "no whole answer within 0.3 s; the next verdict tells it") in line
    receiving.answer = lambda _: (200, {})
    assert "told of math, ja" in tell(store, verdict(series("ja")), [webhook])[0]


def test_a_receiver_that_is_down_costs_one_limit_and_is_told_of_all_later(
    store: Store, webhook: Webhook, receiving: Receiver, impatient: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    impatient(0.2)
    with socket.socket() as taken:  # a port at which nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("BASELINE_WEBHOOK", f"http://127.0.0.1:{taken.getsockname()[1]}{SECRET_PATH}")
        lines = tell(store, verdict(series("ja", found="run-3"), series("ko")), [webhook])
    assert len(lines) == 1
    assert "cannot be reached, or ends the connection, for 0.2 s; the next verdict tells it" in lines[0]
    monkeypatch.setenv("BASELINE_WEBHOOK", receiving.url)
    assert len(tell(store, verdict(series("ja", found="run-3"), series("ko")), [webhook])) == 2
    assert len(receiving.requests) == 2


@pytest.mark.parametrize(("status", "said"), [(400, "HTTP 400 Bad Request"), (404, "HTTP 404 Not Found"), (599, "")])
def test_a_refusal_is_not_repeated_and_not_taken_for_told(
    store: Store, webhook: Webhook, receiving: Receiver, status: int, said: str
) -> None:
    receiving.answer = lambda _: (status, {})
    for attempts in (1, 2):
        (line,) = tell(store, verdict(series("ja")), [webhook])
        assert f"{said or 'HTTP 599'}; the next verdict tells it" in line
        assert len(receiving.requests) == attempts


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(store: Store, webhook: Webhook, receiving: Receiver, status: int) -> None:
    receiving.answer = lambda _: (status, {"Location": f"http://localhost:{receiving.port}/elsewhere"})
    (line,) = tell(store, verdict(series("ja")), [webhook])
    assert f"HTTP {status}: it redirects, which is not followed" in line
    assert [request.path for request in receiving.requests] == [SECRET_PATH]
    assert "elsewhere" not in line


def test_the_signature_is_of_the_timestamp_and_the_body(
    store: Store, receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNING_KEY", KEY)
    tell(store, verdict(series("ja")), [Webhook(url_from="BASELINE_WEBHOOK", sign_with="SIGNING_KEY")])
    (request,) = receiving.requests
    timestamp = request.headers["X-CLT-Timestamp"]
    expected = hmac.new(KEY.encode(), f"{timestamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-CLT-Signature"] == f"sha256={expected}"
    assert request.headers["Content-Type"] == "application/json"


def test_without_a_key_nothing_is_signed(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    tell(store, verdict(series("ja")), [webhook])
    assert "X-CLT-Signature" not in receiving.requests[0].headers


def test_two_that_tell_at_once_send_one_message(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        tell(store, verdict(series("ja")), [webhook])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiving.requests) == 1


def test_who_is_killed_before_the_mark_tells_it_again_under_the_same_id(
    store: Store, webhook: Webhook, receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, not exactly once: no receiver and store can agree on more."""
    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Metadata, "write", _kill)
        tell(store, verdict(series("ja")), [webhook])
    later = verdict(series("ja").model_copy(update={"values": [0.5, 0.52, 0.41, 0.3]}))
    tell(store, later.model_copy(update={"sentence": "Fell further.", "bits": "same"}), [webhook])
    ids = [request.document["id"] for request in receiving.requests]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def _kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_neither_address_nor_key_is_said_logged_or_stored(
    store: Store, receiving: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    tmp_path: Path, impatient: Callable[[float], None],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    impatient(0.2)
    monkeypatch.setenv("SIGNING_KEY", KEY)
    webhook, lines = Webhook(url_from="BASELINE_WEBHOOK", sign_with="SIGNING_KEY"), []
    for status in (500, 404, 302, 200):
        receiving.answer = lambda _, status=status: (status, {"Location": receiving.url})  # type: ignore[misc]
        lines += tell(store, verdict(series("ja")), [webhook])
    monkeypatch.setenv("BASELINE_WEBHOOK", f"http://no-such-host.invalid{SECRET_PATH}")
    lines += tell(store, verdict(series("ko")), [webhook])
    monkeypatch.setenv("BASELINE_WEBHOOK", f"http://[{SECRET_PATH}")
    lines += tell(store, verdict(series("ko")), [webhook])
    stored = "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    everything = "\n".join([*lines, caplog.text, stored])
    assert "BASELINE_WEBHOOK" in stored
    for secret in ("T0SECRET", KEY, "no-such-host", str(receiving.port)):
        assert secret not in everything


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the environment variable BASELINE_WEBHOOK is not set; set it to the address"),
        ("ftp://host/x", "BASELINE_WEBHOOK holds no address, expected one that begins with https:// or http://"),
        ("file:///etc/passwd", "BASELINE_WEBHOOK holds no address"),
        ("host.example/T0SECRET", "BASELINE_WEBHOOK holds no address"),
        ("https://host:x/T0SECRET", "BASELINE_WEBHOOK holds no address"),
        ("https://user:T0SECRET@host/", "BASELINE_WEBHOOK has a user or a password before its host"),
        ("https://host/a\nhttps://host/b", "BASELINE_WEBHOOK holds several lines or control characters"),
    ],
)
def test_an_address_that_is_none_is_said_before_and_when_it_is_needed(
    store: Store, webhook: Webhook, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.delenv(SECRETS_VARIABLE, raising=False)
    monkeypatch.setenv("BASELINE_WEBHOOK", text)
    (fault,) = webhook_faults([webhook])
    (line,) = tell(store, verdict(series("ja")), [webhook])
    assert said in fault
    assert said in line
    assert "T0SECRET" not in fault + line


def test_a_missing_key_sends_nothing(store: Store, receiving: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    webhook = Webhook(url_from="BASELINE_WEBHOOK", sign_with="SIGNING_KEY")
    (line,) = tell(store, verdict(series("ja")), [webhook])
    assert "the environment variable SIGNING_KEY is not set; set it to the key" in line
    assert receiving.requests == []


def test_on_a_cluster_the_mounted_secret_has_address_and_key(
    store: Store, receiving: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SECRETS_VARIABLE, str(tmp_path / "secret"))
    webhook = Webhook(url_from="BASELINE_WEBHOOK", sign_with="SIGNING_KEY")
    assert [line.partition(": ")[2] for line in webhook_faults([webhook])] == [
        "the Secret of the webhooks has no entry BASELINE_WEBHOOK; add it there",
        "the Secret of the webhooks has no entry SIGNING_KEY; add it there",
    ]
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "BASELINE_WEBHOOK").write_text(receiving.url + "\n")
    (tmp_path / "secret" / "SIGNING_KEY").write_text(KEY)
    assert webhook_faults([webhook]) == []
    tell(store, verdict(series("ja")), [webhook])
    assert "X-CLT-Signature" in receiving.requests[0].headers


def test_every_open_change_of_a_comparison_is_told_once_with_its_own_word(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    one = series("ja")
    assert one.change is not None
    both = one.model_copy(update={"others": [rise("earlier", "run-3"), one.change, fall("later")]})
    for _ in range(2):
        tell(store, verdict(both), [webhook])
    told = [[(each["id"], each["word"]) for each in request.document["changes"]] for request in receiving.requests]
    assert told == [[("earlier", "improved")], [("ja-run-4", "regressed"), ("later", "regressed")]]


def test_baselines_whose_names_end_alike_do_not_wait_for_one_another(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    with store.lock("baseline-weekly-telling"):  # held while a run of the baseline weekly-telling begins
        tell(store, verdict(series("ja")), [webhook])
    assert len(receiving.requests) == 1
