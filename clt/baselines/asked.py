"""What the items of a run ask, and a digest that says whether two runs asked the same."""

import hashlib
import json
from typing import Any

from clt.store import ArtifactFile, Store
from clt.study import StudyRecord

CONTENT_DIGITS = 16  # of an item's digest


def asked_items(store: Store, record: StudyRecord, task: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(language, item) -> its prompt, what counts as right, and what else it has."""
    with (store.fetch(record.items_key(task)) / ArtifactFile.ITEMS).open(encoding="utf-8") as file:
        return {(row["language"], row["id"]): row for row in map(json.loads, file)}


def content_of(item: dict[str, Any]) -> str:
    """A digest of all that an item is."""
    text = json.dumps(item, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:CONTENT_DIGITS]
