"""Ask an endpoint many things: so many side by side, every reply in the store before it counts, in the order asked."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from clt.endpoints.connection import Connection, check_endpoint, connect
from clt.endpoints.exchange import REFUSED, Reply, Request
from clt.endpoints.kept_replies import keep_reply, kept_replies
from clt.progress import alive
from clt.store import Store
from clt.study import Endpoint

FEWEST_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    replies: list[Reply]  # one a request, in their order
    calls: int  # different requests that were answered or refused now; the other replies were kept

    @property
    def refusal(self) -> str:
        """Why all requests were refused, of so many different ones that the fault is in what they have in common.

        Empty if one was answered, or they are few: their content may be why.
        """
        refused = all(reply.finish == REFUSED for reply in self.replies)
        return self.replies[0].text if refused and self.calls >= FEWEST_REFUSED else ""


def ask(store: Store, endpoint: Endpoint, requests: Sequence[Request], *, model: str = "") -> Asked:
    """The replies to all requests; only what the store has no reply to is asked, and the same once.

    Killed anywhere, nothing that was received is lost: the next call goes on. After an error no further request begins,
    and those under way are waited for and kept.

    Args:
        store: Where replies are kept.
        endpoint: Who is asked.
        requests: What.
        model: What replies are kept by, where the endpoint's name for it says too little: a digest of weights.

    Raises:
        EndpointError: A key is missing, or the endpoint cannot be reached, refuses or does not answer in time.
        StoreError: A reply cannot be kept.
    """
    keys = [request.key(model or endpoint.model) for request in requests]
    replies = kept_replies(store, dict.fromkeys(keys))
    missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in replies}
    if missing:
        check_endpoint(endpoint)
        replies |= asyncio.run(_ask_all(store, endpoint, missing))
    return Asked([replies[key] for key in keys], calls=len(missing))


def forget(store: Store, endpoint: Endpoint, requests: Iterable[Request]) -> None:
    """Let go of replies that are of no use to anybody, so that they are asked for again."""
    for key, manifest in store.manifests({request.key(endpoint.model) for request in requests}).items():
        store.remove(key, only=manifest)


async def _ask_all(store: Store, endpoint: Endpoint, missing: dict[str, Request]) -> dict[str, Reply]:
    replies: dict[str, Reply] = {}
    waiting = iter(missing.items())
    async with connect(endpoint) as connection:
        workers = [_work(store, connection, waiting, replies) for _ in range(min(endpoint.concurrency, len(missing)))]
        ends = await asyncio.gather(*workers, return_exceptions=True)
    if errors := [end for end in ends if end is not None]:
        raise errors[0]
    return replies


async def _work(
    store: Store, connection: Connection, waiting: Iterator[tuple[str, Request]], replies: dict[str, Reply]
) -> None:
    """Take what waits, one after the other; an error leaves nothing waiting for anybody."""
    for key, request in waiting:
        try:
            reply = await connection.send(request)
            if reply.finish != REFUSED:  # nothing was paid for it, and it may be the request's form
                await asyncio.to_thread(keep_reply, store, key, reply)
        except BaseException:
            for _ in waiting:
                pass
            raise
        replies[key] = reply
        alive()
