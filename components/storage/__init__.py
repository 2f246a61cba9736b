"""Where every step's output lives: complete with checksums, or invisible. A local folder or a bucket.

    store = open_store("runs/demo")
    with store.writer("mixtures/ab12") as attempt:
        (attempt.path / "train.jsonl").write_text(rows)
        attempt.metadata["rows"] = 300
    folder = store.fetch("mixtures/ab12")

`Store` is the interface; a new kind of store is a class with these methods and a line in `opening`.
"""

from components.storage.manifest import FileFacts, Manifest
from components.storage.opening import open_store
from components.storage.store import Attempt, Note, State, Store

__all__ = ["Attempt", "FileFacts", "Manifest", "Note", "State", "Store", "open_store"]
