"""Saving beside the training: copies of weights and states are published by a thread while the next steps run."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

import torch

from clt.errors import StoreError
from clt.store import Unreachable
from clt.training.processes import Processes
from clt.training.states import StagedState, States

_LOG = logging.getLogger("clt.training")
Job = Callable[[], None]


class Uploads:
    """At most one upload of each process is under way, and steps wait for none.

    Weights come before a state, so a state never stands without the weights that it counts on; and it counts once the
    shards of all processes stand.
    """

    def __init__(self, processes: Processes, states: States, *, keeps_all: bool) -> None:
        self._processes, self._states, self._keeps_all = processes, states, keeps_all
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="upload")
        self._running: Future[None] | None = None  # this process's
        self._staged: StagedState | None = None
        self._next: Job | None = None  # publishes weights that wait, on the main process
        # The same in all processes:
        self.is_begun = False  # an upload is not settled yet
        self._is_waiting = False  # weights wait for it

    @property
    def is_open(self) -> bool:
        """Whether this process's own upload is still running."""
        return self._running is not None and not self._running.done()

    @property
    def is_free(self) -> bool:
        """Whether a state can be saved at once; the same in all processes."""
        return not self.is_begun and not self._is_waiting

    def make_room(self) -> None:
        """Before more weights are gathered: let go of those that wait, or publish them where all are kept."""
        if self._keeps_all:
            self.wait()
        self._next = None

    def add_weights(self, publish: Job | None) -> None:
        """Publish weights as soon as nothing else is under way; all take part, the main process with what does it.

        They take the place of those that still wait: see `make_room`.
        """
        self._is_waiting, self._next = True, publish
        self.proceed()

    def add_state(self, staged: StagedState) -> None:
        """Publish this process's shard, and with `settle` the state."""
        assert self.is_free
        self._begin(staged.publish_shard, staged)

    def proceed(self) -> None:
        """Begin with the weights that wait, if nothing is under way."""
        if self._is_waiting and not self.is_begun:
            self._is_waiting, publish, self._next = False, self._next, None
            self._begin(publish, None)

    def settle(self) -> None:
        """Finish what was begun, once it is open in no process; all take part.

        Raises:
            StoreError: Weights could not be published, or not even one state; or the store cannot be reached.
        """
        running, staged = self._running, self._staged
        self._running, self._staged, self.is_begun = None, None, False
        if staged is not None:
            self._complete(staged, running.exception() if running is not None else None)
        elif running is not None:
            running.result()

    def wait(self) -> None:
        """Wait until all is published, what waits too. Raises as `settle` does."""
        while not self.is_free:
            self.proceed()
            self._processes.wait_until(lambda: not self.is_open)
            self.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """End the thread: what it is at is finished, what has not begun is dropped.

        An error that ends all processes is not held back by an upload.
        """
        self._thread.shutdown(wait=error is None or self._processes.count == 1, cancel_futures=True)

    def _begin(self, job: Job | None, staged: StagedState | None) -> None:
        self.is_begun, self._staged = True, staged
        if job is not None:
            self._running = self._thread.submit(copy_context().run, job)

    def _complete(self, staged: StagedState, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, StoreError | OSError):
            raise error  # a fault of ours, not of the store's
        failed = self._processes.sum(torch.tensor(float(error is not None))).item()
        if not failed and self._processes.is_main:
            try:
                staged.publish()
            except (StoreError, OSError) as caught:
                error = caught
        if self._processes.sum(torch.tensor(float(isinstance(error, Unreachable)))).item():
            # It was tried for minutes: whatever is asked of the store next would take as long again.
            raise error or Unreachable(f"{staged.key}: another process cannot reach the store; run again to resume")
        reason = self._processes.shared(None if not failed and error is None else str(error or "on another process"))
        if reason is None:
            self._states.supersede(staged.key)
            return
        if self._processes.is_main:
            self._states.let_go(staged.key, "not all of its shards could be saved")
        if self._states.saved is None:
            raise StoreError(
                f"no state of this training can be saved ({reason}): it would be lost with its node; "
                "mend the store, or its space, and run again"
            ) from error
        elif self._processes.is_main:
            _LOG.warning(f"{staged.key}: this state could not be saved ({reason}); {self._states.saved} stays")
