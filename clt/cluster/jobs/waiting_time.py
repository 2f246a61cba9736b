"""For how long a job has waited for each thing: a cause that comes and goes does not start anew each time."""

import time

from clt.cluster.jobs.pending_reason import Cause, PendingReason


class WaitingTime:
    """Seconds by cause, from the first look at a job to `begun`."""

    def __init__(self) -> None:
        self.begun()

    def begun(self) -> None:
        """The job runs: whatever it waits for later is another matter."""
        self._seconds: dict[Cause, float] = {}
        self._cause: Cause | None = None
        self._since = 0.0
        self._told: Cause | None = None

    def add(self, reason: PendingReason) -> float:
        """The seconds that the job has waited for this cause, now that it was seen to wait for it."""
        now = time.monotonic()
        if self._cause is not None:
            self._seconds[self._cause] = self._seconds.get(self._cause, 0.0) + now - self._since
        self._cause, self._since = reason.cause, now
        return self._seconds.get(reason.cause, 0.0)

    def is_news(self, reason: PendingReason) -> bool:
        """Whether people have not been told yet; what may well pass by itself is told after a minute."""
        news = reason.cause != self._told and self._seconds.get(reason.cause, 0.0) >= reason.quiet_seconds
        if news:
            self._told = reason.cause
        return news
