"""A checkpoint behind a real server writes what it writes here, and a kill loses none of its answers."""

import os
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from clt.errors import EndpointError
from clt.evaluation import evaluate
from clt.evaluation.engines import Stop
from clt.evaluation.engines.endpoint import EndpointEngine
from clt.evaluation.engines.hf import HfEngine
from clt.evaluation.engines.server import served
from clt.models import load_tokenizer, make_encoder
from clt.store import Store, open_store
from clt.study import Endpoint, MetricKind, Model, Server, checkpoint_key
from tests.endpoint_server import Response, serve
from tests.evaluation.conftest import SELECTED, Plan, lively

COMMAND = (sys.executable, "-m", "tests.model_server", "--model", "{model}", "--port", "{port}")
PROMPTS = [[0, 40, 50], [0, 60], [0, 70, 80, 90]]


@pytest.fixture(autouse=True)
def repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[3])
    monkeypatch.setenv("CLT_SERVERS", f"{sys.executable} sh no-such-server")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def test_a_served_checkpoint_writes_what_it_writes_here(
    store: Store, checkpoints: dict[int, Path], tiny_folder: Path
) -> None:
    folder, spec = checkpoints[SELECTED], Model(name="tiny", path=str(tiny_folder))
    encoder = make_encoder(load_tokenizer(folder, spec), spec)
    stop = Stop(frozenset({encoder.stop_token}))
    here = HfEngine(lively(tiny_folder, SELECTED), encoder, 2).generate(PROMPTS, stop=stop, max_new_tokens=6)
    with served(store, Server(server=COMMAND), str(folder), weights="checkpoint") as engine:
        there = engine.generate(PROMPTS, stop=stop, max_new_tokens=6)
    assert [each.text for each in there] == [each.text for each in here]
    assert (engine.name, engine.version) == ("openai", f"{Path(sys.executable).name} unknown")
    again = engine.generate(PROMPTS, stop=stop, max_new_tokens=6)  # the server has ended: answers are kept
    assert again == there


def test_a_study_may_have_a_server_write_its_answers(plan: Plan) -> None:
    metrics = ("math_answer", "bits_per_byte")
    here = plan(metrics=metrics)
    there = plan(metrics=metrics, evaluation={"engine": {"server": COMMAND}}, store="served")
    for planned in (here, there):
        evaluate(planned.store, planned.study_key, planned.trained.key)
    tables = [
        parquet.read_table(
            planned.store.fetch(checkpoint_key(planned.record.evaluation_key(planned.trained), SELECTED))
            / "predictions.parquet"
        ).select(["item", "prediction"])
        for planned in (here, there)
    ]
    assert tables[0] == tables[1]
    texts, bits = MetricKind.GENERATED_TEXT, MetricKind.LIKELIHOOD
    keys = [{each.kind: each.key for each in of.record.answers(of.trained, SELECTED)} for of in (here, there)]
    assert keys[0][texts] != keys[1][texts] and keys[0][bits] == keys[1][bits]


def test_a_server_that_ends_is_told_with_its_last_lines(store: Store, tmp_path: Path) -> None:
    with (
        pytest.raises(EndpointError, match=r"(?s)status 1 before it answered.*no memory for this model"),
        served(store, Server(server=(*COMMAND, "--ends")), str(tmp_path), weights="w"),
    ):
        pass


SERVE = """
import os, sys, threading, time
from tests.endpoint_server import serve

class Models(list):
    def __iter__(self):  # whoever started this is gone before it answers
        os.kill(os.getppid(), 9)
        time.sleep(0.2)
        return super().__iter__()

with serve(port=int(sys.argv[2])) as server:
    server.models = Models([sys.argv[1]]) if sys.argv[3:] else ["of another program"]
    threading.Event().wait()
"""


def test_who_answers_with_another_model_is_not_taken_for_the_server(store: Store, tmp_path: Path) -> None:
    with (
        pytest.raises(EndpointError, match=rf"answers with of another program, expected {tmp_path}"),
        served(store, Server(server=(sys.executable, "-c", SERVE, "{model}", "{port}")), str(tmp_path), weights="w"),
    ):
        pass


def test_who_answers_after_the_server_has_ended_is_not_taken_for_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROGRAM", SERVE)
    script = f'{sys.executable} -c "$PROGRAM" {{model}} {{port}} ends & wait'
    with (
        pytest.raises(EndpointError, match=r"ended with status -9"),
        served(store, Server(server=("sh", "-c", script)), str(tmp_path), weights="w"),
    ):
        pass


@pytest.mark.parametrize("option", [["--model", "named"], ["--model=named"]])
def test_a_server_may_have_the_name_that_its_command_gives_it(store: Store, tmp_path: Path, option: list[str]) -> None:
    command = (sys.executable, "-m", "tests.endpoint_server", *option, "--port", "{port}", "--folder", "{model}")
    with served(store, Server(server=command), str(tmp_path), weights="w") as engine:
        stop = Stop(frozenset({7}))
        assert [each.text for each in engine.generate([[1]], stop=stop, max_new_tokens=4)] == ["[1]"]


def test_a_server_that_never_answers_is_ended(store: Store, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    silent = Server(server=("sh", "-c", f"echo $$ > {pid}; exec sleep 600", "{model}", "{port}"), start_minutes=0.02)
    with (
        pytest.raises(EndpointError, match=r"does not answer at http://127\.0\.0\.1:\d+/v1/models after 1\.2 s"),
        served(store, silent, str(tmp_path), weights="w"),
    ):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize(("named", "known"), [(None, "vllm, sglang"), ("vllm sglang", "vllm, sglang"), ("", "")])
def test_no_study_starts_a_program_but_those_that_serve_models(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None, known: str
) -> None:
    if named is None:
        monkeypatch.delenv("CLT_SERVERS")
    else:
        monkeypatch.setenv("CLT_SERVERS", named)
    with (
        pytest.raises(EndpointError, match=rf"got 'sh', expected one of {known}: .* set CLT_SERVERS"),
        served(store, Server(server=("sh", "-c", "env", "{model}", "{port}")), str(tmp_path), weights="w"),
    ):
        pass


def test_a_server_that_is_not_installed_is_named(store: Store, tmp_path: Path) -> None:
    with (
        pytest.raises(EndpointError, match="'no-such-server' cannot be started"),
        served(store, Server(server=("no-such-server", "{model}", "{port}")), str(tmp_path), weights="w"),
    ):
        pass


def test_texts_end_an_answer_and_a_limit_is_told(store: Store) -> None:
    def respond(number: int, body: dict[str, Any]) -> Response | str:
        if body["prompt"] == [1]:
            return "one\nQuestion: two"
        return Response(
            raw='{"choices": [{"text": "long", "finish_reason": "length"}], "usage": {"completion_tokens": 4}}'
        )

    with serve(respond) as server:
        engine = EndpointEngine(store, Endpoint(url=server.url, model="judge"), weights="w", version="1")
        written = engine.generate([[1], [2]], stop=Stop(frozenset({7}), ("\nQuestion:",)), max_new_tokens=4)
    assert [(each.text, each.finish) for each in written] == [("one", "stop"), ("long", "length")]
    assert written[1].tokens == 4
    assert {"stop": ["\nQuestion:"], "stop_token_ids": [7], "temperature": 0}.items() <= server.requests[0].items()


def test_a_prompt_that_is_refused_is_an_error(store: Store) -> None:
    with serve(lambda *_: Response(status=400, raw='{"error": {"message": "too long"}}')) as server:
        engine = EndpointEngine(store, Endpoint(url=server.url, model="judge"), weights="w", version="1")
        with pytest.raises(EndpointError, match=r"refused a prompt: .*too long"):
            engine.generate([[1], [2]], stop=Stop(frozenset({7})), max_new_tokens=4)


@pytest.mark.parametrize("command", [["vllm", "serve", "{model}"], ["vllm", "{model}", "{port}", "{other}"]])
def test_a_command_needs_its_places_and_no_others(command: list[str]) -> None:
    with pytest.raises(ValueError, match=r"without \{port\}|no braces but"):
        Server.model_validate({"server": command})
