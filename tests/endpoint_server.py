"""A real HTTP server: it speaks OpenAI's protocol, misbehaves as it is told, and counts what is paid.

`python -m tests.endpoint_server --port PORT --model NAME` runs one that echoes.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG = "hang"


@dataclass(frozen=True)
class Response:
    """What a request gets: a text of the model, or with a status or `raw` something else."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: str | None = None  # the whole body, as it is


Respond = Callable[[int, dict[str, Any]], Response | str]  # of the number of the request, from 1, and its body


@dataclass
class EndpointServer:
    url: str
    respond: Respond
    models: list[str]
    key: str | None
    requests: list[dict[str, Any]] = field(default_factory=list)  # all that came, in order
    times: list[float] = field(default_factory=list)  # when they came
    paid: list[dict[str, Any]] = field(default_factory=list)  # bodies that were answered with a text
    released: threading.Event = field(default_factory=threading.Event)  # ends what hangs
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def paid_twice(self) -> list[str]:
        bodies = [json.dumps(body, sort_keys=True) for body in self.paid]
        return sorted({body for body in bodies if bodies.count(body) > 1})


@contextmanager
def serve(
    respond: Respond = lambda _, body: text_of(body),
    models: tuple[str, ...] = ("judge",),
    key: str | None = None,
    port: int = 0,
) -> Iterator[EndpointServer]:
    """A server in this process, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    state = EndpointServer(f"http://127.0.0.1:{server.server_port}/v1", respond, list(models), key)
    server.state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def text_of(body: dict[str, Any]) -> str:
    """What the model was asked: the last turn, or the prompt."""
    return str(body["messages"][-1]["content"] if "messages" in body else body["prompt"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        state = self._state
        if state.key is not None and self.headers["Authorization"] != f"Bearer {state.key}":
            said = {"message": f"no such key: {self.headers['Authorization']}"}
            self._send(Response(status=401, raw=json.dumps({"error": said})))
        elif self.path == "/v1/models":
            listed = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in state.models]
            self._send(Response(raw=json.dumps({"object": "list", "data": listed})))
        else:
            self._send(Response(status=404, raw="{}"))

    def do_POST(self) -> None:
        state = self._state
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with state.lock:
            state.requests.append(body)
            state.times.append(time.monotonic())
            number = len(state.requests)
        response = state.respond(number, body)
        if response == HANG:
            state.released.wait()
            return
        if isinstance(response, str):
            response = Response(response)
        if response.status == 200:
            with state.lock:
                state.paid.append(body)
        self._send(response if response.raw is not None or response.status != 200 else _completion(body, response.text))

    def _send(self, response: Response) -> None:
        content = (response.raw or "").encode()
        self.send_response(response.status)
        for name, value in ({"Content-Type": "application/json"} | response.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @property
    def _state(self) -> EndpointServer:
        return self.server.state  # type: ignore[attr-defined, no-any-return]

    def log_message(self, *_: object) -> None:
        pass


def _completion(body: dict[str, Any], text: str) -> Response:
    said = {"message": {"role": "assistant", "content": text}} if "messages" in body else {"text": text}
    choice = {"index": 0, "finish_reason": "stop", **said}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return Response(raw=json.dumps({"id": "x", "model": body["model"], "choices": [choice], "usage": usage}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--folder", help="Taken, as servers of models do, and not read.")
    arguments = parser.parse_args()
    with serve(port=arguments.port, models=(arguments.model,)):
        threading.Event().wait()
