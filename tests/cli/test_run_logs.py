"""`clt logs`: which pods of a run it reads, and what it says when there are none.

The two paths of a Kubernetes API that it asks are answered by a local server; tests/cluster has a real one.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd


class Pods:
    """The pods of a namespace, and their logs by name; a pod without one has not started."""

    def __init__(self) -> None:
        self.pods: list[dict] = []
        self.logs: dict[str, str] = {}
        self.asked: list[str] = []
        self.refuses = 0  # an HTTP status

    def add(self, run_id: str, node: str, log: str | None) -> None:
        name = f"pod-{len(self.pods)}"
        metadata = {
            "name": name,
            "creationTimestamp": f"2026-11-25T00:{len(self.pods):02d}:00Z",
            "labels": {"pipeline/runid": run_id},
            "annotations": {"workflows.argoproj.io/node-name": node},
        }
        self.pods.insert(0, {"metadata": metadata, "status": {"phase": "Succeeded"}})
        if log is not None:
            self.logs[name] = log

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, str]:
        self.asked.append(path)
        if self.refuses:
            return self.refuses, json.dumps({"message": "pods is forbidden: User cannot list resource pods"})
        if not path.endswith("/log"):
            key, _, value = query["labelSelector"][0].partition("=")
            return 200, json.dumps({"items": [pod for pod in self.pods if pod["metadata"]["labels"].get(key) == value]})
        log = self.logs.get(path.split("/")[-2])
        assert query["container"] == ["main"]
        return (400, json.dumps({"message": "waiting to start"})) if log is None else (200, log)


@pytest.fixture
def pods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pods]:
    found = Pods()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            status, text = found.answer(where.path, parse_qs(where.query))
            self.send_response(status, "Bad Request" if status == 400 else None)
            self.end_headers()
            self.wfile.write(text.encode())

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
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(path))
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def run_id(kfp: BackEnd, clt: Clt, pipeline: Path, pod_study: Callable[..., Path]) -> str:
    assert clt("submit", pod_study(), "--store", "s3://bucket/p", "--pipeline", pipeline).exit_code == 0
    return next(iter(kfp.runs))


def logs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the client of Kubernetes reads KUBECONFIG when it is imported."""
    command = [sys.executable, "-m", "clt", "logs", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ.copy())


def test_the_components_pods_in_their_order_without_timestamps(pods: Pods, run_id: str) -> None:
    pods.add(run_id, "w.root.study.plan.executor", "2026-11-25T00:00:01Z planned\n2026-11-25T00:00:02Z two: 9 cells\n")
    pods.add(run_id, "w.root.study.plan-driver", "2026-11-25T00:00:01Z plumbing\n")
    pods.add(run_id, "w.root.study.train.executor", None)
    pods.add("other", "w.root.study.plan.executor", "2026-11-25T00:00:01Z other\n")
    done = logs(run_id)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "== plan  pod-0  Succeeded\nplanned\ntwo: 9 cells\n== train  pod-2  Succeeded\n(no log: Bad Request)\n"
    )
    assert {path.split("/")[4] for path in pods.asked} == {"kubeflow"}


def test_one_task(pods: Pods, run_id: str) -> None:
    for name in ("plan", "mix"):
        pods.add(run_id, f"w.root.study.{name}.executor", f"2026-11-25T00:00:01Z I am {name}\n")
    assert logs(run_id, "--task", "mix").stdout == "== mix  pod-1  Succeeded\nI am mix\n"
    done = logs(run_id, "--task", "trian")
    assert (done.returncode, done.stderr) == (2, "Error: --task 'trian': expected one of mix, plan\n")


def test_a_run_without_pods_says_what_can_be_had(pods: Pods, run_id: str) -> None:
    done = logs(run_id)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: run {run_id}: no pod of it in the namespace kubeflow")
    assert f"`clt status --run {run_id}` the errors" in done.stderr


def test_no_right_to_read_pods(pods: Pods, run_id: str) -> None:
    pods.refuses = 403
    done = logs(run_id)
    assert done.returncode == 2
    assert "pods is forbidden" in done.stderr


def test_no_cluster(run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "no/kubeconfig")
    done = logs(run_id)
    assert done.returncode == 2
    assert "set KUBECONFIG to the file of a cluster" in done.stderr
