"""The client of one endpoint: its key, the check before the first request, one request with all its repetitions.

The `openai` package repeats what may work a moment later (time-outs, broken connections, 408, 409, 429, 5xx), waits
longer each time, and as long as Retry-After says up to two minutes. Here the whole of it gets a limit.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clt.endpoints.exchange import REFUSED, Reply, Request, read_reply
from clt.errors import EndpointError
from clt.study import Endpoint

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

KEYS_VARIABLE = "CLT_ENDPOINT_KEYS"  # a folder with a file for each key: where a cluster's Secret is mounted
RETRIES = 1000  # as many as the time allows
CONNECT_SECONDS = 15.0  # that a try may wait for the connection alone
UNREADABLE = 3  # replies in a row that are not what the protocol says
CHECK_RETRIES, CHECK_SECONDS = 2, 30.0
REFUSALS = (400, 413, 422)  # of this request; others may be answered


class Connection:
    """An open client. What it raises names the endpoint and never the key."""

    def __init__(self, endpoint: Endpoint, client: "AsyncOpenAI", key: str) -> None:
        self.endpoint, self._client, self._key = endpoint, client, key
        self._fault = ""  # the last one that was tried again

    def saw(self, status: int) -> None:
        """Note how a try went, for the message of a request that runs out of time."""
        if status >= 400:
            self._fault = f"HTTP {status}"

    async def send(self, request: Request) -> Reply:
        """The reply to a request, however often it takes within the endpoint's time.

        A request that the endpoint will not answer as it is (too long, say) has a reply with `finish` "refused".

        Raises:
            EndpointError: It cannot be reached, does not answer in time, or refuses whoever asks.
        """
        import openai

        seconds = self.endpoint.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._readable(request)
        except openai.APIStatusError as error:
            if error.status_code in REFUSALS:
                return Reply(text=self.quoted(error), finish=REFUSED, prompt_tokens=0, completion_tokens=0)
            raise EndpointError(self._refusal(error)) from None
        except (TimeoutError, openai.APIConnectionError) as error:
            last = self._fault or (
                self.quoted(error.__cause__ or error) if isinstance(error, openai.OpenAIError) else ""
            )
            raise EndpointError(
                f"{self.name}: no answer within {seconds:g} s{f' (last: {last})' if last else ''}; "
                "see whether it runs, or raise `timeout_seconds`; what was answered is kept, run again to go on"
            ) from None

    async def models(self) -> list[str] | None:
        """The names of the models that it says it has; None if it does not say."""
        import openai

        try:
            return [model.id async for model in self._client.models.list()]
        except openai.APIStatusError as error:
            if error.status_code in (401, 403):
                raise EndpointError(self._refusal(error)) from None
            return None
        except openai.APIConnectionError as error:
            raise EndpointError(
                f"{self.name}: cannot be reached ({self.quoted(error.__cause__ or error)}); start it, or mend `url`"
            ) from None
        except Exception:  # its list is whatever a server makes of it
            return None

    @property
    def name(self) -> str:
        return f"endpoint {self.endpoint.url}, model {self.endpoint.model!r}"

    def quoted(self, said: object) -> str:
        """What it said, in a line for a message and without the key, which some endpoints repeat."""
        text = str(said) if self.endpoint.key is None else str(said).replace(self._key, "***")
        line = " ".join(text.split())
        return line if len(line) <= 300 else line[:297] + "..."

    async def _readable(self, request: Request) -> Reply:
        body = {"model": self.endpoint.model, **request.body}
        for _ in range(UNREADABLE):
            content: str = await self._client.post(f"/{request.path}", cast_to=str, body=body)
            if (reply := read_reply(content)) is not None:
                return reply
        raise EndpointError(
            f"{self.name}: {UNREADABLE} replies in a row were not a JSON object with `choices`, the last one "
            f"{self.quoted(content)!r}; expected an endpoint that speaks OpenAI's protocol at {request.path}"
        )

    def _refusal(self, error: "APIStatusError") -> str:
        advice = {
            401: "give the right key by the variable that `key` names",
            403: "the key has no right to this model",
            404: "mend `url` (it ends in /v1) or `model`",
            429: "it asks to wait too long, or its quota is used up",
        }.get(error.status_code, "see the endpoint's log")
        said = self.quoted(error)
        return f"{self.name}: HTTP {error.status_code}: {said}; {advice}; what was answered is kept, run again to go on"


@asynccontextmanager
async def connect(
    endpoint: Endpoint, *, retries: int = RETRIES, seconds: float | None = None
) -> AsyncIterator[Connection]:
    """A client of the endpoint; EndpointError if its key is missing.

    Args:
        endpoint: Which.
        retries: Of what may work a moment later.
        seconds: That one try may take; by default all that the request may: no slow reply is asked for twice.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    key = _key(endpoint)

    async def saw(response: Any) -> None:
        connection.saw(response.status_code)

    longest = seconds or endpoint.timeout_seconds
    timeout = Timeout(longest, connect=min(CONNECT_SECONDS, longest))
    # a proxy that the environment names knows nothing of this machine's own ports
    outside = urlsplit(endpoint.url).hostname not in ("localhost", "127.0.0.1", "::1")
    transport = DefaultAsyncHttpxClient(event_hooks={"response": [saw]}, timeout=timeout, trust_env=outside)
    async with AsyncOpenAI(
        base_url=endpoint.url, api_key=key, max_retries=retries, timeout=timeout, http_client=transport
    ) as client:
        connection = Connection(endpoint, client, key)
        yield connection


@cache  # once a process; an error is not remembered
def check_endpoint(endpoint: Endpoint) -> None:
    """See that the key is there, the endpoint answers and has the model, before anything is asked.

    Raises:
        EndpointError: What is missing.
    """
    asyncio.run(_check(endpoint))


async def _check(endpoint: Endpoint) -> None:
    async with connect(endpoint, retries=CHECK_RETRIES, seconds=min(CHECK_SECONDS, endpoint.timeout_seconds)) as found:
        models = await found.models()
    # Some answer to names that they do not list, so only a list of names that are all others is a reason to refuse.
    if models and not any(model.rpartition("/")[2] == endpoint.model.rpartition("/")[2] for model in models):
        shown = found.quoted(", ".join(models[:8])) + (f" and {len(models) - 8} more" if len(models) > 8 else "")
        raise EndpointError(f"endpoint {endpoint.url}: has no model {endpoint.model!r}, expected one of {shown}")


def _key(endpoint: Endpoint) -> str:
    if endpoint.key is None:
        return "none"  # the client sends one in any case
    if folder := os.environ.get(KEYS_VARIABLE):
        path = Path(folder) / endpoint.key
        key = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
        place = f"the Secret with the endpoints' keys has no entry {endpoint.key}; add it there"
    else:
        key = os.environ.get(endpoint.key, "").strip()
        place = f"the environment variable {endpoint.key} is not set; set it to the key"
    if not key:
        raise EndpointError(f"endpoint {endpoint.url}: `key` is {endpoint.key}, and {place}, or take `key` away")
    return key
