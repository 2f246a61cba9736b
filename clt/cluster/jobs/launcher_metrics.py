"""What only a launcher knows of its job, as Prometheus' text at port 9464 of its pod."""

import logging
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from clt.cluster.jobs.job_spec import JobSpec

PORT = 9464
REGISTRY = CollectorRegistry()
_OF = ("study", "cell", "kind")
_RESTARTS = Counter("clt_launcher_restarts", "Jobs that were lost or hung and started again", _OF, registry=REGISTRY)
_WAITED = Gauge("clt_launcher_waited_seconds", "For which a job waits by now", (*_OF, "reason"), registry=REGISTRY)
_SILENT = Gauge("clt_launcher_silent_seconds", "Since the job's last sign of life", _OF, registry=REGISTRY)
_MOVED = Gauge("clt_job_moved_bytes", "Read and written by the job's process, to 16 MiB", _OF, registry=REGISTRY)
_JOB_RETRIES = Gauge("clt_job_http_retries", "Requests that the job's process repeated", _OF, registry=REGISTRY)
RETRIES = Counter("clt_launcher_http_retries", "Requests that the launcher repeated", registry=REGISTRY)


class LauncherMetrics:
    """The samples of one job."""

    def __init__(self, spec: JobSpec) -> None:
        self._labels = {"study": spec.study_key, "cell": spec.cell_key, "kind": spec.kind}

    def waits(self, reason: str, seconds: float) -> None:
        """The job waits for this, for so long by now."""
        _WAITED.clear()
        _WAITED.labels(**self._labels, reason=reason).set(seconds)

    def runs(self, silent_seconds: float) -> None:
        """The job runs, and gave its last sign of life so long ago."""
        _WAITED.clear()
        _SILENT.labels(**self._labels).set(silent_seconds)

    def notes(self, facts: Mapping[str, Any]) -> None:
        """What the job's note tells of bytes and repetitions."""
        for name, gauge in (("moved_bytes", _MOVED), ("retries", _JOB_RETRIES)):
            if name in facts:
                gauge.labels(**self._labels).set(facts[name])

    def restarted(self) -> None:
        """The job is started again."""
        _RESTARTS.labels(**self._labels).inc()


def serve_metrics(port: int = PORT) -> None:
    """Answer Prometheus in a thread; a port that is taken is no reason to launch no job."""
    try:
        start_http_server(port, registry=REGISTRY)
    except OSError as error:
        logging.getLogger("clt.launcher").warning(f"no metrics at port {port}: {error.strerror}")
