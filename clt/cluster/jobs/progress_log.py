"""How far a job is, from the notes that it leaves in the store: read beside the launcher's own work.

In a thread of its own, because a store that is away keeps its readers waiting for minutes, and a launcher must not miss
meanwhile that its job has ended.
"""

import threading
from collections.abc import Callable

from clt.errors import StoreError
from clt.store import Store

PAUSE = 30.0  # seconds between two looks


class ProgressLines:
    """Tells step, loss and speed whenever they have changed, from `start` to `stop`."""

    def __init__(self, store: Store, output_key: str, pod: str, tell: Callable[[str], object]) -> None:
        self._store, self._key, self._pod, self._tell = store, output_key, pod, tell
        self._told = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"progress of {pod}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End soon; what hangs on the store is not waited for."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                facts = self._store.state(self._key).facts
            except StoreError:
                continue  # the job itself will say so, if it lasts
            if "step" not in facts or facts.get("host") != self._pod:  # nothing yet, or a note of the job before
                continue
            text = "step {step} of {steps}, loss {loss:.4f}, {tokens_per_second:,.0f} tokens/s".format(**facts)
            if text != self._told and not self._ended.is_set():
                self._told = text
                self._tell(text)
