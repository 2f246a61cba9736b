"""How `clt` reaches a back end: who asks, and what it says when nobody answers or somebody else does."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd, kfp_server


def test_without_an_endpoint_the_usual_ones_are_named(clt: Clt, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KFP_ENDPOINT", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    result = clt("cancel", "x")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: no endpoint of Kubeflow Pipelines, expected --endpoint URL or KFP_ENDPOINT")


def test_nobody_answers(clt: Clt) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    start = time.monotonic()
    result = clt("cancel", "x", "--endpoint", url)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {url}: cannot be reached (")
    assert "does a port-forward still run" in result.stderr
    assert time.monotonic() - start < 15


def test_a_server_that_is_not_kubeflow(clt: Clt) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    result = clt("cancel", "x", "--endpoint", f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    assert result.exit_code == 2
    assert "answers, but not as Kubeflow Pipelines 2 does" in result.stderr


def test_a_token_comes_from_a_file_or_the_environment(
    kfp: BackEnd, clt: Clt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kfp.token = "t0ken"
    result = clt("schedule", "list")
    assert result.exit_code == 2
    assert "HTTP 401: Unauthorized; the token or cookie is missing or has expired" in result.stderr
    (tmp_path / "token").write_text("t0ken\n")
    assert clt("schedule", "list", "--token-file", tmp_path / "token").output == "no schedule\n"
    monkeypatch.setenv("KFP_TOKEN", "t0ken")
    assert clt("schedule", "list").output == "no schedule\n"


def test_a_secret_file_that_is_not_there(kfp: BackEnd, clt: Clt) -> None:
    result = clt("schedule", "list", "--token-file", "no/token")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: no/token: cannot be read (No such file or directory), expected the secret alone in it\n",
    )


def test_a_session_cookie_passes_the_login_page(kfp: BackEnd, clt: Clt, tmp_path: Path) -> None:
    kfp.cookie = "authservice_session=abc"
    result = clt("schedule", "list")
    assert result.exit_code == 2
    assert "redirects to /dex/auth: the cookie is missing or has expired" in result.stderr
    (tmp_path / "cookies").write_text("authservice_session=abc\n")
    assert clt("schedule", "list", "--cookies-file", tmp_path / "cookies").output == "no schedule\n"


def test_an_installation_for_several_users_needs_a_namespace(kfp: BackEnd, clt: Clt) -> None:
    kfp.several_users = True
    result = clt("schedule", "list")
    assert result.exit_code == 2
    assert "serves several users, expected --namespace PROFILE or KFP_NAMESPACE" in result.stderr
    assert clt("schedule", "list", "--namespace", "team").exit_code == 0


def test_a_namespace_of_others(kfp: BackEnd, clt: Clt, pipeline: Path, pod_study: Callable[..., Path]) -> None:
    kfp.forbidden = "others"
    result = clt("submit", pod_study(), "--store", "s3://bucket/p", "--pipeline", pipeline, "--namespace", "others")
    assert result.exit_code == 2
    assert "HTTP 403: User is not authorized" in result.stderr
    assert "is --namespace one of its own?" in result.stderr


def test_pods_of_the_cluster_use_its_service(clt: Clt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KFP_ENDPOINT", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    result = clt("cancel", "x")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: http://ml-pipeline.kubeflow.svc.cluster.local:8888: cannot be reached")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_is_verified_by_the_given_one_or_not_at_all(clt: Clt, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-out", certificate, "-keyout", key]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with kfp_server(tls) as (url, _):
        result = clt("schedule", "list", "--endpoint", url)
        assert result.exit_code == 2
        assert "CERTIFICATE_VERIFY_FAILED" in result.stderr and "--ca-cert" in result.stderr
        for options in (["--ca-cert", certificate], ["--insecure"]):
            result = clt("schedule", "list", "--endpoint", url, *options)
            assert (result.exit_code, result.output) == (0, "no schedule\n")


def test_an_unknown_run(kfp: BackEnd, clt: Clt) -> None:
    for command in (["status", "--run"], ["cancel"], ["logs"]):
        result = clt(*command, "none")
        assert result.exit_code == 2
        assert "HTTP 404: ResourceNotFoundError: run none not found; is the id right" in result.stderr


@pytest.mark.parametrize("secret", ["tvqx\nzzpl", "qwrk\nvbnm\n# hjkl"])
def test_a_secret_that_is_no_header_is_refused_without_being_shown(
    kfp: BackEnd, clt: Clt, tmp_path: Path, secret: str
) -> None:
    file = tmp_path / "secret"
    file.write_text(secret)
    for option in ("--token-file", "--cookies-file"):
        result = clt("schedule", "list", option, file)
        assert result.exit_code == 2 and f"{file}: got several lines" in result.stderr
        assert not any(line in result.output for line in secret.splitlines())


@pytest.mark.parametrize("variable", ["KFP_ENDPOINT", "KF_PIPELINES_UI_ENDPOINT"])
@pytest.mark.parametrize(
    "address", ["https://me:s3cret@kfp.example/pipeline", "me:s3cret@kfp.example:8080", "s3cret@x"]
)
def test_a_password_in_an_address_is_refused_and_not_shown(
    variable: str, address: str, kfp: BackEnd, clt: Clt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, address)
    result = clt("schedule", "list")
    assert result.exit_code == 2 and "s3cret" not in result.output + result.stderr
    assert variable in result.stderr and "--token-file" in result.stderr
