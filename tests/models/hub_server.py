"""The part of the hub's HTTP interface that a download needs, on a free port."""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODEL = "org/tiny"
SLOW_PIECE = 64


class HubServer:
    """One model at one commit, which `main` names; its files are those of a folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self.downloads: Counter[str] = Counter()  # by file
        self.slow: set[str] = set()  # files that come by 64 bytes every 0.1 s
        self.lies: dict[str, bytes] = {}  # what is sent in place of a file
        self.away = False

    @property
    def environment(self) -> dict[str, str]:
        return {"HF_ENDPOINT": self.url, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

    def info(self) -> dict[str, object]:
        names = [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()]
        return {"id": MODEL, "modelId": MODEL, "sha": COMMIT, "siblings": [self._sibling(name) for name in names]}

    def _sibling(self, name: str) -> dict[str, object]:
        content = (self.folder / name).read_bytes()
        facts = {"rfilename": name, "size": len(content), "blobId": hashlib.sha1(content).hexdigest()}
        if name.endswith(".safetensors"):
            sha256 = hashlib.sha256(content).hexdigest()
            facts["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
        return facts


@contextmanager
def hub_server(folder: Path) -> Iterator[HubServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = unquote(urlsplit(self.path).path).strip("/")
            if hub.away:
                self._send(503, b"", {}, body)
            elif path in (f"api/models/{MODEL}/revision/{COMMIT}", f"api/models/{MODEL}/revision/main"):
                self._send(200, json.dumps(hub.info()).encode(), {"Content-Type": "application/json"}, body)
            elif path.startswith(f"api/models/{MODEL}/revision/"):
                self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
            elif path.startswith(f"{MODEL}/resolve/{COMMIT}/"):
                self._file(path.removeprefix(f"{MODEL}/resolve/{COMMIT}/"), body)
            else:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)

        def _file(self, name: str, body: bool) -> None:
            content = hub.lies.get(name) or (hub.folder / name).read_bytes()
            hub.downloads[name] += body
            etag = hashlib.sha256(content).hexdigest()
            pause = 0.1 if name in hub.slow else 0.0
            self._send(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, body, pause)

        def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool, pause: float = 0.0) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            size = SLOW_PIECE if pause else max(1, len(content))
            for start in range(0, len(content) if body else 0, size):
                try:
                    self.wfile.write(content[start : start + size])
                except ConnectionError:  # its client was killed
                    return
                time.sleep(pause)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub = HubServer(folder, server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield hub
        server.shutdown()
