"""A Lease for each cell's training or evaluation: a launcher that lives renews it, and a stale one's job is nobody's.

A signal handler cannot promise as much: a launcher that was killed leaves a job that holds accelerators, and the reaper
(`orphaned_jobs`) or the next launcher finds it by its Lease. Clocks of two nodes are not compared, unless they are
minutes apart: a Lease is stale when it was seen not to change for longer than it lasts.
"""

import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from clt.cluster.jobs.cluster import Cluster, Conflict, Missing, Object
from clt.errors import UserError

RENEW = 15.0  # seconds
DURATION = 60  # seconds without a renewal after which a Lease is stale
SKEW = timedelta(minutes=5)  # by which clocks may differ; a Lease that is older still is stale at first sight


class Lease:
    """One launcher's claim to a cell's job. It is renewed in the background from `take` to `release`."""

    def __init__(self, cluster: Cluster, name: str, labels: dict[str, str]) -> None:
        self._cluster, self._name, self._labels = cluster, name, labels
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._owners: list[Object] = []
        self._ended: threading.Event | None = None  # of the thread that renews, while there is one
        self._lost = False  # to another launcher, after this one was cut off for too long
        self._seen: tuple[str, float] = ("", 0.0)  # another's Lease as it was read, and since when it is like that

    @property
    def held(self) -> bool:
        return self._ended is not None and not self._lost

    def take(self) -> bool:
        """Take the Lease if nobody has it, or its holder is silent; whether it is ours now."""
        if self.held:
            return True
        self.abandon()
        standing = self._cluster.get("leases", self._name)
        try:
            if standing is None:
                self._cluster.create("leases", self._body())
            elif standing["spec"].get("holderIdentity") != self._holder:  # else the answer to our creation was lost
                if not self._is_silent(standing):
                    return False
                self._cluster.replace("leases", self._body(standing))
        except (Conflict, Missing):  # another launcher was faster
            return False
        self._lost, self._ended = False, threading.Event()
        threading.Thread(target=self._renew, args=(self._ended,), name=f"lease {self._name}", daemon=True).start()
        return True

    def bind(self, job: Object | None) -> None:
        """Let the Lease go with the job: whoever deletes that frees the cell for the next launcher. None: unbind it."""
        self._owners = []
        if job is not None:
            names = {"apiVersion": job["apiVersion"], "kind": job["kind"], "name": job["metadata"]["name"]}
            self._owners = [names | {"uid": job["metadata"]["uid"]}]
        with suppress(Missing):
            self._cluster.merge("leases", self._name, {"metadata": {"ownerReferences": self._owners}})

    def release(self) -> None:
        """Stop renewing and delete the Lease, if it is ours."""
        ours = self.held
        self.abandon()
        if ours:
            self._cluster.delete("leases", self._name)

    def abandon(self) -> None:
        """Stop renewing, and let whoever comes next find the Lease stale."""
        if self._ended is not None:
            self._ended.set()  # not waited for: it may be waiting for an API server that is away
            self._ended = None

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW):
            try:
                standing = self._cluster.get("leases", self._name)
                if ended.is_set():
                    return
                if standing is None:
                    self._cluster.create("leases", self._body())
                elif standing["spec"].get("holderIdentity") == self._holder:
                    self._cluster.replace("leases", self._body(standing))
                else:
                    self._lost = True
                    return
            except (Conflict, Missing, UserError):
                continue  # the launcher's own loop meets the same trouble, and tells it

    def _is_silent(self, standing: Object) -> bool:
        """Whether the holder has not renewed the Lease for as long as it lasts, by our own clock."""
        if is_long_stale(standing):
            return True
        mark, now = renewal(standing), time.monotonic()
        if mark != self._seen[0]:
            self._seen = (mark, now)
        return now - self._seen[1] > DURATION

    def _body(self, standing: Object | None = None) -> Object:
        spec = {"holderIdentity": self._holder, "leaseDurationSeconds": DURATION, "renewTime": _now()}
        metadata: Object = {"name": self._name, "labels": self._labels, "ownerReferences": self._owners}
        if standing is not None:
            metadata["resourceVersion"] = standing["metadata"]["resourceVersion"]
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


def renewal(lease: Object) -> str:
    """What changes whenever a holder renews the Lease."""
    return f"{lease['spec'].get('holderIdentity')} {lease['spec'].get('renewTime')}"


def is_long_stale(lease: Object) -> bool:
    """Whether it was not renewed for so long that no difference of clocks explains it; so if it never was."""
    renewed = lease["spec"].get("renewTime")
    return renewed is None or datetime.now(UTC) - datetime.fromisoformat(renewed) > timedelta(seconds=DURATION) + SKEW


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
