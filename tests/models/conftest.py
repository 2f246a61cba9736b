from pathlib import Path

import pytest

from clt.study.spec import Model
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(tiny_folder: Path) -> Model:
    return Model(name="tiny", path=str(tiny_folder))
