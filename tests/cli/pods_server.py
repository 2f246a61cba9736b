"""A local HTTP server in place of a cluster's API: the paths that `clt logs`, `status --run` and `cancel` ask.

It answers as Kubernetes does and proves nothing about a real one; tests/kubernetes has that.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

Document = dict[str, Any]


class Pods:
    """The pods of a namespace, and their logs by name; a pod without one has not started."""

    def __init__(self) -> None:
        self.pods: list[Document] = []
        self.jobs: list[Document] = []
        self.logs: dict[str, str] = {}
        self.asked: list[str] = []
        self.changed: list[tuple[str, str, Document]] = []  # method, name, body
        self.refuses = 0  # an HTTP status
        self.allowed = True  # by access reviews

    def add(self, run_id: str, node: str, log: str | None, status: Document | None = None) -> str:
        name = f"pod-{len(self.pods)}"
        metadata = {
            "name": name,
            "creationTimestamp": f"2026-11-25T00:{len(self.pods):02d}:00Z",
            "labels": {"pipeline/runid": run_id},
            "annotations": {"workflows.argoproj.io/node-name": node},
        }
        self.pods.insert(0, {"metadata": metadata, "status": status or {"phase": "Succeeded"}})
        if log is not None:
            self.logs[name] = log
        return name

    def add_job(self, run_id: str, name: str) -> None:
        labels = {
            "app.kubernetes.io/managed-by": "cross-lingual-transfer",
            "cross-lingual-transfer/run": run_id,
            "cross-lingual-transfer/cell": "cell",
        }
        metadata = {"name": name, "uid": f"uid-{name}", "creationTimestamp": "2026-11-25T00:00:00Z", "labels": labels}
        self.jobs.append({"metadata": metadata, "status": {"conditions": [{"type": "Running", "status": "True"}]}})

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Document) -> tuple[int, str]:
        self.asked.append(path)
        if self.refuses:
            return self.refuses, json.dumps({"message": "pods is forbidden: User cannot list resource pods"})
        if path.endswith("/selfsubjectaccessreviews"):
            return 201, json.dumps({"status": {"allowed": self.allowed}})
        name = path.split("/")[-1]
        if method in ("PATCH", "DELETE"):
            self.changed.append((method, name, body))
            self.pods = [pod for pod in self.pods if pod["metadata"]["name"] != name]
            self.jobs = [job for job in self.jobs if job["metadata"]["name"] != name]
            return 200, "{}"
        if path.endswith("/log"):
            log = self.logs.get(path.split("/")[-2])
            assert query["container"] == ["main"]
            return (400, json.dumps({"message": "waiting to start"})) if log is None else (200, log)
        found = {"pods": self.pods, "pytorchjobs": self.jobs, "leases": []}[name]
        wanted = [label.split("=") for label in query["labelSelector"][0].split(",")]
        items = [one for one in found if all(one["metadata"]["labels"].get(key) == value for key, value in wanted)]
        return 200, json.dumps({"items": items})


@contextmanager
def pods_server(kubeconfig: Path) -> Iterator[Pods]:
    """A server that runs while the block does, and the file by which clients find it."""
    known = Pods()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
            status, text = known.answer(self.command, where.path, parse_qs(where.query), body)
            self.send_response(status, "Bad Request" if status == 400 else None)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "current-context": "c",
    }
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
