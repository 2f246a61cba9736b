"""What Prometheus asks of a namespace: `python -m clt.cluster.jobs.exporter [PORT]`, one for all runs.

It looks at the cluster whenever it is scraped, so it tells of jobs whose launcher has gone as well, and of a reaper
that does not run. What only a launcher knows is in `launcher_metrics`.
"""

import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from clt.cluster.jobs.cluster import PLURAL, Cluster, Object
from clt.cluster.jobs.conditions import has, is_finished, state
from clt.cluster.jobs.lease import is_long_stale
from clt.cluster.jobs.naming import DOMAIN, MANAGED, lease_of
from clt.cluster.jobs.pending_reason import pending_reason

PORT = 9464
REAPER = "clt-reaper"
_LONGEST_GAP = 300.0  # seconds between two scrapes that are taken for time of which anything is known
_SELECTOR = ",".join(f"{name}={value}" for name, value in MANAGED.items())
_PATIENCE = 10.0  # seconds for an API server that does not answer: Prometheus asks again


class JobCollector(Collector):
    """Jobs by state and reason, accelerators by study, jobs that nobody looks after, and the reaper's last success."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._seconds: defaultdict[str, float] = defaultdict(float)  # of accelerators, by study
        self._last = time.monotonic()

    def describe(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """The families without samples, so that registering this asks no cluster."""
        yield from _families().values()

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """All samples of this moment. UserError if the cluster does not answer: the scrape fails then."""
        with self._lock:
            jobs = self._cluster.list(PLURAL, labels=_SELECTOR)
            leases = {lease["metadata"]["name"]: lease for lease in self._cluster.list("leases", labels=_SELECTOR)}
            held = Counter[str]()
            for job in jobs:
                held[_label(job, "study")] += _accelerators(job) if has(job, "Running") else 0
            self._count(held)
            families = _families()
            for (kind, name, reason), count in Counter(self._place(job) for job in jobs).items():
                families["clt_jobs"].add_metric([kind, name, reason], count)
            for study, count in held.items():
                families["clt_accelerators"].add_metric([study], count)
            for study, seconds in self._seconds.items():
                families["clt_accelerator_seconds"].add_metric([study], seconds)
            families["clt_orphaned_jobs"].add_metric([], sum(_is_orphaned(job, leases) for job in jobs))
            if (succeeded := self._reaper_success()) is not None:
                families["clt_reaper_last_success_timestamp_seconds"].add_metric([], succeeded)
        yield from families.values()

    def _count(self, held: Counter[str]) -> None:
        now = time.monotonic()
        gap, self._last = min(now - self._last, _LONGEST_GAP), now
        for study, accelerators in held.items():
            self._seconds[study] += accelerators * gap

    def _place(self, job: Object) -> tuple[str, str, str]:
        """Kind, state, and what a job that does not run waits for."""
        reason = ""
        if not is_finished(job) and not has(job, "Running"):
            name = f"training.kubeflow.org/job-name={job['metadata']['name']}"
            pods = self._cluster.list("pods", labels=name)
            uids = [thing["metadata"]["uid"] for thing in (job, *pods)]
            events = [each for uid in uids for each in self._cluster.list("events", fields=f"involvedObject.uid={uid}")]
            reason = pending_reason(job, pods, events).cause
        return _label(job, "kind"), state(job), reason

    def _reaper_success(self) -> float | None:
        reaper = self._cluster.get("cronjobs", REAPER)
        succeeded = ((reaper or {}).get("status") or {}).get("lastSuccessfulTime")
        return None if succeeded is None else _seconds_of(succeeded)


def _families() -> dict[str, GaugeMetricFamily | CounterMetricFamily]:
    families = (
        GaugeMetricFamily(
            "clt_jobs", "PyTorchJobs by state, and what they wait for", labels=["kind", "state", "reason"]
        ),
        GaugeMetricFamily("clt_accelerators", "Accelerators of running jobs", labels=["study"]),
        CounterMetricFamily(
            "clt_accelerator_seconds", "Accelerators times seconds; 3600 are a GPU-hour", labels=["study"]
        ),
        GaugeMetricFamily("clt_orphaned_jobs", "Jobs whose launcher has not renewed their Lease for minutes"),
        GaugeMetricFamily("clt_reaper_last_success_timestamp_seconds", "When the reaper last did its work"),
    )
    return {family.name: family for family in families}


def _accelerators(job: Object) -> int:
    """Of all pods: whatever a container asks for that has a domain in its name, such as nvidia.com/gpu."""
    return sum(
        replica["replicas"] * int(amount)
        for replica in job["spec"]["pytorchReplicaSpecs"].values()
        for container in replica["template"]["spec"]["containers"]
        for name, amount in (container.get("resources", {}).get("limits") or {}).items()
        if "/" in name and "hugepages" not in name and str(amount).isdigit()
    )


def _is_orphaned(job: Object, leases: dict[str, Object]) -> bool:
    lease = leases.get(lease_of(job["metadata"]["name"]))
    if is_finished(job):
        return False
    if lease is None:  # a launcher makes it before the job
        return time.time() - _seconds_of(job["metadata"]["creationTimestamp"]) > _LONGEST_GAP
    return is_long_stale(lease)


def _seconds_of(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _label(job: Object, name: str) -> str:
    return str((job["metadata"].get("labels") or {}).get(f"{DOMAIN}/{name}", ""))


def main(arguments: list[str]) -> None:
    """Serve until the process is ended."""
    registry = CollectorRegistry()
    registry.register(JobCollector(Cluster.connect(retry_seconds=_PATIENCE)))
    _, thread = start_http_server(int(arguments[0]) if arguments else PORT, registry=registry)
    thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
