"""One request to a webhook: repeated for a minute, signed, never redirected, and nothing secret in what is said of it.

A receiver checks a signature thus: HMAC-SHA256, with the shared key, of the header X-CLT-Timestamp, a full stop and the
body's bytes, in hexadecimal, is what follows `sha256=` in the header X-CLT-Signature; and the timestamp (seconds since
1970) is of the last minutes, or a request that somebody has recorded would be taken twice.
"""

import hashlib
import hmac
import logging
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

SIGNATURE, TIMESTAMP = "X-CLT-Signature", "X-CLT-Timestamp"
SECONDS = 60.0  # for a message, all repetitions and pauses included
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 10.0  # of a try
SHORTEST_TRY, GRACE = 0.1, 0.5  # seconds, when the limit is near
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 16.0  # seconds between tries, where the receiver says none
LATER = (408, 425, 429, 500, 502, 503, 504)  # statuses that may be others a moment later
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class _Try:
    """How one request went."""

    fault: str  # empty: it was taken
    again: bool = False  # may be taken a moment later
    wait: float | None = None  # seconds, as the receiver asks


def deliver(url: str, body: bytes, key: bytes | None) -> str:
    """Post JSON until it is taken (a status of 2xx), at most for a minute.

    Returns:
        Empty once it is taken; else why it was not, without the address, the key and what the receiver wrote, which
        may repeat either.
    """
    end, answer = time.monotonic() + SECONDS, list[str]()
    # a thread, because limits of sockets begin anew with every byte: one that sends them slowly is left to itself
    worker = threading.Thread(target=lambda: answer.append(_repeat(url, body, key, end)), daemon=True)
    worker.start()
    worker.join(SECONDS + GRACE)
    return answer[0] if answer else f"no whole answer within {SECONDS:g} s"


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """The header's value for a body that is sent at this time."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _repeat(url: str, body: bytes, key: bytes | None, end: float) -> str:
    pause = FIRST_PAUSE
    with _unlogged():
        while True:
            done = _post(url, body, key, end - time.monotonic())
            if not done.again:
                return done.fault
            wait = pause * random.uniform(0.5, 1) if done.wait is None else max(done.wait, FIRST_PAUSE)
            if time.monotonic() + wait >= end:
                return f"{done.fault}, and it asks to wait longer" if done.wait else f"{done.fault}, for {SECONDS:g} s"
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def _post(url: str, body: bytes, key: bytes | None, left: float) -> _Try:
    import requests

    timestamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", "User-Agent": "clt", TIMESTAMP: timestamp}
    if key is not None:
        headers[SIGNATURE] = signature(key, timestamp, body)
    connect, answer = (max(min(limit, left), SHORTEST_TRY) for limit in (CONNECT_SECONDS, ANSWER_SECONDS))
    with requests.Session() as session:
        session.auth = _as_it_is
        session.trust_env = urlsplit(url).hostname not in LOCAL  # proxies know nothing of this machine's own ports
        try:
            # what is answered beside the status is of no use and may have no end, so it is not read
            with session.post(
                url, data=body, headers=headers, timeout=(connect, answer), allow_redirects=False, stream=True
            ) as found:
                return _judge(found.status_code, found.headers)
        except requests.exceptions.SSLError:
            return _Try("its certificate cannot be verified")
        except requests.exceptions.ProxyError:
            return _Try("the proxy does not let it through", again=True)
        except requests.exceptions.ConnectTimeout:
            return _Try(f"cannot be reached within {connect:.3g} s", again=True)
        except requests.exceptions.Timeout:
            return _Try(f"no answer within {answer:.3g} s", again=True)
        except requests.exceptions.ConnectionError:
            return _Try("cannot be reached, or ends the connection", again=True)
        except (requests.exceptions.RequestException, ValueError):
            return _Try("no request can be made of its address")


def _judge(status: int, headers: Mapping[str, str]) -> _Try:
    if 200 <= status < 300:
        return _Try("")
    if 300 <= status < 400:
        return _Try(f"HTTP {status}: it redirects, which is not followed; give the address that it redirects to")
    fault = f"HTTP {status} {responses.get(status, '')}".strip()
    return _Try(fault, again=status in LATER, wait=_retry_after(headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or a date; None where there is neither."""
    from urllib3 import Retry
    from urllib3.exceptions import InvalidHeader

    try:
        return Retry().parse_retry_after(headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return None


def _as_it_is(request: Any) -> Any:
    """In place of the authorization that `requests` would take from ~/.netrc."""
    return request


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the HTTP library's own records of this thread, which name the address, from everybody's log."""
    thread = threading.get_ident()

    def is_not_ours(record: logging.LogRecord) -> bool:
        return record.thread != thread

    loggers = [logging.getLogger(f"urllib3.{name}") for name in ("connectionpool", "connection", "util.retry")]
    for logger in loggers:
        logger.addFilter(is_not_ours)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(is_not_ours)
