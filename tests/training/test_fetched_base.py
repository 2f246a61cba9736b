"""A base model that `clt fetch` brought into the store trains as its folder does, and the hub is not asked."""

import shutil
from pathlib import Path

from clt.models import model_key
from clt.store import ModelMetadata
from clt.study import checkpoint_key
from clt.training import train
from tests.training.conftest import Plan, Planned

HUB_MODEL = {"path": "org/none-on-the-hub", "revision": "0" * 40}


def weights(planned: Planned) -> str:
    """The checksum of the last checkpoint's weights."""
    manifest = planned.store.manifest(checkpoint_key(planned.key, 6))
    assert manifest is not None
    return manifest.files["model.safetensors"].sha256


def test_it_trains_to_the_same_bits_as_from_its_folder(plan: Plan, tiny_folder: Path) -> None:
    fetched, folder = plan(model=HUB_MODEL, store="fetched"), plan(store="folder")
    assert fetched.key == folder.key
    key = model_key(fetched.record.study.models[0])
    with fetched.store.writer(key) as attempt:
        shutil.copytree(tiny_folder, attempt.path, dirs_exist_ok=True)
        ModelMetadata(hub=HUB_MODEL["path"], commit=HUB_MODEL["revision"], parameters=1).write(attempt)
    for planned in (fetched, folder):
        train(planned.store, planned.study_key, planned.cell.key)
    assert weights(fetched) == weights(folder)
