from pathlib import Path

import pytest

from clt.study import Model


@pytest.fixture
def tiny(tiny_folder: Path) -> Model:
    return Model(name="tiny", path=str(tiny_folder))
