"""A proxy before a real object store that does to chosen requests what networks and servers do, and counts them all."""

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


Forward = Callable[[], Answer]
Fault = Callable[[Forward], "Answer | None"]  # None: the connection is reset without an answer


@dataclass
class _Rule:
    method: str
    part: str  # of the path with its query
    fault: Fault
    left: int  # how often it is still applied


@dataclass
class FaultyProxy:
    server: str  # host:port behind it
    port: int = 0
    requests: list[str] = field(default_factory=list)  # "METHOD PATH?QUERY", as they came
    _rules: list[_Rule] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, method: str, part: str, fault: Fault, times: int = 1) -> None:
        """Do this to the next requests of a method whose path holds a text."""
        self._rules.append(_Rule(method, part, fault, times))

    def fault_of(self, method: str, path: str) -> Fault | None:
        with self._guard:
            self.requests.append(f"{method} {path}")
            for rule in self._rules:
                if rule.left and rule.method == method and rule.part in path:
                    rule.left -= 1
                    return rule.fault
        return None


def not_found(_: Forward) -> Answer:
    """What a cache or a replica says that has not seen the object yet."""
    text = b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>'
    return Answer(404, [("Content-Type", "application/xml")], text)


def lost_answer(forward: Forward) -> None:
    """The server does it, and nobody hears of it."""
    forward()


def refused(code: str) -> Fault:
    text = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>refused</Message></Error>'.encode()
    return lambda _: Answer(403, [("Content-Type", "application/xml")], text)


def busy(retry_after: str) -> Fault:
    return lambda _: Answer(503, [("Retry-After", retry_after)], b"")


def first(action: Callable[[], object]) -> Fault:
    """Do something else before the request is carried out."""

    def fault(forward: Forward) -> Answer:
        action()
        return forward()

    return fault


def then(action: Callable[[], object]) -> Fault:
    """Do something else once the request has been carried out, before its answer."""

    def fault(forward: Forward) -> Answer:
        answer = forward()
        action()
        return answer

    return fault


def flipped_bit(forward: Forward) -> Answer:
    answer = forward()
    return Answer(answer.status, answer.headers, bytes([answer.body[0] ^ 1]) + answer.body[1:])


def cut_body(forward: Forward) -> Answer:
    """Headers that promise it all, half of the body, and a reset."""
    answer = forward()
    return Answer(answer.status, [*answer.headers, ("X-Cut", "yes")], answer.body)


@contextmanager
def faulty_proxy(server: str) -> Iterator[FaultyProxy]:
    """A proxy on a free port before the server at host:port."""
    proxy = FaultyProxy(server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            self.upstream = http.client.HTTPConnection(proxy.server)
            super().setup()

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = proxy.fault_of(self.command, self.path)
            answer = fault(lambda: self._forward(body)) if fault else self._forward(body)
            if answer is None:
                self._reset()
            else:
                self._send(answer)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle

        def _forward(self, body: bytes) -> Answer:
            self.upstream.request(self.command, self.path, body or None, dict(self.headers.items()))
            response = self.upstream.getresponse()
            return Answer(response.status, response.getheaders(), response.read())

        def _send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            length = len(answer.body)
            for name, value in answer.headers:
                if name.lower() not in HOP:
                    self.send_header(name, value)
                elif name.lower() == "content-length" and self.command == "HEAD":
                    length = int(value)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            cut = ("X-Cut", "yes") in answer.headers
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            if cut:
                self._reset()

        def _reset(self) -> None:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:  # clients that are killed and connections that we reset
            pass

    with Server(("127.0.0.1", 0), Handler) as listening:
        proxy.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            listening.shutdown()
            thread.join()
