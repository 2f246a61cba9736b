"""Examples that have no room are noted when the study is planned."""

import json
import shutil
from pathlib import Path

import pytest

from clt.data import Catalog
from clt.planning.example_fit import example_notes
from clt.study import Study
from tests.data.conftest import Workplace


@pytest.mark.parametrize(
    ("tokens", "said"), [(4000, None), (450, "have no room for some"), (150, "have room for none")]
)
def test_test_items_that_lose_examples_are_counted(
    tokens: int, said: str | None, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 4000}), encoding="utf-8")
    workplace = Workplace(tmp_path)
    workplace.data()
    study: Study = workplace.study(
        task={"shots": 3, "max_new_tokens": 8},
        models=[{"name": "tiny", "path": str(folder)}],
        evaluation={"max_tokens": tokens},
        training={"epochs": 1, "validation_rows": 4},
    )
    notes = list(example_notes(Catalog(study, workplace.store)))
    assert bool(notes) == (said is not None)
    if said is not None:
        assert any(note.startswith("tasks.math.shots, model tiny: test items " + said) for note in notes), notes
