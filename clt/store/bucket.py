"""One prefix of one bucket: reading, writing, listing and deleting small objects, with errors that say what to do."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import urllib3
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from clt.errors import StoreError
from clt.store import connection
from clt.store.connection import Client
from clt.store.lean_get import LeanReader, Reply
from clt.store.store import Unreachable

READERS = 8  # threads that read side by side; more of them only take Python's lock from each other
_JSON = "application/json"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A small object as it was read."""

    content: bytes
    etag: str
    times: tuple[str, str] = field(repr=False, default=("", ""))  # when it was read and written, as the server says

    @property
    def age(self) -> float:
        """Seconds since it was written, by the server's own clock."""
        read, written = map(parsedate_to_datetime, self.times)
        return (read - written).total_seconds()


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it."""

    size: int  # bytes
    age: float  # seconds since it was written


@dataclass(frozen=True, slots=True)
class Found:
    """An object's content, as far as a listing tells it from another."""

    size: int  # bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that is not finished."""

    name: str
    id: str
    age: float  # seconds since it was begun


class Bucket:
    """Objects under a prefix. Names are relative to it."""

    def __init__(self, name: str, prefix: str) -> None:
        self.name, self.prefix = name, prefix
        self.client = Client()
        self.lean = LeanReader(self.client, name)

    @property
    def uri(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    def path(self, name: str) -> str:
        """The object's whole name in the bucket."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def read(self, name: str) -> StoredObject | None:
        """A small object, None if there is none."""
        with self.errors(name):
            reply = self.lean.get(self.path(name))
            if reply is None or (reply.status == 404 and b"<Code>NoSuchKey</Code>" not in reply.content):
                reply = self.read_patiently(name)
        if reply is None or reply.status == 404:
            return None
        headers = reply.headers
        return StoredObject(reply.content, headers["ETag"], (headers["Date"], headers["Last-Modified"]))

    def read_patiently(self, name: str) -> Reply | None:
        """A whole object by the client that repeats and explains, None if there is none."""
        try:
            response = self.client._execute("GET", self.name, self.path(name))  # the public one repeats no broken body
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise
        return Reply(response.status, response.headers, response.data)

    def side_by_side(self, act: Callable[[str], _Result], names: Iterable[str]) -> list[_Result]:
        """What a function gives for each of many names."""
        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(act, names))

    def write(self, name: str, content: bytes) -> str:
        """Put a small object in place of whatever is there; returns its ETag."""
        with self.errors(name):
            result = self.client.put_object(self.name, self.path(name), io.BytesIO(content), len(content), _JSON)
        return f'"{result.etag}"'

    def write_if(self, name: str, content: bytes, *, etag: str | None) -> str | None:
        """Put a small object if none is there (etag None), or if the one with this ETag is.

        Returns:
            The new ETag; None if the condition does not hold. After a lost answer the repeated request is refused by
            what the first one wrote: an object with the same content is taken for ours.
        """
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        with self.errors(name):
            try:
                # the public put_object takes no conditions
                result = self.client._put_object(
                    self.name, self.path(name), content, headers={"Content-Type": _JSON, **condition}
                )
                return f'"{result.etag}"'
            except S3Error as error:
                if error.code not in ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
                    raise
        stored = self.read(name)
        return stored.etag if stored is not None and stored.content == content else None

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

    def listing(self, folder: str) -> dict[str, Listed]:
        """All objects below a folder ("" is the prefix itself), by name."""
        start, now = self.path(f"{folder}/" if folder else ""), datetime.now(UTC)
        with self.errors(folder):
            listed = list(self.client.list_objects(self.name, prefix=start, recursive=True))
        return {
            str(entry.object_name)[len(self.path("")) :]: Listed(
                entry.size or 0, (now - (entry.last_modified or now)).total_seconds()
            )
            for entry in listed
        }

    def found(self) -> dict[str, Found]:
        """The objects directly below the prefix, by name."""
        start = self.path("")
        with self.errors("objects"):
            listed = list(self.client.list_objects(self.name, prefix=start, recursive=False))
        return {
            str(entry.object_name).removeprefix(start): Found(entry.size or 0, str(entry.etag))
            for entry in listed
            if not entry.is_dir and str(entry.object_name).removeprefix(start) not in ("", ".", "..")
        }

    def content_md5(self, name: str) -> str | None:
        """MD5 of the bytes that the server holds, if its ETag is one: of an object in one part, not encrypted."""
        with self.errors(name):
            facts = self.client.stat_object(self.name, self.path(name))
        encrypted = any(key.lower().startswith("x-amz-server-side-encryption") for key in facts.metadata or {})
        etag = str(facts.etag)
        return None if encrypted or len(etag) != hashlib.md5(usedforsecurity=False).digest_size * 2 else etag

    def uploads(self, start: str = "") -> list[Upload]:
        """Uploads in parts that are not finished, of objects whose names start so, as far as the server lists them.

        MinIO lists those of an exact name alone, and drops all of them itself after a day.
        """
        now = datetime.now(UTC)
        with self.errors("uploads"):
            listed = self.client._list_multipart_uploads(self.name, prefix=self.path(start))
        return [
            Upload(
                str(each.object_name)[len(self.path("")) :],
                str(each.upload_id),
                (now - (each.initiated_time or now)).total_seconds(),
            )
            for each in listed.uploads
        ]

    def abort(self, upload: Upload) -> None:
        """Drop the parts of an unfinished upload."""
        with self.errors(upload.name):
            self.client._abort_multipart_upload(self.name, self.path(upload.name), upload.id)

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
                f"{self.uri}: {name}: the object store at {self.client.address} cannot be reached ({_reason(error)}), "
                f"tried again for {connection.DEADLINE / 60:.0f} minutes; start it or mend AWS_ENDPOINT_URL, then run "
                "again to resume"
            ) from error
        except (ServerError, InvalidResponseError, MinioException) as error:
            raise StoreError(
                f"{self.uri}: {name}: the object store at {self.client.address} failed: {error}"
            ) from error

    def _advice(self, error: S3Error) -> str:
        place = self.client.address
        if error.code in connection.REFUSED:
            return (
                f"refused by {place} ({error.code}); the credentials need the right to list the bucket "
                "and to read, write and delete below the prefix"
            )
        match error.code:
            case "NoSuchBucket":
                return f"there is no bucket {self.name!r} at {place}; create it, or mend the store's name"
            case "RequestTimeTooSkewed":
                return f"refused by {place}: the clock of this machine is wrong; set it"
            case "XMinioStorageFull":
                return f"the object store at {place} is full; make room, then run again to resume"
        return f"{error.code}: {error.message}"


def _reason(error: Exception) -> str:
    """The innermost cause in a word or two, without addresses of objects."""
    cause = getattr(error, "reason", None) or error
    return str(cause) if isinstance(cause, urllib3.exceptions.ResponseError) else type(cause).__name__
