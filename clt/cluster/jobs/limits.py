"""How long a job may wait, be silent and run. Nothing here waits for ever for somebody who may be down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from clt.cluster.jobs.cluster import Object
from clt.cluster.jobs.failure import Failure
from clt.cluster.jobs.job_progress import JobProgress
from clt.cluster.jobs.launcher_metrics import LauncherMetrics
from clt.cluster.jobs.pending_reason import PendingReason
from clt.cluster.jobs.waiting_time import WaitingTime
from clt.study import Resources


class GivenUp(Exception):
    """A limit is passed: the job has to be ended."""

    def __init__(self, text: str, *, retry: bool = False) -> None:
        super().__init__(text)
        self.failure = Failure(text=text, error=None, retry=retry)


class Limits:
    """The limits of one job. Each method raises GivenUp once its limit is passed."""

    def __init__(
        self, resources: Resources, progress: JobProgress, say: Callable[[str], object], metrics: LauncherMetrics
    ) -> None:
        self._resources, self._progress, self._say, self._metrics = resources, progress, say, metrics
        self._waiting = WaitingTime()
        self._is_running = False

    def waits(self, reason: PendingReason) -> None:
        """The job was seen to wait for this."""
        self._is_running = False
        waited = self._waiting.add(reason)
        self._metrics.waits(reason.cause, waited)
        if self._waiting.is_news(reason):
            self._say(str(reason))
        if waited > reason.timeout_seconds(self._resources):
            raise GivenUp(
                f"given up after {waited / 60:.0f} minutes: {reason}; {reason.advice()} "
                "(resources.timeouts says how long a job may wait)"
            )

    def runs(self) -> None:
        """All of the job's pods were seen to run: it has to show that something goes on in them."""
        if not self._is_running:
            self._is_running = True
            self._waiting.begun()
            self._progress.begin()
        silent, limit = self._progress.silent_seconds, self._resources.timeouts.progress_minutes * 60
        self._metrics.runs(silent)
        if silent > limit:
            known = self._progress.has_given_signs
            raise GivenUp(
                f"no sign of life for {silent / 60:.0f} minutes; the last one: {self._progress.last_sign}. "
                + ("It hung" if known else "No step of ours seems to run in its pods: is it the right image?")
                + " (resources.timeouts.progress_minutes says how long a job may be silent)",
                retry=known,  # a pod that never worked would hold its accelerators again as long, for nothing
            )

    def require_time(self, job: Object) -> None:
        """The deadline: the operator acts on it only when something else about the job changes."""
        hours = self._resources.deadline_hours
        started = (job.get("status") or {}).get("startTime")
        if hours is None or started is None:
            return
        if datetime.now(UTC) - datetime.fromisoformat(started) > timedelta(hours=hours):
            raise GivenUp(deadline_passed(hours))


def deadline_passed(hours: float) -> str:
    """For the user: the launcher says it or, where the operator was quicker, the job's condition."""
    return (
        f"ran longer than resources.deadline_hours = {hours:g}; its checkpoints stay: "
        "raise the deadline and run again to resume"
    )
