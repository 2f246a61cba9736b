"""When a job was asked for, so that its process can say for how long it waited for its pods."""

import os
import time

CREATED = "CLT_JOB_CREATED"  # seconds since 1970; in no hash, since a job that is adopted was made earlier


def created_now() -> dict[str, str]:
    """The variable of a job that is made now, as a container's spec has it."""
    return {"name": CREATED, "value": f"{time.time():.0f}"}


def waited_seconds() -> float:
    """From the job's creation to now; 0 outside of a job. Clocks of two machines may differ by seconds."""
    try:
        return max(0.0, round(time.time() - float(os.environ[CREATED]), 3))
    except (KeyError, ValueError):
        return 0.0
