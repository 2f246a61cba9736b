"""The log of a job's Master, line by line as it comes: through reconnections, and no line twice."""

import threading
from collections.abc import Callable

import urllib3
from kubernetes.client.exceptions import ApiException

from clt.cluster.jobs.cluster import Cluster

_PAUSE = 2.0  # seconds between two tries


class LogStream:
    """Copies a pod's log to `write` in a thread of its own, from `start` to `stop`."""

    def __init__(self, cluster: Cluster, pod: str, write: Callable[[str], object]) -> None:
        self._cluster, self._pod, self._write = cluster, pod, write
        self._last, self._at_last = "", 0  # the newest timestamp, and how many lines with it were written
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"log of {pod}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is still missing, as far as the server has it within a few seconds, and end."""
        self._ended.set()
        self._thread.join(timeout=10)

    def _follow(self) -> None:
        while not self._ended.is_set():
            self._copy(follow=True)
            self._ended.wait(_PAUSE)
        self._copy(follow=False)

    def _copy(self, follow: bool) -> None:
        """Write the lines that are new; return when the stream ends or breaks."""
        skip = self._at_last
        try:
            response = self._cluster.log(self._pod, since=f"{self._last}Z" if self._last else "", follow=follow)
            try:
                for line in response:
                    stamp, _, text = line.decode(errors="replace").rstrip("\n").partition(" ")
                    if not stamp[:1].isdigit():  # a message of the kubelet's about a log that is gone
                        continue
                    stamp = _comparable(stamp)
                    if stamp < self._last:
                        continue
                    if stamp == self._last and skip:
                        skip -= 1
                        continue
                    self._at_last = self._at_last + 1 if stamp == self._last else 1
                    self._last = stamp
                    self._write(f"{text}\n")
                    if follow and self._ended.is_set():
                        return
            finally:
                response.close()
        except (ApiException, urllib3.exceptions.HTTPError, ValueError):
            return  # not there yet, or cut off: asked again


def _comparable(stamp: str) -> str:
    """A timestamp with all nine digits of its fraction: the server leaves out zeros at the end."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return f"{whole}.{fraction.ljust(9, '0')}"
