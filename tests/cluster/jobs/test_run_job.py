"""A job finds everything in the store, and asks for nothing where it is complete."""

import subprocess
import sys
from pathlib import Path

import pytest

from clt.cluster import JobSpec, run_job
from clt.errors import StoreError


@pytest.mark.parametrize("kind", ["training", "evaluation"])
def test_a_job_of_an_unknown_study_is_refused(tmp_path: Path, kind: str) -> None:
    spec = JobSpec(kind=kind, store=str(tmp_path / "store"), study_key="none", cell_key="none")  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="studies/none: not in the store"):
        run_job(spec)


def test_describing_a_job_loads_no_torch() -> None:
    code = "import clt.cluster, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
