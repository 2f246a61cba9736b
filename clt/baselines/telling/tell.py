"""Tell webhooks of the changes that they have not been told of.

What was delivered is marked in the store, once a change and webhook. Between delivery and mark a process can be killed:
the next verdict tells it again then, under the same id. So a receiver gets every change at least once, and hardly ever
twice.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from clt.baselines.artifacts import place
from clt.baselines.document import Change, Series, Verdict, Word
from clt.baselines.reading import changes_of
from clt.baselines.telling.delivery import deliver
from clt.baselines.telling.message import body, compose
from clt.baselines.telling.secret import address, key
from clt.errors import UserError
from clt.hashing import digest
from clt.store import Metadata, Store
from clt.study import Webhook


class Told(Metadata):
    """A change that a webhook has been told of, at `baselines/NAME/told/HASH`; when, the manifest says."""

    webhook: str  # the name of the variable with its address
    change: str  # its id
    message: str  # the id of the message


def tell(store: Store, verdict: Verdict, webhooks: Sequence[Webhook], *, link: str = "") -> list[str]:
    """Send every open change that regressed or improved to the webhooks that do not know of it.

    What was found in one run goes into one message. A webhook that does not take it within a minute is told by the next
    verdict; what else is the matter with it is said as well, never raised.

    Args:
        store: Where it is marked who was told of what.
        verdict: The baseline's.
        webhooks: Those of its study.
        link: Where people can read more, if anywhere.

    Returns:
        A line for each message: who was told of what, or why not.

    Raises:
        StoreError: What was told cannot be read or marked.
    """
    moved = _moved(verdict)
    if not moved or not webhooks:
        return []
    with store.lock(f"telling-{verdict.baseline}", wait=True):  # two runs that end together tell it once
        return [line for webhook in webhooks for line in _tell(store, verdict, webhook, moved, link)]


def _moved(verdict: Verdict) -> list[tuple[Change, Series]]:
    """Open changes, those that were found first in front."""
    numbers = {run.id: run.number for run in verdict.runs}
    moved = [
        (change, each)
        for each in verdict.series
        if each.word in (Word.REGRESSED, Word.IMPROVED)
        for change in changes_of(each)
    ]
    return sorted(moved, key=lambda pair: numbers.get(pair[0].found, 0))


def _tell(
    store: Store, verdict: Verdict, webhook: Webhook, moved: Sequence[tuple[Change, Series]], link: str
) -> Iterator[str]:
    keys = {change.id: _key(verdict, webhook, change) for change, _ in moved}
    told = store.manifests(keys.values())
    news = [(change, series) for change, series in moved if keys[change.id] not in told]
    if not news:
        yield f"{webhook.url_from}: was told before of all that moved"
    for found, group in groupby(news, key=lambda pair: pair[0].found):
        moves = list(group)
        message = compose(verdict, moves, link)
        what = f"{', '.join(each.comparison.name for _, each in moves)} (found at {found})"
        if fault := _send(webhook, body(message, webhook.format)):
            yield f"{webhook.url_from}: not told of {what}: {fault}; the next verdict tells it"
            return  # the rest would wait for the same
        for change, _ in moves:
            with store.writer(keys[change.id]) as attempt:
                Told(webhook=webhook.url_from, change=change.id, message=message.id).write(attempt)
        yield f"{webhook.url_from}: told of {what}"


def _send(webhook: Webhook, content: bytes) -> str:
    """Empty once it is delivered, else why not."""
    try:
        return deliver(address(webhook), content, key(webhook))
    except UserError as error:
        return str(error)


def _key(verdict: Verdict, webhook: Webhook, change: Change) -> str:
    return place(verdict.baseline, "told", digest({"webhook": webhook.url_from, "change": change.id}))
