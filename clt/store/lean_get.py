"""GETs on kept connections, one a thread, at half the processor time of minio's client: what many small reads cost.

Made for the good case alone. Whatever is unusual (an answer that breaks off, a refusal, a server that is away) ends as
None or as fewer bytes than asked for, and the caller goes on with the patient client, which repeats and explains.
"""

import http.client
import os
import ssl
import threading
from dataclasses import dataclass
from email.message import Message

from urllib3 import HTTPHeaderDict

from clt.store import connection
from clt.store.connection import Client, authorities

CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    headers: Message | HTTPHeaderDict
    content: bytes


class LeanReader:
    """Reads objects of one bucket."""

    def __init__(self, client: Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._context = ssl.create_default_context(cafile=authorities()) if client.secure else None
        self._own = threading.local()  # .connection

    def get(self, path: str) -> Reply | None:
        """An object, or the answer 404; None if anything else happens."""
        response = self._ask(path, {})
        try:
            if response is not None and response.status in (200, 404):
                return Reply(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            pass
        self._drop()
        return None

    def get_range(self, path: str, start: int, length: int, descriptor: int) -> int:
        """Write a range of an object into a file, at the same place; returns how many bytes of it came."""
        response = self._ask(path, {"Range": f"bytes={start}-{start + length - 1}"})
        if response is None or response.status != 206:
            self._drop()
            return 0
        view, came = memoryview(bytearray(min(CHUNK, length))), 0
        try:
            while came < length and (size := response.readinto(view[: length - came])):
                os.pwrite(descriptor, view[:size], start + came)
                came += size
        except (ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException):
            self._drop()
        return came

    def _ask(self, path: str, wanted: dict[str, str]) -> http.client.HTTPResponse | None:
        host, target, headers = self._client.signed_get(self._bucket, path, wanted)
        kept = getattr(self._own, "connection", None) or self._connect(host)
        try:
            kept.request("GET", target, headers=headers)
            return kept.getresponse()
        except (OSError, http.client.HTTPException):
            return None

    def _connect(self, host: str) -> http.client.HTTPConnection:
        if self._context is None:
            self._own.connection = http.client.HTTPConnection(host, timeout=connection.READ)
        else:
            self._own.connection = http.client.HTTPSConnection(host, timeout=connection.READ, context=self._context)
        return self._own.connection

    def _drop(self) -> None:
        """Close this thread's connection: what is left of an answer must not be taken for the next one."""
        if (kept := getattr(self._own, "connection", None)) is not None:
            kept.close()
