"""The launcher: makes a job's PyTorchJob, or adopts the one that is there, and stays with it until it has ended.

A job has succeeded if its condition says so and the store has its complete output; nothing else counts. A job that the
cluster lost is started again, by a number of its own; a user's error is not.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import FrameType

from clt.cluster.jobs.adoption import require_ours, standing_attempt
from clt.cluster.jobs.cluster import PLURAL, Cluster, Conflict, Missing, Object, Refused
from clt.cluster.jobs.conditions import has, is_finished
from clt.cluster.jobs.failure import Failure, describe_failure
from clt.cluster.jobs.installation import Installation
from clt.cluster.jobs.job_spec import JobSpec
from clt.cluster.jobs.lease import Lease
from clt.cluster.jobs.log_stream import LogStream
from clt.cluster.jobs.naming import job_name, labels, lease_of
from clt.cluster.jobs.pending_reason import QUOTA, PendingReason, pending_reason, wanted_pods
from clt.cluster.jobs.progress_log import ProgressLines
from clt.cluster.jobs.pytorch_job import pytorch_job
from clt.errors import CellFailure
from clt.store import Store, open_store
from clt.study import StudyRecord

TICK = 10.0  # seconds of one watch, after which pods, events and the store are looked at anyway


def launch(spec: JobSpec, record: StudyRecord, installation: Installation, cluster: Cluster) -> None:
    """Return when the job's output is complete in the store.

    Raises CellFailure with the job's own error, or with conditions, events and log lines; UserError for missing rights
    or a cluster that does not answer. SIGTERM deletes the job and ends the process.
    """
    store = open_store(spec.store)
    lease = Lease(cluster, lease_of(job_name(spec, record, 1)), labels(spec))
    try:
        attempt = first = standing_attempt(cluster, spec, record)
        while True:
            job = _Job(spec, record, cluster, store, lease, pytorch_job(spec, record, installation, attempt))
            with job.ended_by_sigterm():
                failure = job.complete()
            if failure is None or not failure.retry or attempt - first >= record.study.resources.restarts:
                lease.release()
                break
            _say(f"{job.name}: lost: {failure.text}\nstarted again, from its last checkpoint")
            attempt += 1
    finally:
        lease.abandon()  # after an error: it goes with its job, or else the next launcher or the reaper finds it stale
    if failure is not None:
        raise failure.error or CellFailure(f"{spec.cell_key}: {spec.kind} failed (job {job.name}): {failure.text}")


class _Job:
    """One PyTorchJob, from its creation or adoption to its end."""

    def __init__(
        self, spec: JobSpec, record: StudyRecord, cluster: Cluster, store: Store, lease: Lease, body: Object
    ) -> None:
        self._spec, self._record, self._store = spec, record, store
        self._cluster, self._lease, self._body = cluster, lease, body
        self.name: str = body["metadata"]["name"]
        self._uid = ""  # of the job, once it is known to be ours
        self._output = spec.output_key(record)
        self._log: LogStream | None = None
        self._pending: tuple[PendingReason, float] | None = None
        self._progress = ProgressLines(store, self._output, self._master, lambda text: _say(f"{self.name}: {text}"))

    def complete(self) -> Failure | None:
        """Wait for the job's end; None is success. The job is gone afterwards, if it was ours."""
        try:
            ended = self._follow()
        finally:
            self._progress.stop()
            if self._log is not None:
                self._log.stop()
        failure = self._failure(ended)
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

    def _follow(self) -> Object | None:
        """The finished job; None if somebody deleted it meanwhile."""
        claimed = False
        while True:
            mine = self._lease.take()
            job = self._cluster.get(PLURAL, self.name)
            if job is None:
                if self._uid or self._is_complete():
                    return None
                job = self._create() if mine else None
            if job is None or "deletionTimestamp" in job["metadata"]:
                time.sleep(1)
                continue
            if job["metadata"]["uid"] != self._uid:
                require_ours(job, self._body)
                self._uid, claimed = job["metadata"]["uid"], False
                if not mine:
                    _say(f"{self.name}: another launcher has it; waiting with it")
            if mine and not claimed:
                self._claim(job)
            claimed = mine
            version = job["metadata"]["resourceVersion"]
            for state in chain([job], self._cluster.watch(PLURAL, self.name, version, TICK)):
                if not state or is_finished(state):
                    return state or None
                self._look(state)

    def _create(self) -> Object | None:
        """The new job; None if another one took the name, or there is no quota for it yet."""
        try:
            job = self._cluster.create(PLURAL, self._body)
        except Conflict:
            return None
        except Refused as refusal:
            if QUOTA not in str(refusal):
                raise
            self._wait(PendingReason(cause="quota", text=str(refusal)))
            return None
        _say(f"{self.name}: created")
        return job

    def _claim(self, job: Object) -> None:
        """Make the job this run's: its labels say so, and the Lease goes with it."""
        self._lease.bind(job)
        labels = self._body["metadata"]["labels"]
        if labels.items() - job["metadata"]["labels"].items():
            with suppress(Missing):  # deleted this moment: the next look tells
                self._cluster.merge(PLURAL, self.name, {"metadata": {"labels": labels}})
            _say(f"{self.name}: adopted")

    def _look(self, job: Object) -> None:
        """Show what the job waits for, or its log and progress. CellFailure when it has waited for too long."""
        self._require_time(job)
        pods = self._pods(job)
        runs = len(pods) == wanted_pods(job) and all(_has_started(pod) for pod in pods)
        reason = None if runs else pending_reason(job, pods, self._events(job, pods))
        if reason is not None:
            self._wait(reason)
            return
        self._pending = None
        if self._log is None and any(_has_started(pod) for pod in pods if pod["metadata"]["name"] == self._master):
            self._log = LogStream(self._cluster, self._master, sys.stdout.write)
            self._log.start()
            self._progress.start()

    def _require_time(self, job: Object) -> None:
        """CellFailure past the deadline: the operator acts on it only when something else about the job changes."""
        deadline = self._body["spec"]["runPolicy"].get("activeDeadlineSeconds")
        started = (job.get("status") or {}).get("startTime")
        if deadline is None or started is None:
            return
        if datetime.now(UTC) - datetime.fromisoformat(started) > timedelta(seconds=deadline):
            self._remove()
            self._lease.release()
            raise CellFailure(
                f"{self.name}: ran longer than resources.deadline_hours = {deadline / 3600:g}; its checkpoints stay: "
                "raise the deadline and run again to resume"
            )

    def _wait(self, reason: PendingReason) -> None:
        now = time.monotonic()
        if self._pending is None or self._pending[0].cause != reason.cause:
            self._pending = (reason, now)
            _say(f"{self.name}: {reason}")
        waited = now - self._pending[1]
        if waited > reason.timeout_seconds(self._record.study.resources):
            self._remove()
            self._lease.release()
            raise CellFailure(
                f"{self.name}: given up after {waited / 60:.0f} minutes: {reason}; {reason.advice()} "
                "(resources.timeouts says how long a job may wait)"
            )

    def _failure(self, job: Object | None) -> Failure | None:
        if job is not None and has(job, "Failed"):
            pods = self._pods(job)
            return describe_failure(self._cluster, job, pods, self._events(job, pods))
        if self._is_complete():
            return None
        if job is None:
            # Ours, it was deleted on purpose, as by `clt cleanup`; another launcher's goes when that one is ended.
            text = "the job was deleted while it ran, by somebody else; run again to resume from its last checkpoint"
            return Failure(text=text, error=None, retry=not self._lease.held)
        text = f"the job succeeded, but {self._output} is not complete in the store {self._store.uri}"
        return Failure(text=text, error=None, retry=False)

    def _is_complete(self) -> bool:
        return self._spec.is_complete(self._store, self._record)

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


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)
