"""A Lease beside each job: a launcher that lives renews it; a job whose Lease is stale belongs to nobody.

On it rests what a signal handler cannot promise: a launcher that was killed leaves a job that holds accelerators, and
the reaper (`leftovers`) or the next launcher finds it by its Lease.
"""

import os
import socket
import threading
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from components.jobs.cluster import Cluster, Conflict, Object
from components.study import UserError

RENEW = 15.0  # seconds
DURATION = 60  # seconds without a renewal after which a Lease is stale


class Lease:
    """One launcher's claim to a job. It is renewed in the background from `take` to `release`."""

    def __init__(self, cluster: Cluster, name: str, labels: dict[str, str]) -> None:
        self._cluster, self._name, self._labels = cluster, name, labels
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost = False  # to another launcher, after this one was cut off for too long
        self._owners: list[Object] = []

    @property
    def held(self) -> bool:
        return self._thread is not None and not self._lost

    def take(self) -> bool:
        """Take the Lease if nobody has it, or its holder is silent; whether it is ours now."""
        if self.held:
            return True
        standing = self._cluster.get("leases", self._name)
        try:
            if standing is None:
                self._cluster.create("leases", self._body())
            elif is_stale(standing):
                self._cluster.replace("leases", self._body(standing))
            else:
                return False
        except (Conflict, LookupError):  # another launcher was faster
            return False
        self._lost = False
        self._thread = threading.Thread(target=self._renew, name=f"lease {self._name}", daemon=True)
        self._thread.start()
        return True

    def bind(self, job: Object) -> None:
        """Let the Lease go with the job: whoever deletes that frees the cell for the next launcher at once."""
        names = {"apiVersion": job["apiVersion"], "kind": job["kind"], "name": self._name}
        self._owners = [names | {"uid": job["metadata"]["uid"]}]
        with suppress(LookupError):
            self._cluster.merge("leases", self._name, {"metadata": {"ownerReferences": self._owners}})

    def release(self) -> None:
        """Stop renewing and delete the Lease, if it is ours."""
        if self.abandon() and not self._lost:
            self._cluster.delete("leases", self._name)

    def abandon(self) -> bool:
        """Stop renewing, and let whoever comes next find the Lease stale; whether it was ours."""
        if self._thread is None:
            return False
        self._ended.set()
        self._thread.join()
        self._thread = None
        self._ended.clear()
        return True

    def _renew(self) -> None:
        while not self._ended.wait(RENEW):
            try:
                standing = self._cluster.get("leases", self._name)
                if standing is None:
                    self._cluster.create("leases", self._body())
                elif standing["spec"]["holderIdentity"] == self._holder:
                    self._cluster.replace("leases", self._body(standing))
                else:
                    self._lost = True
                    return
            except (Conflict, LookupError, UserError):
                continue  # the launcher's own loop meets the same trouble, and tells it

    def _body(self, standing: Object | None = None) -> Object:
        spec = {"holderIdentity": self._holder, "leaseDurationSeconds": DURATION, "renewTime": _now()}
        metadata: Object = {"name": self._name, "labels": self._labels, "ownerReferences": self._owners}
        if standing is not None:
            metadata["resourceVersion"] = standing["metadata"]["resourceVersion"]
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


def is_stale(lease: Object) -> bool:
    """Whether its holder has been silent for longer than it said it would be."""
    spec = lease["spec"]
    renewed = datetime.fromisoformat(spec["renewTime"])
    return datetime.now(UTC) - renewed > timedelta(seconds=spec["leaseDurationSeconds"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
