"""How to reach a Kubeflow Pipelines back end: its address, who asks, and errors that say what to do.

The address is what a browser opens without the part after `#`: a port-forward such as http://localhost:8080, or
https://HOST/pipeline behind Kubeflow's gateway. Secrets come from a file or the environment, never from an argument,
which every user of the machine could read in the list of processes.
"""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clt.errors import UserError

IN_CLUSTER = "http://ml-pipeline.kubeflow.svc.cluster.local:8888"
SERVICE_ACCOUNT_TOKEN = Path("/var/run/secrets/kubeflow/pipelines/token")  # what a Kubeflow profile mounts into pods
UI_VARIABLE = "KF_PIPELINES_UI_ENDPOINT"  # kfp's own name
TIMEOUT_SECONDS = 15
PAGE = 100
HINTS = {
    401: "the token or cookie is missing or has expired: give --token-file or --cookies-file",
    403: "this account may not do that: is --namespace one of its own?",
    404: "is the id right, and is this the endpoint (and namespace) that it belongs to?",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """What a user gives to reach a back end."""

    host: str | None = None  # None: the usual service, from a pod in the cluster
    namespace: str | None = None  # a profile's; only installations for several users have them
    token_file: Path | None = None  # else KFP_TOKEN, else the service account's token that Kubeflow mounts
    cookies_file: Path | None = None  # else KFP_COOKIES: such as the session cookie of Kubeflow's Dex
    ca_cert: Path | None = None
    insecure: bool = False  # do not verify the server's certificate


@dataclass(frozen=True, slots=True)
class Connection:
    """kfp's own client, the namespace that its calls name, and where people look."""

    client: Any
    namespace: str | None
    ui: str

    def link(self, kind: str, identity: str) -> str:
        """The page of a run ("runs") or a recurring run ("recurringrun") in Kubeflow's UI."""
        return f"{self.ui}/#/{kind}/details/{identity}"

    def experiment(self, name: str) -> str:
        """The id of the experiment with this name, created if there is none."""
        import io
        from contextlib import redirect_stdout

        with redirect_stdout(io.StringIO()):  # kfp prints a link of its own
            return str(self.client.create_experiment(name, namespace=self.namespace).experiment_id)

    def runs(self, experiment_id: str) -> Iterator[Any]:
        """All runs of an experiment, newest first."""
        yield from _pages(
            lambda token: self.client.list_runs(
                experiment_id=experiment_id, page_token=token, page_size=PAGE, sort_by="created_at desc"
            ),
            "runs",
        )

    def pipelines(self) -> Iterator[Any]:
        """All pipelines of the namespace, in the order in which they were created."""
        yield from _pages(
            lambda token: self.client.list_pipelines(
                namespace=self.namespace, page_token=token, page_size=PAGE, sort_by="created_at"
            ),
            "pipelines",
        )

    def pipeline_versions(self, pipeline_id: str) -> Iterator[Any]:
        """All versions of a pipeline, in the order in which they were created."""
        yield from _pages(
            lambda token: self.client.list_pipeline_versions(
                pipeline_id, page_token=token, page_size=PAGE, sort_by="created_at"
            ),
            "pipeline_versions",
        )

    def recurring_runs(self) -> Iterator[Any]:
        """All recurring runs of the namespace, in the order in which they were created."""
        yield from _pages(
            lambda token: self.client.list_recurring_runs(
                namespace=self.namespace, page_token=token, page_size=PAGE, sort_by="created_at"
            ),
            "recurring_runs",
        )


@contextmanager
def connected(endpoint: Endpoint) -> Iterator[Connection]:
    """A connection; in this block, what the back end refuses is a UserError with its own text and the next step."""
    from kfp_server_api import ApiException
    from urllib3.exceptions import HTTPError

    host = _host(endpoint)
    try:
        yield _connect(endpoint, host)
    except ApiException as error:
        raise UserError(_refusal(host, error.status, error.body)) from error
    except HTTPError as error:
        raise UserError(_unreachable(host, error)) from error


def _host(endpoint: Endpoint) -> str:
    if endpoint.host:
        return _without_password("--endpoint or KFP_ENDPOINT", endpoint.host)
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return IN_CLUSTER
    raise UserError(
        "no endpoint of Kubeflow Pipelines, expected --endpoint URL or KFP_ENDPOINT; such as "
        "http://localhost:8080 after `kubectl port-forward -n kubeflow svc/ml-pipeline-ui 8080:80`"
    )


def _without_password(name: str, address: str) -> str:
    """The address with its scheme; UserError, which does not show it, if there is a user or a password in it."""
    url = (address if "://" in address else f"https://{address}").rstrip("/")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise UserError(
            f"{name}: has a user or a password in it, which would stand in messages and links; expected the address "
            "alone, such as https://HOST/pipeline, and the secret in --token-file, --cookies-file or their variables"
        )
    return url


def _connect(endpoint: Endpoint, host: str) -> Connection:
    from kfp.client import Client
    from kfp.client.set_volume_credentials import ServiceAccountTokenVolumeCredentials

    ui = _without_password(UI_VARIABLE, os.environ.get(UI_VARIABLE) or host)
    token = _secret(endpoint.token_file, "KFP_TOKEN")
    cookies = _secret(endpoint.cookies_file, "KFP_COOKIES")
    mounted = not token and SERVICE_ACCOUNT_TOKEN.exists()
    _require_back_end(endpoint, host, token or (_secret(SERVICE_ACCOUNT_TOKEN, "") if mounted else None), cookies)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "only works with 2.0.0-beta.2 and later"
        client = Client(
            host=host,
            namespace=endpoint.namespace or "kubeflow",  # kfp's default, which it does not send
            existing_token=token,
            cookies=cookies,
            credentials=ServiceAccountTokenVolumeCredentials() if mounted else None,
            ssl_ca_cert=str(endpoint.ca_cert) if endpoint.ca_cert else None,
            verify_ssl=not endpoint.insecure,
        )
    return Connection(client, endpoint.namespace, ui)


def _secret(path: Path | None, variable: str) -> str | None:
    if path is None:
        place, text = variable, os.environ.get(variable, "")
    else:
        try:
            place, text = str(path), path.read_text(encoding="utf-8")
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror}), expected the secret alone in it") from None
    secret = text.strip()
    if not secret.isprintable():  # a line break in a header is refused by a message that shows the secret
        raise UserError(f"{place}: got several lines or control characters, expected one line with the secret alone")
    return secret or None


def _require_back_end(endpoint: Endpoint, host: str, token: str | None, cookies: str | None) -> None:
    """One request before kfp's client, which tries five times, never times out, and takes a login page for an answer.

    UserError if nobody answers, if it is not Kubeflow Pipelines, or if it serves several users and no namespace is
    given.
    """
    import urllib3

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Cookie": cookies} if cookies else {}
    pool = urllib3.PoolManager(
        cert_reqs="CERT_NONE" if endpoint.insecure else "CERT_REQUIRED",
        ca_certs=str(endpoint.ca_cert) if endpoint.ca_cert else None,
    )
    if endpoint.insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user has said so
    url = f"{host}/apis/v2beta1/healthz"
    answer = pool.request("GET", url, headers=headers, redirect=False, retries=False, timeout=TIMEOUT_SECONDS)
    if 300 <= answer.status < 400:
        raise UserError(
            f"{host}: redirects to {answer.headers.get('Location', 'a login page')}: the cookie is missing or has "
            "expired; give the browser's session cookie by --cookies-file or KFP_COOKIES (`NAME=VALUE`)"
        )
    if answer.status != 200:
        raise UserError(_refusal(host, answer.status, answer.data))
    try:
        health = json.loads(answer.data)
        several = bool(health.get("multi_user"))
    except (ValueError, AttributeError):
        raise UserError(
            f"{host}: answers, but not as Kubeflow Pipelines 2 does (no JSON at /apis/v2beta1/healthz); expected its "
            "API or UI address, behind Kubeflow's gateway https://HOST/pipeline"
        ) from None
    if several and not endpoint.namespace:
        raise UserError(f"{host}: serves several users, expected --namespace PROFILE or KFP_NAMESPACE")


def _refusal(host: str, status: int | None, body: str | bytes | None) -> str:
    text = (body or b"").decode(errors="replace") if not isinstance(body, str) else body
    try:
        text = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        text = " ".join(text.split())[:300]
    hint = HINTS.get(status or 0)
    return f"{host}: HTTP {status}: {text or 'no text'}" + (f"; {hint}" if hint else "")


def _unreachable(host: str, error: Exception) -> str:
    return (
        f"{host}: cannot be reached ({error}); is the address right, does a port-forward still run, and is the "
        "certificate known (--ca-cert)?"
    )


def _pages(ask: Any, name: str) -> Iterator[Any]:
    token = ""
    while True:
        answer = ask(token)
        yield from getattr(answer, name) or ()
        token = answer.next_page_token or ""
        if not token:
            return
