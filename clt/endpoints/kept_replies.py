"""Replies in the store, by the content of what was asked: who asks the same again, now or after a kill, reads them."""

from collections.abc import Iterable

from clt.endpoints.exchange import Reply
from clt.store import Store


def keep_reply(store: Store, key: str, reply: Reply) -> None:
    """Put a reply into the store; it is there when this returns."""
    with store.writer(key) as attempt:
        reply.write(attempt)


def kept_replies(store: Store, keys: Iterable[str]) -> dict[str, Reply]:
    """The replies that the store has, by key; a damaged one counts as missing."""
    return {key: Reply.of(manifest) for key, manifest in store.manifests(keys).items() if manifest.pruned is None}
