"""What a job's pod runs: `python -m clt.cluster.jobs training|evaluation STORE STUDY_KEY CELL_KEY`.

With several processes: `torchrun --nproc-per-node N -m clt.cluster.jobs training STORE STUDY_KEY CELL_KEY`.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable

from clt.cluster.jobs.created import waited_seconds
from clt.cluster.jobs.job_spec import JobSpec, Kind
from clt.cluster.jobs.signs_of_life import signs_of_life
from clt.cluster.jobs.termination_message import write_termination_message
from clt.errors import UserError
from clt.logs import set_up_logging
from clt.progress import timed
from clt.store import Store, open_store, read_record

KINDS: dict[str, Kind] = {"training": "training", "evaluation": "evaluation"}


def main(arguments: list[str]) -> int:
    """Exit status 0, or 2 with a message on standard error for what the user can mend."""
    if len(arguments) != 4 or arguments[0] not in KINDS:
        print(f"got {' '.join(arguments)!r}, expected {'|'.join(KINDS)} STORE STUDY_KEY CELL_KEY", file=sys.stderr)
        return 2
    # As process 1 of a container it would ignore SIGTERM, and hold its accelerator until it is killed. A training saves
    # its state first.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    set_up_logging()
    kind, store, study_key, cell_key = arguments
    try:
        run_in_pod(JobSpec(kind=KINDS[kind], store=store, study_key=study_key, cell_key=cell_key))
    except UserError as error:
        logging.getLogger("clt.job").error(str(error))
        write_termination_message(error)
        return 2
    return 0


def run_in_pod(spec: JobSpec) -> None:
    """Do the job; the first process says in the store how far it is, for the launcher and `clt status`."""
    store = open_store(spec.store)
    if os.environ.get("RANK", "0") != "0":
        _run_step(spec, store, lambda *_: None)
        return
    key = spec.progress_key(store, read_record(store, spec.study_key))
    with (
        store.track(key, study=spec.study_key, cell=spec.cell_key) as note,
        signs_of_life(note),
        timed(waiting=waited_seconds()),
    ):
        begun = False

        def on_step(step: int, steps: int, loss: float, tokens_per_second: float) -> None:
            nonlocal begun
            if not begun:
                about = {"study": spec.study_key, "cell": spec.cell_key, "kind": spec.kind}
                logging.getLogger("clt.job").info(f"{spec.cell_key}: from step {step} of {steps}", extra=about)
            begun = True
            note(phase="training", step=step, steps=steps, loss=loss, tokens_per_second=tokens_per_second)

        _run_step(spec, store, on_step)


def _run_step(spec: JobSpec, store: Store, on_step: Callable[[int, int, float, float], None]) -> None:
    if spec.kind == "evaluation":
        from clt.evaluation import evaluate

        evaluate(store, spec.study_key, spec.cell_key)
    else:
        from clt.training import train

        train(store, spec.study_key, spec.cell_key, on_step)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
