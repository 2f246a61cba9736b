"""The way to an object store: requests repeated until one deadline, keys that are read again when refused."""

import os
import time
from typing import Any

import certifi
import urllib3
from minio import Minio
from minio.error import S3Error
from minio.signer import sign_v4_s3
from urllib3.exceptions import MaxRetryError, ResponseError

from clt.store.credentials import CredentialChain, endpoint

CONNECTIONS = 16
DEADLINE = 300.0  # seconds for a request and its repetitions: a server that is started again, even on another node
CONNECT, READ = 10.0, 60.0  # seconds that one try waits for a connection, and then for each piece of an answer
LONGEST_PAUSE = 15.0  # seconds between two tries, whatever a Retry-After asks for
REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")


class Patience(urllib3.Retry):
    """Repeats with growing pauses until a moment; every request is safe to repeat: whole objects, numbered parts."""

    until = float("inf")  # by the monotonic clock

    @classmethod
    def starting_now(cls) -> "Patience":
        patience = cls(
            total=None,
            redirect=3,
            backoff_factor=0.5,
            backoff_max=int(LONGEST_PAUSE),
            backoff_jitter=0.5,
            status_forcelist=(408, 429, 500, 502, 503, 504),
            allowed_methods=None,
        )
        patience.until = time.monotonic() + DEADLINE
        return patience

    def new(self, **changes: Any) -> "Patience":
        patience = super().new(**changes)
        patience.until = self.until
        return patience

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        asked = super().get_retry_after(response)
        return None if asked is None else min(asked, LONGEST_PAUSE)

    # urllib3 passes the rest by name.
    def increment(  # type: ignore[override]
        self,
        method: str | None,
        url: str | None,
        response: Any = None,
        error: Any = None,
        _pool: Any = None,
        **rest: Any,
    ) -> "Patience":
        if time.monotonic() >= self.until:
            status = "" if response is None else ResponseError.SPECIFIC_ERROR.format(status_code=response.status)
            raise MaxRetryError(_pool, str(url), error or ResponseError(status))
        patience = super().increment(method, url, response, error, _pool, **rest)
        assert isinstance(patience, Patience)
        return patience


class PatientPool(urllib3.PoolManager):
    """Connections on which every request has its own deadline."""

    # As in PoolManager, whose base class has another signature.
    def urlopen(  # type: ignore[override]
        self, method: str, url: str, redirect: bool = True, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        return super().urlopen(method, url, redirect, **{"retries": Patience.starting_now(), **kw})


class Client(Minio):
    """minio's client, which reads its keys again if they are refused: they may have been rotated since."""

    def __init__(self) -> None:
        self.address, self.secure = endpoint()
        self.credentials = CredentialChain()
        http = PatientPool(
            timeout=urllib3.Timeout(connect=CONNECT, read=READ),
            maxsize=CONNECTIONS,
            cert_reqs="CERT_REQUIRED",
            ca_certs=authorities(),
        )
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        super().__init__(
            self.address, credentials=self.credentials, secure=self.secure, region=region, http_client=http
        )

    def _url_open(self, *arguments: Any, **options: Any) -> Any:  # every request comes through here
        used = self.credentials.retrieve()
        try:
            return super()._url_open(*arguments, **options)
        except S3Error as error:
            if error.code not in REFUSED or not self.credentials.differ_now(used):
                raise
        return super()._url_open(*arguments, **options)

    def signed_get(self, bucket: str, path: str, wanted: dict[str, str]) -> tuple[str, str, dict[str, str]]:
        """Host, path and signed headers of a GET of an object."""
        region, credentials = self._get_region(bucket), self.credentials.retrieve()
        url = self._base_url.build(method="GET", region=region, bucket_name=bucket, object_name=path)
        headers, date = self._build_headers(url.netloc, dict(wanted), None, credentials)
        signed = sign_v4_s3(
            method="GET",
            url=url,
            region=region,
            headers=headers,
            credentials=credentials,
            content_sha256=str(headers["x-amz-content-sha256"]),
            date=date,
        )
        return url.netloc, url.path, {name: str(value) for name, value in signed.items()}


def authorities() -> str:
    """The file with the certificates that are trusted."""
    return os.environ.get("SSL_CERT_FILE") or certifi.where()
