"""Base models at s3://BUCKET/PREFIX: the same model as its folder."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.models import at_hand, load_model, load_tokenizer
from clt.planning import inspect_model
from clt.store import Store
from clt.store.bucket import Bucket
from clt.store.transfer import upload_files
from clt.study import Model
from tests.store.conftest import minio, object_store

__all__ = ["minio", "object_store"]


def upload(folder: Path, uri: str) -> Model:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    names = [path.name for path in folder.iterdir() if path.is_file()]
    upload_files(Bucket(bucket, ""), folder, prefix, names)
    return Model(name="tiny", path=uri)


def test_a_model_in_a_bucket_is_its_folder(object_store: Store, tiny_folder: Path) -> None:
    model = upload(tiny_folder, f"{object_store.uri}/bases/tiny")
    assert inspect_model(model) == inspect_model(Model(name="tiny", path=str(tiny_folder)))
    here = at_hand(model, object_store)
    assert load_model(here).num_parameters() and load_tokenizer(str(here.path), here).encode("a")
    assert at_hand(model, object_store) == here


def test_a_prefix_without_weights_is_refused_before_anything_is_fetched(
    object_store: Store, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "config.json").write_text("{}")
    model = upload(tmp_path / "bare", f"{object_store.uri}/bases/bare")
    with pytest.raises(StudyError, match=r"models\.tiny\.path: s3://.*/bases/bare has no \*\.safetensors"):
        inspect_model(model)
    assert not (tmp_path / "cache" / "objects").exists()
