"""How far a job is and when it last gave a sign of life, from the notes that it leaves in the store.

In a thread of its own, because a store that is away keeps its readers waiting for minutes, and a launcher must not miss
meanwhile that its job has ended. What could not be asked counts as no silence.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from clt.cluster.jobs.launcher_metrics import LauncherMetrics
from clt.errors import StoreError
from clt.store import Store

PAUSE = 30.0  # seconds between two looks
_STEP = "step {step} of {steps}, loss {loss:.4f}, {tokens_per_second:,.0f} tokens/s"


class JobProgress:
    """Tells step, loss and speed when they have changed, and for how long the job has been silent."""

    def __init__(
        self, store: Store, key: str, pod: str, tell: Callable[[str], object], metrics: LauncherMetrics
    ) -> None:
        self._store, self._key, self._pod, self._tell, self._metrics = store, key, pod, tell, metrics
        self._facts: Mapping[str, Any] = {}
        self._told = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"progress of {pod}", daemon=True)
        self.has_given_signs = False
        self.begin()

    def begin(self) -> None:
        """The job's pods run from now on, as far as one can see."""
        self._asked = self._sign_at = time.monotonic()
        self._sign = f"none, since its pods run ({_now()})"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End soon; what hangs on the store is not waited for."""
        self._ended.set()

    def sign_of_life(self, what: str) -> None:
        """The job has shown that it goes on, here or elsewhere."""
        self._sign_at, self._sign = time.monotonic(), f"{what} at {_now()}"
        self.has_given_signs = True

    @property
    def silent_seconds(self) -> float:
        """From the last sign to the last look at the store that was answered."""
        return max(0.0, self._asked - self._sign_at)

    @property
    def last_sign(self) -> str:
        return self._sign

    def look(self) -> None:
        """Read the job's note, and tell what is new in it."""
        try:
            facts = self._store.state(self._key).facts
        except StoreError:
            return  # the job itself will say so, if it lasts
        if facts.get("host") == self._pod and facts != self._facts:  # not a note of the job before
            self._facts = facts
            self.sign_of_life(_described(facts))
            self._metrics.notes(facts)
            self._tell_step(facts)
        self._asked = time.monotonic()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            self.look()

    def _tell_step(self, facts: Mapping[str, Any]) -> None:
        text = _STEP.format(**facts) if "step" in facts else ""
        if text != self._told and not self._ended.is_set():
            self._told = text
            self._tell(text)


def _described(facts: Mapping[str, Any]) -> str:
    shown = {name: facts[name] for name in ("phase", "step", "signs") if name in facts}
    return ", ".join(f"{name} {value}" for name, value in shown.items()) or "its first note"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
