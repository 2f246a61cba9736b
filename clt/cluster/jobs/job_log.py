"""The log of a job: shown by its launcher, and kept in the store beside what the job makes, when its pods are gone."""

import sys
import uuid
from collections import deque

from clt.cluster.jobs.failure import Failure
from clt.cluster.jobs.job_progress import JobProgress
from clt.errors import StoreError
from clt.store import Store

HEAD = 64 * 2**10  # characters from the beginning that are kept
TAIL = 4 * 2**20  # and from the end
FILE = "log.txt"


class JobLog:
    """Takes the lines of a job's Master as they come. A line is a sign of life, too."""

    def __init__(self, progress: JobProgress) -> None:
        self._progress = progress
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._head_size = self._tail_size = self._left_out = 0

    def write(self, line: str) -> None:
        """Show a line and keep it."""
        sys.stdout.write(line)
        self._progress.sign_of_life("a line of its log")
        if self._head_size < HEAD:
            self._head.append(line)
            self._head_size += len(line)
            return
        self._tail.append(line)
        self._tail_size += len(line)
        while self._tail_size > TAIL and len(self._tail) > 1:
            self._left_out += 1
            self._tail_size -= len(self._tail.popleft())

    def keep(self, store: Store, output: str, job: str, failure: Failure | None) -> str:
        """Put the log, and why the job failed, into the store below the key of what it makes.

        Returns what went wrong with that, if anything: it is no reason to fail a job.
        """
        try:
            with store.writer(f"{output}/job-logs/{job}-{uuid.uuid4().hex[:8]}") as attempt:
                (attempt.path / FILE).write_text(self.text(), encoding="utf-8")
                attempt.metadata.update(job=job, failure=failure.text if failure is not None else "")
        except StoreError as error:
            return f"its log could not be kept: {error}"
        return ""

    def text(self) -> str:
        """What is kept, with a line in the middle that says how many lines are not."""
        gap = [f"... {self._left_out} lines left out ...\n"] if self._left_out else []
        return "".join([*self._head, *gap, *self._tail])
