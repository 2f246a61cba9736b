"""The key of an endpoint: where it comes from, and that no message shows it."""

from pathlib import Path

import pytest

from clt.endpoints import ask, check_endpoint
from clt.errors import EndpointError
from clt.store import Store, open_store
from tests.endpoint_server import Response, serve
from tests.endpoints.test_asking import endpoint, questions


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def test_a_missing_key_is_refused_before_the_first_request(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with (
        serve() as server,
        pytest.raises(EndpointError, match="`key` is JUDGE_KEY, and the environment variable JUDGE_KEY is not set"),
    ):
        ask(store, endpoint(server, key="JUDGE_KEY"), questions(2))
    assert server.requests == []


def test_a_wrong_key_is_refused_before_the_first_request_and_never_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_KEY", "wrong-secret")
    with serve(key="right") as server, pytest.raises(EndpointError, match="HTTP 401") as refused:
        ask(store, endpoint(server, key="JUDGE_KEY"), questions(2))
    assert server.requests == []
    assert "wrong-secret" not in str(refused.value)


def test_a_key_comes_from_a_mounted_secret_where_there_is_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "JUDGE_KEY").write_text("right\n")
    monkeypatch.setenv("CLT_ENDPOINT_KEYS", str(tmp_path))
    monkeypatch.setenv("OTHER_KEY", "of the environment")
    with serve(key="right") as server:
        check_endpoint(endpoint(server, key="JUDGE_KEY"))
        with pytest.raises(EndpointError, match="has no entry OTHER_KEY"):
            check_endpoint(endpoint(server, key="OTHER_KEY"))


@pytest.mark.parametrize(
    "response",
    [
        Response(raw="<html>Bearer a-secret</html>"),
        Response(status=404, raw='{"error": {"message": "a-secret"}}'),
        Response(raw="x" * 295 + " a-secret"),
    ],
)
def test_a_key_that_an_endpoint_repeats_is_never_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch, response: Response
) -> None:
    monkeypatch.setenv("JUDGE_KEY", "a-secret")
    with serve(lambda *_: response, key="a-secret") as server, pytest.raises(EndpointError) as refused:
        ask(store, endpoint(server, key="JUDGE_KEY"), questions(1))
    assert "a-sec" not in str(refused.value)


def test_a_key_among_the_names_of_models_is_never_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "a-secret")
    with serve(models=("a-secret",), key="a-secret") as server, pytest.raises(EndpointError, match=r"one of \*\*\*"):
        check_endpoint(endpoint(server, key="JUDGE_KEY"))
