"""One namespace of a cluster, through the API server: plain objects in and out, requests repeated.

The server may be restarted, overloaded or upgraded while jobs of days run undisturbed. So what it cannot answer now is
asked again, with growing pauses, until `retry_seconds` have passed; what it refuses is an error at once.
"""

import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from clt.errors import CellFailure, UserError

Object = dict[str, Any]  # as JSON has it

GROUP, PLURAL = "kubeflow.org", "pytorchjobs"
RETRY_SECONDS = 1800.0  # that a launcher waits for an API server that does not answer
EXPIRED_SECONDS = 120.0  # for a token that was refused: a mounted one is renewed by the kubelet
_TRANSIENT = {None, 0, 408, 410, 429, 500, 502, 503, 504}
_LONGEST_PAUSE = 15.0
_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_OWN = {"leases": "/apis/coordination.k8s.io/v1", "cronjobs": "/apis/batch/v1", PLURAL: f"/apis/{GROUP}/v1"}


class Conflict(Exception):
    """An object of this name exists, or was changed since it was read."""


class Missing(Exception):
    """There is no object of this name."""


class Refused(CellFailure):
    """The API server understood and said no: a field, a quota or a policy."""


class Unanswered(UserError):
    """The API server asked a webhook, such as the training operator's, and that did not answer."""


class Cluster:
    """Calls return JSON objects. UserError if the cluster cannot be reached, or does not let us do it."""

    def __init__(self, api: client.ApiClient, namespace: str, retry_seconds: float = RETRY_SECONDS) -> None:
        self._api, self.namespace, self._retry_seconds = api, namespace, retry_seconds

    @classmethod
    def connect(cls, namespace: str | None = None, retry_seconds: float = RETRY_SECONDS) -> Self:
        """With the pod's own service account, or else with KUBECONFIG's current context."""
        settings = client.Configuration()
        settings.retries = False  # we know better which requests to repeat, and for how long
        settings.connection_pool_maxsize = 8
        try:
            config.load_incluster_config(client_configuration=settings)
            own = _NAMESPACE.read_text().strip()
        except config.ConfigException:
            own = _from_kubeconfig(settings)
        return cls(client.ApiClient(settings), namespace or own, retry_seconds)

    def another(self) -> Self:
        """The same with connections of its own: a signal handler must not wait for a lock of what it interrupted."""
        return type(self)(client.ApiClient(self._api.configuration), self.namespace, self._retry_seconds)

    def create(self, resource: str, body: Object, *, dry_run: bool = False) -> Object:
        """Conflict if the name is taken. A dry run goes through validation, webhooks and quota, and creates nothing."""
        query = {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})
        return self._request("POST", self._path(resource), query, body)

    def get(self, resource: str, name: str) -> Object | None:
        """None if there is none."""
        try:
            return self._request("GET", self._path(resource, name))
        except Missing:
            return None

    def list(self, resource: str, *, labels: str = "", fields: str = "") -> list[Object]:
        query = {name: value for name, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}
        return list(self._request("GET", self._path(resource), query)["items"])

    def replace(self, resource: str, body: Object) -> Object:
        """Conflict if it was changed since it was read; Missing if it is gone."""
        return self._request("PUT", self._path(resource, body["metadata"]["name"]), {}, body)

    def merge(self, resource: str, name: str, patch: Object) -> Object:
        """Missing if it is gone."""
        return self._request("PATCH", self._path(resource, name), {}, patch)

    def delete(self, resource: str, name: str, uid: str | None = None) -> bool:
        """Whether it was there; with a uid, whether that very object was."""
        body: Object = {"propagationPolicy": "Background"}
        if uid is not None:
            body["preconditions"] = {"uid": uid}
        try:
            self._request("DELETE", self._path(resource, name), {}, body)
        except (Missing, Conflict):
            return False
        return True

    def delete_once(self, resource: str, name: str, uid: str) -> None:
        """Delete that very object by a single request, whatever comes of it: for a process that has no time left."""
        body = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        with suppress(ApiException, urllib3.exceptions.HTTPError):
            self._send("DELETE", self._path(resource, name), {}, body, (2, 5))

    def watch(self, resource: str, name: str, version: str, seconds: float) -> Iterator[Object]:
        """Each state of one object after a resource version, {} once it is deleted.

        It ends quietly after `seconds` and on whatever breaks a watch (version too old, server restarted, token
        expired): callers read the object again, which tells what is wrong if something is.
        """
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={name}",
            "resourceVersion": version,
            "timeoutSeconds": str(max(1, round(seconds))),
        }
        try:
            response = self._send("GET", self._path(resource), query, None, (5, seconds + 15), stream=True)
            try:
                for line in response:
                    event = json.loads(line) if line.strip() else {}
                    if event.get("type") in ("ADDED", "MODIFIED"):
                        yield event["object"]
                    elif event.get("type") == "DELETED":
                        yield {}
                    elif event.get("type") == "ERROR":
                        return
            finally:
                response.close()
        except (ApiException, urllib3.exceptions.HTTPError, ValueError):
            time.sleep(random.uniform(0.5, 1.5))

    def log(
        self,
        pod: str,
        *,
        container: str = "pytorch",
        since: str = "",
        tail: int | None = None,
        follow: bool = False,
    ) -> Any:
        """The log of a pod's container, as a stream of lines that begin with a timestamp.

        From a timestamp on, or its last lines. ApiException or an HTTPError of urllib3 when there is none (yet).
        """
        query = {"container": container, "timestamps": "true"}
        if follow:
            query["follow"] = "true"
        if since:
            query["sinceTime"] = since
        if tail is not None:
            query["tailLines"] = str(tail)
        return self._send("GET", f"{self._path('pods', pod)}/log", query, None, (5, 60), stream=True)

    def may(self, verb: str, group: str, resource: str) -> bool:
        """Whether we have a right in this namespace; `resource` may name a subresource, such as pods/log."""
        kind, _, subresource = resource.partition("/")
        wanted = {"namespace": self.namespace, "verb": verb, "group": group, "resource": kind}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": wanted | ({"subresource": subresource} if subresource else {})},
        }
        answer = self._request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {}, body)
        return bool(answer["status"]["allowed"])

    def _path(self, resource: str, name: str = "") -> str:
        path = f"{_OWN.get(resource, '/api/v1')}/namespaces/{self.namespace}/{resource}"
        return f"{path}/{name}" if name else path

    def _request(self, method: str, path: str, query: Object | None = None, body: Object | None = None) -> Any:
        """Ask until there is an answer. Missing for 404, Conflict for 409, Refused and UserError for the rest."""
        start, tries = time.monotonic(), 0
        while True:
            try:
                return self._send(method, path, query or {}, body, (5, 30))
            except ApiException as error:
                if "failed calling webhook" in (said := _message(error)):
                    raise Unanswered(f"{said}; does the training operator run?") from error
                waited = time.monotonic() - start
                limit = min(EXPIRED_SECONDS, self._retry_seconds) if error.status == 401 else self._retry_seconds
                if error.status not in _TRANSIENT | {401} or waited > limit:
                    raise self._meaning(error, method, path) from error
            except urllib3.exceptions.HTTPError as error:
                if time.monotonic() - start > self._retry_seconds:
                    host = self._api.configuration.host
                    raise UserError(
                        f"the cluster's API server at {host} does not answer ({type(error).__name__}); see whether it "
                        "is up and reached from here, then run again to resume"
                    ) from error
            tries += 1
            time.sleep(random.uniform(0.5, 1.0) * min(_LONGEST_PAUSE, 2.0 ** min(tries, 5) / 2))

    def _send(
        self,
        method: str,
        path: str,
        query: Object,
        body: Object | None,
        timeout: tuple[float, float],
        stream: bool = False,
    ) -> Any:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return self._api.call_api(
            path,
            method,
            query_params=list(query.items()),
            header_params={"Accept": "*/*" if stream else "application/json", "Content-Type": kind},
            body=body,
            response_type=None if stream else "object",
            auth_settings=["BearerToken"],
            _return_http_data_only=True,
            _preload_content=not stream,
            _request_timeout=timeout,
        )

    def _meaning(self, error: ApiException, method: str, path: str) -> Exception:
        said = _message(error)
        match error.status:
            case 404 if path.endswith(f"/{PLURAL}"):  # of the kind itself, not of an object
                return UserError(f"the cluster has no PyTorchJobs ({said}); install Kubeflow's training operator")
            case 404:
                return Missing(said)
            case 409:
                return Conflict(said)
            case 401:
                return UserError(
                    f"the cluster does not know who we are (401: {said}); renew the credentials, run again"
                )
            case 403 if "cannot " in said and " resource " in said:  # RBAC's message, not a webhook's or a quota's
                return UserError(f"{said}; apply manifests/ to namespace {self.namespace}, whose Role allows it")
            case 400 | 403 | 413 | 422:
                return Refused(f"the cluster refuses this object: {said}")
        return UserError(f"{method} {path}: {error.status}: {said}")


def _from_kubeconfig(settings: client.Configuration) -> str:
    try:
        config.load_kube_config(client_configuration=settings)
        _, active = config.list_kube_config_contexts()
    except (config.ConfigException, OSError) as error:
        raise UserError(
            f"no cluster: this is no pod with a service account, and {error}; set KUBECONFIG to the file of a cluster"
        ) from error
    return str(active["context"].get("namespace") or "default")


def _message(error: ApiException) -> str:
    """The server's own sentence."""
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason or error.status)
