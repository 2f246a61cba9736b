"""What the tests of several packages share: a tiny model, the demo's folder, real data where a machine has it."""

import os
import signal
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: tests run side by side, one thread each

import pytest

from tests.tiny_model import make_tiny_model

REPOSITORY = Path(__file__).resolve().parent.parent

# Jobs that a shell starts in the background ignore SIGINT, and so would the programs whose Ctrl-C is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model, made once; not to be written to."""
    return make_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """studies/demo: corpus, data, base models and study.yaml."""
    return REPOSITORY / "studies" / "demo"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with math/, headlines/ and commands/: CLT_DATA, or shared/data beside the repository."""
    folder = Path(os.environ.get("CLT_DATA") or REPOSITORY.parent / "shared" / "data")
    if not (folder / "math").is_dir():
        pytest.skip(f"no data in {folder}: set CLT_DATA to the folder that holds math, headlines and commands")
    return folder
