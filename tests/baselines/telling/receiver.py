"""A real HTTP server that takes what webhooks are sent, and misbehaves as it is told."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str]]  # status and headers
HANGS, DRIPS = 0, 1  # no statuses: no answer at all, and one whose headers have no end
SECRET_PATH = "/services/T0SECRET"


@dataclass
class Taken:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    port: int
    answer: Callable[[int], Answer] = lambda _: (200, {})  # of the number of the request, from 1
    requests: list[Taken] = field(default_factory=list)  # all that came
    released: threading.Event = field(default_factory=threading.Event)  # ends what hangs
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{SECRET_PATH}"


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A server in this process, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    state = Receiver(server.server_port)
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


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        state: Receiver = self.server.state  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with state.lock:
            state.requests.append(Taken(self.path, dict(self.headers), body))
            number = len(state.requests)
        status, headers = state.answer(number)
        if status == HANGS:
            state.released.wait()
            return
        if status == DRIPS:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not state.released.wait(0.02):
                self.wfile.write(b"x")
            return
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
