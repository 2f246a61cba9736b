"""One prefix of one bucket: reading, writing, listing and deleting small objects, with errors that say what to do.

Requests are repeated by urllib3 with growing pauses, for about two minutes in all: long enough for a server that is
started again, short enough to tell the user that it is gone.
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import certifi
import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from clt.errors import StoreError
from clt.store.credentials import CredentialChain, endpoint

CONNECTIONS = 16
RETRIES = urllib3.Retry(
    total=12,
    backoff_factor=0.5,  # 0.5, 1, 2, 4, 8 and then 15 seconds between two tries
    backoff_max=15,
    backoff_jitter=0.5,
    status_forcelist=(408, 429, 500, 502, 503, 504),
    allowed_methods=None,  # every request is safe to repeat: whole objects, parts by number, deletions
    respect_retry_after_header=True,
    raise_on_status=False,
)
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A small object as it was read."""

    content: bytes
    etag: str
    age: float  # seconds since it was written, by the server's own clock


class Unreachable(StoreError):
    """The server did not answer for as long as we wait for one."""


class Bucket:
    """Objects under a prefix. Names are relative to it."""

    def __init__(self, name: str, prefix: str) -> None:
        self.name, self.prefix = name, prefix
        self._endpoint, secure = endpoint()
        http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=10, read=60),
            maxsize=CONNECTIONS,
            retries=RETRIES,
            cert_reqs="CERT_REQUIRED",
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        )
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        self.client = Minio(
            self._endpoint, credentials=CredentialChain(), secure=secure, region=region, http_client=http
        )

    @property
    def uri(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    def path(self, name: str) -> str:
        """The object's whole name in the bucket."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def read(self, name: str) -> StoredObject | None:
        """A small object, None if there is none."""
        with self.errors(name):
            try:
                response = self.client.get_object(self.name, self.path(name))
            except S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                raise
            with response:
                content = response.read()
            response.release_conn()
            headers = response.headers
            age = _time(headers["Date"]) - _time(headers["Last-Modified"])
            return StoredObject(content, headers["ETag"], age.total_seconds())

    def write(self, name: str, content: bytes) -> None:
        """Put a small object in place of whatever is there."""
        with self.errors(name):
            self.client.put_object(self.name, self.path(name), io.BytesIO(content), len(content), _JSON)

    def write_if(self, name: str, content: bytes, *, etag: str | None) -> bool:
        """Put a small object if none is there (etag None), or if the one with this ETag is; False if not.

        After a lost answer the repeated request may say False although the first was carried out: callers look at what
        stands.
        """
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        with self.errors(name):
            try:
                # the public put_object takes no conditions
                self.client._put_object(
                    self.name, self.path(name), content, headers={"Content-Type": _JSON, **condition}
                )
            except S3Error as error:
                if error.code in ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
                    return False
                raise
        return True

    def children(self, folder: str) -> tuple[list[str], list[str]]:
        """Names of the folders and of the objects directly in a folder ("" is the prefix itself)."""
        start = self.path(f"{folder}/" if folder else "")
        with self.errors(folder):
            listed = list(self.client.list_objects(self.name, prefix=start, recursive=False))
        names = [(str(entry.object_name).removeprefix(start), entry.is_dir) for entry in listed]
        return (
            [name.rstrip("/") for name, is_dir in names if is_dir],
            [name for name, is_dir in names if name and not is_dir],
        )

    def files(self, folder: str) -> list[str]:
        """Names of all objects below a folder, relative to the prefix."""
        with self.errors(folder):
            listed = list(self.client.list_objects(self.name, prefix=self.path(f"{folder}/"), recursive=True))
        return [str(entry.object_name)[len(self.path("")) :] for entry in listed]

    def youngest(self, folder: str) -> float:
        """Seconds since the last object below a folder was written; infinite if there is none."""
        with self.errors(folder):
            listed = list(self.client.list_objects(self.name, prefix=self.path(f"{folder}/"), recursive=True))
        times = [entry.last_modified for entry in listed if entry.last_modified is not None]
        return (datetime.now(UTC) - max(times)).total_seconds() if times else float("inf")

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        objects = [DeleteObject(self.path(name)) for name in names]
        with self.errors("objects"):
            for error in self.client.remove_objects(self.name, objects):
                raise StoreError(f"{self.uri}: {error.name} cannot be deleted: {error.code}: {error.message}")

    @contextmanager
    def errors(self, name: str) -> Iterator[None]:
        """Turn what the server or the network says into a StoreError that names the object and the next step."""
        try:
            yield
        except S3Error as error:
            raise StoreError(f"{self.uri}: {name}: {self._advice(error)}") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(
                f"{self.uri}: the object store at {self._endpoint} cannot be reached ({_reason(error)}), after about "
                "two minutes of trying; start it or mend AWS_ENDPOINT_URL, then run again to resume"
            ) from error
        except (ServerError, InvalidResponseError, MinioException) as error:
            raise StoreError(f"{self.uri}: {name}: the object store at {self._endpoint} failed: {error}") from error

    def _advice(self, error: S3Error) -> str:
        match error.code:
            case "NoSuchBucket":
                return f"there is no bucket {self.name!r} at {self._endpoint}; create it, or mend the store's name"
            case "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken":
                return (
                    f"refused by {self._endpoint} ({error.code}); the credentials need the right to list the bucket "
                    "and to read, write and delete below the prefix"
                )
            case "RequestTimeTooSkewed":
                return f"refused by {self._endpoint}: the clock of this machine is wrong; set it"
            case "XMinioStorageFull":
                return f"the object store at {self._endpoint} is full; make room, then run again to resume"
        return f"{error.code}: {error.message}"


def _time(text: str) -> datetime:
    return parsedate_to_datetime(text)


def _reason(error: Exception) -> str:
    """The innermost cause in a word or two, without addresses of objects."""
    cause = getattr(error, "reason", None) or error
    return type(cause).__name__
