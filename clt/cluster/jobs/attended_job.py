"""One PyTorchJob, from its creation or adoption to its end.

It has succeeded if its condition says so and the store has its complete output; nothing else counts.
"""

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from types import FrameType

from clt.cluster.jobs.adoption import require_ours, require_same
from clt.cluster.jobs.cluster import PLURAL, Cluster, Conflict, Missing, Object, Refused, Unanswered
from clt.cluster.jobs.conditions import has, is_finished, message
from clt.cluster.jobs.failure import Failure, describe_failure
from clt.cluster.jobs.job_log import JobLog
from clt.cluster.jobs.job_progress import JobProgress
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.launcher_metrics import LauncherMetrics
from clt.cluster.jobs.lease import Lease
from clt.cluster.jobs.limits import GivenUp, Limits, deadline_passed
from clt.cluster.jobs.log_stream import LogStream
from clt.cluster.jobs.pending_reason import QUOTA, PendingReason, being_deleted, pending_reason, wanted_pods
from clt.store import Store, Unreachable
from clt.study import StudyRecord

TICK = 10.0  # seconds of one watch, after which pods, events and the store are looked at anyway


class AttendedJob:
    """A job that is followed to its end by a launcher, beside others perhaps: the Lease says whose it is."""

    def __init__(
        self,
        spec: JobSpec,
        record: StudyRecord,
        cluster: Cluster,
        store: Store,
        lease: Lease,
        body: Object,
        metrics: LauncherMetrics,
    ) -> None:
        self._spec, self._record, self._store = spec, record, store
        self._cluster, self._lease, self._body = cluster, lease, body
        self._logger = logging.getLogger("clt.launcher")
        self._facts = {"study": spec.study_key, "cell": spec.cell_key, "kind": spec.kind, "run": spec.run}
        self.name: str = body["metadata"]["name"]
        self._uid = ""  # of the job, once it is known to be ours
        self._output = spec.output_key(record)
        self._progress = JobProgress(store, spec.progress_key(store, record), self._master, self.say, metrics)
        self._limits = Limits(record.study.resources, self._progress, self.say, metrics)
        self._log = JobLog(self._progress)
        self._stream: LogStream | None = None

    def complete(self) -> Failure | None:
        """Wait for the job's end; None is success. The job is gone afterwards, if it was ours."""
        try:
            failure = self._failure(self._follow())
        except GivenUp as given_up:
            failure = None if self._is_complete() else given_up.failure
        finally:
            self._progress.stop()
            if self._stream is not None:
                self._stream.stop()
        if self._uid and self._lease.held:
            self._keep_log(failure)
        self._remove(whoever_has_it=failure is None)
        return failure

    @contextmanager
    def ended_by_sigterm(self) -> Iterator[None]:
        """While the block runs, SIGTERM deletes the job by one call and ends the process.

        In a KFP pod it has a third of a second after SIGTERM: there is no time for more.
        """
        own = self._cluster.another()

        def stop(number: int, frame: FrameType | None) -> None:
            if self._lease.held and self._uid:
                own.delete_once(PLURAL, self.name, self._uid)
            os._exit(128 + number)

        before = signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def say(self, text: str) -> None:
        """In the launcher's own log."""
        self._logger.info(f"{self.name}: {text}", extra=self._facts)

    def _follow(self) -> Object | None:
        """The finished job; None if somebody deleted it meanwhile. GivenUp when it takes too long."""
        claimed = False
        while True:
            mine = self._lease.take()
            job = self._cluster.get(PLURAL, self.name)
            if job is None:
                if self._uid or self._is_complete():
                    return None
                job = self._create() if mine else None
            if job is None or "deletionTimestamp" in job["metadata"]:
                if job is not None:
                    self._limits.waits(being_deleted(job))
                time.sleep(1)
                continue
            if job["metadata"]["uid"] != self._uid:
                require_ours(job)
                self._uid, claimed = job["metadata"]["uid"], False
                if not mine:
                    self.say("another launcher has it; waiting with it")
            if mine and not claimed:
                require_same(job, self._body)
                self._claim(job)
            claimed = mine
            version = job["metadata"]["resourceVersion"]
            for state in chain([job], self._cluster.watch(PLURAL, self.name, version, TICK)):
                if not state or is_finished(state):
                    return state or None
                self._look(state)

    def _create(self) -> Object | None:
        """The new job; None if another one took the name, or it cannot be made yet."""
        try:
            job = self._cluster.create(PLURAL, self._body)
        except Conflict:
            return None
        except Refused as refusal:
            if QUOTA not in str(refusal):
                raise
            self._limits.waits(PendingReason(cause="quota", text=str(refusal)))
            return None
        except Unanswered as silence:
            self._limits.waits(PendingReason(cause="operator", text=f"nothing can be made: {silence}"))
            return None
        self.say("created")
        return job

    def _claim(self, job: Object) -> None:
        """Make the job this run's: its labels say so, and the Lease goes with it."""
        self._lease.bind(job)
        labels = self._body["metadata"]["labels"]
        if labels.items() - job["metadata"]["labels"].items():
            with suppress(Missing, Unanswered):  # deleted this moment, or no operator: the next look tells
                self._cluster.merge(PLURAL, self.name, {"metadata": {"labels": labels}})
            self.say("adopted")

    def _look(self, job: Object) -> None:
        """Show what the job waits for, or its log and progress. GivenUp when that takes too long."""
        self._limits.require_time(job)
        pods = self._pods(job)
        if len(pods) < wanted_pods(job) or not all(_has_started(pod) for pod in pods):
            self._limits.waits(pending_reason(job, pods, self._events(job, pods)))
            return
        self._limits.runs()
        if self._stream is None:
            self._stream = self._started_stream()
            self._progress.start()

    def _started_stream(self) -> LogStream:
        stream = LogStream(self._cluster, self._master, self._log.write)
        stream.start()
        return stream

    def _failure(self, job: Object | None) -> Failure | None:
        if job is not None and has(job, "Failed"):
            if (hours := self._record.study.resources.deadline_hours) and "deadline" in message(job, "Failed"):
                return Failure(text=deadline_passed(hours), error=None, retry=False)
            pods = self._pods(job)
            return describe_failure(self._cluster, job, pods, self._events(job, pods))
        if self._is_complete():
            return None
        if job is None:
            # Ours, it was deleted on purpose, as by `clt cleanup`; another launcher's goes when that one is ended.
            text = "the job was deleted while it ran, by somebody else; run again to resume from its last state"
            return Failure(text=text, error=None, retry=not self._lease.held)
        text = f"the job succeeded, but {self._output} is not complete in the store {self._store.uri}"
        return Failure(text=text, error=None, retry=False)

    def _is_complete(self) -> bool:
        return self._spec.is_complete(self._store, self._record)

    def _keep_log(self, failure: Failure | None) -> None:
        """Put the log beside what the job makes, unless the job itself has waited for the store in vain."""
        if failure is not None and isinstance(failure.error, Unreachable):
            return
        if self._stream is None:  # it failed before it was seen to run
            self._started_stream().stop()
        if problem := self._log.keep(self._store, self._output, self.name, failure):
            self.say(problem)

    def _remove(self, *, whoever_has_it: bool = False) -> None:
        """Delete the job. One that another launcher has is left to it, unless it is done."""
        if self._uid and (self._lease.held or whoever_has_it):
            if self._lease.held:
                self._lease.bind(None)  # or it would go with the job, and we may not be done
            self._cluster.delete(PLURAL, self.name, self._uid)

    @property
    def _master(self) -> str:
        return f"{self.name}-master-0"

    def _pods(self, job: Object) -> list[Object]:
        """The job's own: pods of a job of the same name that was deleted may still be on their way out."""
        pods = self._cluster.list("pods", labels=f"training.kubeflow.org/job-name={self.name}")
        uid = job["metadata"]["uid"]
        return [pod for pod in pods if any(owner["uid"] == uid for owner in pod["metadata"].get("ownerReferences", []))]

    def _events(self, job: Object, pods: list[Object]) -> list[Object]:
        """Of the job and its pods, by time."""
        uids = [thing["metadata"]["uid"] for thing in (job, *pods)]
        events = [event for uid in uids for event in self._cluster.list("events", fields=f"involvedObject.uid={uid}")]
        return sorted(events, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")


def _has_started(pod: Object) -> bool:
    return pod["status"].get("phase") in ("Running", "Succeeded", "Failed")
