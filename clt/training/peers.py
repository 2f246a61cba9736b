"""What the processes of a training tell each other beside their collectives: who failed first, and how far each is.

One that waits in a collective for a peer that is gone learns it from gloo at once, from NCCL after half an hour, and
from neither why; and no signal handler of Python runs while it waits. So a thread of each looks every second at the
store by which the processes have met, and ends its process once another has failed.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from torch.distributed import PrefixStore, Store

from clt.errors import UserError

PAUSE = 1.0  # seconds between two looks
STILL = 60.0  # seconds without a micro-batch until the main process asks where the others are
# Seconds that a process has to end by itself: after its own error, which has to come out; after that of another, whose
# end torchrun should see first.
_OWN_GRACE, _GRACE = 8.0, 6.0
_FAILED = "failed"
_LOG = logging.getLogger("clt.training")


class Peers:
    """This process among the others.

    Args:
        store: Of the process group.
        rank: Of this process.
        count: Of processes.
    """

    def __init__(self, store: Store, rank: int, count: int) -> None:
        self._store, self._rank, self._count = PrefixStore("clt", store.clone()), rank, count
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="peers", daemon=True)
        self._has_failed = False
        self.place = (0, 0)  # step and micro-batch that this process is in, set before each

    @contextmanager
    def watched(self) -> Iterator[None]:
        """End this process soon after another has failed in this block, and the others after it has.

        Raises:
            SystemExit: Instead of an error that only follows from that of another process.
        """
        self._thread.start()
        try:
            yield
        except Exception as error:
            first = self._fail(error)
            if first is None or isinstance(error, UserError):
                time.sleep(2 * PAUSE)  # the store may end with this process, and all have to see it
                raise
            _LOG.error(f"process {self._rank} ends, because {first}")
            time.sleep(_GRACE / 2)  # torchrun shows the error of the one that ends first
            raise SystemExit(1) from error
        except BaseException:
            self._end()
            raise
        self._end()

    def behind(self) -> str:
        """Which processes are not as far as the others; they are what the others wait for."""
        places = [self._read(rank) for rank in range(self._count)]
        least, most = min(place for place, _ in places), max(place for place, _ in places)
        late = [f"process {rank} ({host})" for rank, (place, host) in enumerate(places) if place == least]
        if least == most:
            return f"all {self._count} processes are in step {least[0]}, micro-batch {least[1]}"
        return (
            f"{', '.join(late)}: in step {least[0]}, micro-batch {least[1]}; the foremost: step {most[0]}, "
            f"micro-batch {most[1]}"
        )

    def publish(self) -> None:
        """Tell the others the place of this process."""
        self._store.set(f"place/{self._rank}", json.dumps([*self.place, socket.gethostname()]))

    def _read(self, rank: int) -> tuple[tuple[int, int], str]:
        key = f"place/{rank}"
        if not self._store.check([key]):
            return (0, 0), "has not begun"
        step, batch, host = json.loads(self._store.get(key))
        return (step, batch), host

    def _fail(self, error: Exception) -> str | None:
        """Say that this process has failed; the error of the one that was first, if that is another."""
        self._has_failed = True  # the thread leaves the store alone then, and may outlive the interpreter
        own = f"process {self._rank} failed: {type(error).__name__}: {error}"
        try:
            first = self._store.compare_set(_FAILED, "", own).decode()
        except RuntimeError:  # the store has gone with the process that held it
            first = own
        return None if first == own else first

    def _end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        told, moved, is_asked = (0, 0), time.monotonic(), False
        while not self._ended.wait(PAUSE):
            if self._has_failed:
                self._die_after(_OWN_GRACE)
            try:
                if self._store.check([_FAILED]):
                    first = self._store.get(_FAILED).decode()
                    self._die_after(_GRACE, f"process {self._rank} ends, because {first}")
                elif self.place != told:
                    told, moved, is_asked = self.place, time.monotonic(), False
                    self.publish()
                elif self._rank == 0 and not is_asked and time.monotonic() - moved > STILL:
                    is_asked = True
                    _LOG.warning(f"no micro-batch for {STILL:.0f} seconds; {self.behind()}")
            except RuntimeError:  # it has gone with the process that held it, and NCCL would wait for that for long
                self._die_after(_GRACE, f"process {self._rank} ends, because the first node's processes have")

    def _die_after(self, seconds: float, because: str | None = None) -> None:
        """End the process, unless it ends by itself meanwhile, from wherever it waits."""
        if not self._ended.wait(seconds):
            if because is not None and not self._has_failed:
                _LOG.error(because)
            os._exit(1)
