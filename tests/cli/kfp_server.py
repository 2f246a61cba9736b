"""A local HTTP server in place of a Kubeflow Pipelines back end, to test the client's code against.

Its routes, and the fields that it takes, come from the back end's OpenAPI description (the package kfp_server_api);
what it does comes from what a real back end (2.14.3) was seen to do: states None and CANCELING, parameters that are
checked by type, cron expressions, what is left after a recurring run is deleted. It proves nothing about a real one.
"""

import inspect
import json
import re
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import kfp_server_api

SERVICES = ("Run", "Experiment", "RecurringRun", "Healthz", "Pipeline", "PipelineUpload")
LARGEST_PAGE = 2  # so small that every list has several pages
TYPES: dict[str, type] = {"STRING": str, "NUMBER_INTEGER": int}
Document = dict[str, Any]


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def described_routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and operation of everything that the description has for these services."""
    found = []
    for service in SERVICES:
        for name, method in inspect.getmembers(getattr(kfp_server_api, f"{service}ServiceApi"), inspect.isfunction):
            if name.endswith("_with_http_info"):
                path, verb = re.findall(r"call_api\(\s*'([^']+)', '([A-Z]+)'", inspect.getsource(method))[0]
                pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/:]+)", re.escape(path))
                found.append((verb, re.compile(pattern), name.removesuffix("_with_http_info")))
    return found


class BackEnd:
    """What the server knows, one method an operation; tests read and change it directly."""

    def __init__(self) -> None:
        self.experiments: dict[str, Document] = {}
        self.runs: dict[str, Document] = {}
        self.recurring: dict[str, Document] = {}
        self.pipelines: dict[str, Document] = {}
        self.versions: list[Document] = []
        self.coming: dict[str, list[str | None]] = {}  # run id -> its next states, one a look
        self.calls: list[str] = []  # operations that changed something
        self.cookie = ""  # without it everything is redirected to a login page
        self.token = ""
        self.forbidden = ""  # a namespace
        self.several_users = False
        self.stores: Document = {}  # fields of a recurring run that are stored in another way than they are sent
        self.missed = True  # a time has passed while a recurring run was paused, so it fires when it is enabled
        self.stuck: set[str] = set()  # runs that never end when they are terminated
        self.outage = 0  # so many looks at a run that fail
        self.clock = datetime(2026, 11, 25, tzinfo=UTC)

    # --- for tests

    def finish(self, run_id: str, state: str = "SUCCEEDED", *, error: str = "", tasks: Sequence[Document] = ()) -> None:
        run = self.runs[run_id]
        self.coming[run_id] = []
        run |= {"state": state, "finished_at": self._now(), "run_details": {"task_details": list(tasks)}}
        run["state_history"].append({"state": state})
        if error:
            run["error"] = {"code": 2, "message": error}

    def fire(self, recurring_run_id: str) -> str:
        """Start the run whose time has come."""
        one = self.recurring[recurring_run_id]
        kept = ("experiment_id", "runtime_config", "pipeline_spec", "service_account", "recurring_run_id")
        return str(self._start({"display_name": "by the clock", **{name: one[name] for name in kept}})["run_id"])

    # --- operations

    def healthz_service_get_healthz(self, body: Document, query: Document) -> Document:
        return {"multi_user": self.several_users, "tag_name": "2.14.3"}

    def experiment_service_create_experiment(self, body: Document, query: Document) -> Document:
        _require_fields(body, kfp_server_api.V2beta1Experiment)
        created = {"namespace": "kubeflow", **body, "experiment_id": str(uuid4())}
        self.experiments[created["experiment_id"]] = created
        return created

    def experiment_service_list_experiments(self, body: Document, query: Document) -> Document:
        if self.forbidden and query.get("namespace") == self.forbidden:
            raise Refused(403, f"User is not authorized to list experiments in the namespace {self.forbidden}")
        wanted = [rule["stringValue"] for rule in json.loads(query.get("filter", "{}")).get("predicates", [])]
        found = [one for one in self.experiments.values() if not wanted or one["display_name"] in wanted]
        return _page(found, "experiments", query)

    def experiment_service_get_experiment(self, body: Document, query: Document) -> Document:
        return _known(self.experiments, query["experiment_id"], "experiment")

    def run_service_create_run(self, body: Document, query: Document) -> Document:
        _require_fields(body, kfp_server_api.V2beta1Run)
        _require_parameters(body)
        return self._start(body)

    def run_service_get_run(self, body: Document, query: Document) -> Document:
        run = _known(self.runs, query["run_id"], "run")
        if self.outage:
            self.outage -= 1
            raise Refused(503, "upstream connect error")
        if coming := self.coming[query["run_id"]]:
            run["state"] = coming.pop(0)
            run["state_history"].append({"state": run["state"]})
        return run

    def run_service_list_runs(self, body: Document, query: Document) -> Document:
        found = [run for run in self.runs.values() if run["experiment_id"] == query["experiment_id"]]
        return _page(sorted(found, key=lambda run: run["created_at"], reverse=True), "runs", query)

    def run_service_terminate_run(self, body: Document, query: Document) -> Document:
        run = _known(self.runs, query["run_id"], "run")
        run["state"] = "CANCELING"
        run["state_history"].append({"state": "CANCELING"})
        self.coming[query["run_id"]] = [] if query["run_id"] in self.stuck else ["CANCELING", "FAILED"]
        return {}

    def recurring_run_service_create_recurring_run(self, body: Document, query: Document) -> Document:
        _require_fields(body, kfp_server_api.V2beta1RecurringRun)
        _require_parameters(body)
        cron = body["trigger"]["cron_schedule"]["cron"]
        if "TZ=" in cron or len(cron.split()) not in (5, 6):  # five are taken, and read with the seconds in front
            raise Refused(400, f"Schedule cron is not supported: {cron}")
        if not 1 <= int(body["max_concurrency"]) <= 10:
            raise Refused(400, "The max concurrency of the recurring run is out of range. Support 1-10")
        status = "ENABLED" if body["mode"] == "ENABLE" else "DISABLED"
        created = {**body, "recurring_run_id": str(uuid4()), "status": status, "created_at": self._now()}
        created |= {"service_account": "pipeline-runner"} | self.stores  # whatever was sent
        self.recurring[created["recurring_run_id"]] = created
        return created

    def recurring_run_service_get_recurring_run(self, body: Document, query: Document) -> Document:
        return _known(self.recurring, query["recurring_run_id"], "recurring run")

    def recurring_run_service_list_recurring_runs(self, body: Document, query: Document) -> Document:
        return _page(list(self.recurring.values()), "recurringRuns", query)

    def recurring_run_service_disable_recurring_run(self, body: Document, query: Document) -> Document:
        _known(self.recurring, query["recurring_run_id"], "recurring run")["status"] = "DISABLED"
        return {}

    def recurring_run_service_enable_recurring_run(self, body: Document, query: Document) -> Document:
        _known(self.recurring, query["recurring_run_id"], "recurring run")["status"] = "ENABLED"
        if self.missed:
            self.fire(query["recurring_run_id"])
        return {}

    def recurring_run_service_delete_recurring_run(self, body: Document, query: Document) -> Document:
        """Its runs lose their pods, and what was running says so for ever."""
        _known(self.recurring, query["recurring_run_id"], "recurring run")
        del self.recurring[query["recurring_run_id"]]
        for run in self.runs.values():
            if run.get("recurring_run_id") == query["recurring_run_id"]:
                self.coming[run["run_id"]] = []
        return {}

    def pipeline_service_list_pipelines(self, body: Document, query: Document) -> Document:
        return _page(list(self.pipelines.values()), "pipelines", query)

    def pipeline_service_create_pipeline(self, body: Document, query: Document) -> Document:
        _require_fields(body, kfp_server_api.V2beta1Pipeline)
        created = {**body, "pipeline_id": str(uuid4()), "created_at": self._now()}
        self.pipelines[created["pipeline_id"]] = created
        return created

    def pipeline_service_list_pipeline_versions(self, body: Document, query: Document) -> Document:
        found = [one for one in self.versions if one["pipeline_id"] == query["pipeline_id"]]
        return _page(found, "pipeline_versions", query)

    def upload_pipeline_version(self, body: Document, query: Document) -> Document:
        """The file comes as a form; what is in it is not looked at."""
        _known(self.pipelines, query["pipelineid"], "pipeline")
        created = {"pipeline_id": query["pipelineid"], "display_name": query["name"], "created_at": self._now()}
        self.versions.append(created | {"description": query["description"]})
        return self.versions[-1] | {"pipeline_version_id": str(uuid4())}

    def _start(self, body: Document) -> Document:
        run_id = str(uuid4())
        times = {"created_at": self._now(), "finished_at": "1970-01-01T00:00:00Z"}
        self.runs[run_id] = {**body, **times, "run_id": run_id, "state": "PENDING", "state_history": []}
        self.coming[run_id] = ["PENDING", None, "RUNNING"]
        return self.runs[run_id]

    def _now(self) -> str:
        self.clock += timedelta(minutes=1)
        return self.clock.isoformat().replace("+00:00", "Z")


@contextmanager
def kfp_server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, BackEnd]]:
    """The address of a server that runs while the block does, and what it knows."""
    back_end, routes = BackEnd(), described_routes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            where = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            form = self.headers.get_content_type() == "multipart/form-data"
            body = {} if form else json.loads(content or "{}")
            query = {name: values[0] for name, values in parse_qs(where.query).items()}
            if back_end.cookie and self.headers.get("Cookie") != back_end.cookie:
                self._send(302, b"", {"Location": "/dex/auth"})
                return
            try:
                if back_end.token and self.headers.get("Authorization") != f"Bearer {back_end.token}":
                    raise Refused(401, "Unauthorized")
                status, answer = 200, self._operate(where.path, body, query)
            except Refused as error:
                status, answer = error.status, {"code": 3, "message": str(error), "details": []}
            self._send(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

        def _operate(self, path: str, body: Document, query: Document) -> Document:
            for verb, pattern, operation in routes:
                if verb == self.command and (match := pattern.fullmatch(path)):
                    if verb != "GET":
                        back_end.calls.append(operation)
                    answer: Document = getattr(back_end, operation)(body, {**query, **match.groupdict()})
                    return answer
            raise Refused(404, "Not Found")

        def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http{'s' if tls else ''}://localhost:{server.server_port}", back_end
    finally:
        server.shutdown()
        server.server_close()


def _require_fields(body: Document, model: Any) -> None:
    if unknown := set(body) - set(model.attribute_map.values()):
        raise Refused(400, f"unknown field {sorted(unknown)[0]!r}")


def _require_parameters(body: Document) -> None:
    """Every parameter has the type that the pipeline declares, and all that it needs are there."""
    if "pipeline_version_reference" in body:  # what is in a version is not looked at
        return
    spec = body["pipeline_spec"]
    declared = spec.get("pipeline_spec", spec)["root"]["inputDefinitions"]["parameters"]
    given = body["runtime_config"].get("parameters", {})
    for name, value in given.items():
        if name not in declared:
            raise Refused(400, f"Invalid input error: unexpected parameter {name!r}")
        if type(value) is not TYPES[declared[name]["parameterType"]]:
            raise Refused(400, f"Invalid input error: input parameter {name!r} requires type {declared[name]}")
    for name, facts in declared.items():
        if name not in given and not facts.get("isOptional"):
            raise Refused(400, f"Invalid input error: parameter {name!r} is not optional, yet has no value")


def _known(documents: dict[str, Document], identity: str, kind: str) -> Document:
    if identity not in documents:
        raise Refused(404, f"ResourceNotFoundError: {kind} {identity} not found")
    return documents[identity]


def _page(found: list[Document], name: str, query: Document) -> Document:
    first = int(query.get("page_token") or 0)
    end = first + min(LARGEST_PAGE, int(query.get("page_size") or LARGEST_PAGE))
    return {name: found[first:end], "next_page_token": str(end) if end < len(found) else ""}
