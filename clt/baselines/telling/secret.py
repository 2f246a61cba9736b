"""The address of a webhook and the key that signs: from the environment, or from a cluster's Secret. Never shown."""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from clt.errors import UserError
from clt.study import Webhook

SECRETS_VARIABLE = "CLT_WEBHOOK_SECRETS"  # a folder with a file for each entry: where a cluster's Secret is mounted


def webhook_faults(webhooks: Iterable[Webhook]) -> list[str]:
    """What is wrong with their addresses and keys, a line each, before anybody has to be told of anything."""
    found = []
    for webhook in webhooks:
        for read in (address, key):
            try:
                read(webhook)
            except UserError as error:
                found.append(f"{webhook.url_from}: {error}")
    return found


def address(webhook: Webhook) -> str:
    """Where its requests go. UserError if it is missing or no address; the message does not show it."""
    text = _read(webhook.url_from, "the address")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UserError(f"{webhook.url_from} holds no address, expected one that begins with https:// or http://")
    if parts.username is not None:
        raise UserError(
            f"{webhook.url_from} has a user or a password before its host, expected none: receivers know us by "
            "`sign_with`, or by a secret in the path"
        )
    return text


def key(webhook: Webhook) -> bytes | None:
    """What its requests are signed with, None if they are not. UserError if it is missing."""
    return None if webhook.sign_with is None else _read(webhook.sign_with, "the key").encode()


def _read(name: str, what: str) -> str:
    if folder := os.environ.get(SECRETS_VARIABLE):
        path = Path(folder) / name
        text = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
        place = f"the Secret of the webhooks has no entry {name}; add it there"
    else:
        text = os.environ.get(name, "").strip()
        place = f"the environment variable {name} is not set; set it to {what}"
    if not text:
        raise UserError(place)
    if not text.isprintable():
        raise UserError(f"{name} holds several lines or control characters, expected {what} alone")
    return text
