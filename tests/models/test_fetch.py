"""Hub models in the store: fetched once, whole or not there, and read from there by whoever loads them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.errors import StoreError, StudyError
from clt.models import at_hand, fetch_models, load_model, load_tokenizer, model_key, stored_weights
from clt.planning import inspect_model
from clt.store import ModelMetadata, Store, open_store
from clt.study import Model
from tests.models.hub_server import COMMIT, MODEL, HubServer, hub_server
from tests.store.conftest import minio, object_store

__all__ = ["minio", "object_store"]

FETCH = """
import sys
from clt.models import fetch_models
from clt.store import open_store
from clt.study import Model
model = Model(name="tiny", path=sys.argv[2], revision=sys.argv[3])
fetch_models(open_store(sys.argv[1]), [model], lambda line: print(line, flush=True))
"""
HUB_MODEL = Model(name="tiny", path=MODEL, revision=COMMIT)


@pytest.fixture
def hub(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Has a tiny model, and beside it what no one needs: pickled weights, a copy in other names, another folder."""
    import huggingface_hub.constants

    folder = tmp_path / "on-the-hub"
    shutil.copytree(tiny_folder, folder)
    (folder / "onnx").mkdir()
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    for name in ("pytorch_model.bin", "consolidated.safetensors", "onnx/config.json", "modeling_tiny.py"):
        (folder / name).write_bytes(b"not needed")
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-cache"))
    with hub_server(folder) as server:
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", server.url)
        template = f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def fetch(store: Store, model: Model = HUB_MODEL) -> list[str]:
    lines: list[str] = []
    fetch_models(store, [model], lines.append)
    return lines


def started(store: Store) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH, store.uri, MODEL, COMMIT]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def test_a_model_comes_once_with_what_it_needs_and_nothing_else(
    hub: HubServer, store: Store, tiny_folder: Path
) -> None:
    lines = fetch(store)
    manifest = store.manifest(model_key(HUB_MODEL))
    assert manifest is not None
    needed = {path.name for path in hub.folder.iterdir() if path.suffix == ".json"} | {"model.safetensors"}
    assert set(manifest.files) == needed == set(hub.downloads)
    assert ModelMetadata.of(manifest).parameters == inspect_model(Model(name="x", path=str(tiny_folder))).parameters
    assert lines[0].startswith(f"tiny: {MODEL} at 0123456789ab: {len(needed)} files")
    assert fetch(store) == [f"tiny: {MODEL} at 0123456789ab is in the store"]
    assert set(hub.downloads.values()) == {1}


def test_code_comes_where_the_study_trusts_it(hub: HubServer, store: Store) -> None:
    trusted = HUB_MODEL.model_copy(update={"trust_remote_code": True})
    fetch(store, trusted)
    manifest = store.manifest(model_key(trusted))
    assert manifest is not None and "modeling_tiny.py" in manifest.files
    assert store.manifest(model_key(HUB_MODEL)) is None


def test_who_loads_a_fetched_model_asks_the_hub_for_nothing(hub: HubServer, store: Store, tiny_folder: Path) -> None:
    import torch

    fetch(store)
    hub.away = True
    here = at_hand(HUB_MODEL, store)
    loaded = load_model(here)
    expected = load_model(Model(name="tiny", path=str(tiny_folder)))
    assert all(torch.equal(a, b) for a, b in zip(loaded.parameters(), expected.parameters(), strict=True))
    assert load_tokenizer(str(here.path), here).encode("a")
    with stored_weights(here, [name for name, _ in loaded.named_parameters()]) as stored:
        assert stored["model.norm.weight"][:].shape == (32,)


def test_a_model_that_is_not_in_the_store_stays_what_it_is(store: Store, tiny: Model) -> None:
    assert at_hand(HUB_MODEL, store) == HUB_MODEL
    assert at_hand(tiny, store) == tiny


def test_files_are_hashed_by_the_first_who_asks(hub: HubServer, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(store)
    asked: list[str] = []
    whole = type(store).fetch
    monkeypatch.setattr(type(store), "fetch", lambda self, key: asked.append(key) or whole(self, key))
    folder = Path(str(at_hand(HUB_MODEL, store).path))
    assert Path(str(at_hand(HUB_MODEL, store).path)) == folder
    assert asked == [model_key(HUB_MODEL)]
    damaged = folder / "model.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")  # the size stays, the time of change does not
    os.utime(damaged, ns=(1, 1))
    with pytest.raises(StoreError, match=r"model\.safetensors"):
        at_hand(HUB_MODEL, store)


def test_of_two_processes_one_downloads(hub: HubServer, store: Store) -> None:
    hub.slow = {"generation_config.json"}
    processes = [started(store), started(store)]
    lines = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert set(hub.downloads.values()) == {1}
    assert sum("is in the store" in text for text in lines) == 1


def test_a_fetch_that_was_killed_goes_on_with_the_files_that_are_missing(hub: HubServer, store: Store) -> None:
    hub.slow = {"tokenizer.json"}
    process = started(store)
    assert process.stdout is not None
    for line in process.stdout:
        if "model.safetensors" in line:
            break
    while not hub.downloads["tokenizer.json"]:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert store.manifest(model_key(HUB_MODEL)) is None
    hub.slow = set()
    fetch(store)
    assert store.fetch(model_key(HUB_MODEL)).is_dir()
    assert hub.downloads["model.safetensors"] == 1
    assert hub.downloads["tokenizer.json"] == 2


def test_a_branch_is_refused_with_its_commit(hub: HubServer, store: Store) -> None:
    with pytest.raises(StudyError, match=rf"models\.tiny\.revision: got 'main', which can move.*it is {COMMIT} now"):
        fetch(store, HUB_MODEL.model_copy(update={"revision": "main"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "org/none"}, r"models\.tiny\.path: got 'org/none', which the hub does not have"),
        ({"revision": "f" * 40}, r"models\.tiny\.revision: got 'f+', which org/tiny does not have"),
    ],
)
def test_what_the_hub_does_not_have_is_named(
    hub: HubServer, store: Store, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        fetch(store, HUB_MODEL.model_copy(update=changes))


def test_a_model_without_safetensors_is_refused(hub: HubServer, store: Store) -> None:
    for path in hub.folder.glob("*.safetensors"):
        path.unlink()
    with pytest.raises(StudyError, match=r"org/tiny has no \*\.safetensors"):
        fetch(store)


def test_bytes_that_are_not_the_hubs_are_refused_and_fetched_anew(hub: HubServer, store: Store) -> None:
    right = (hub.folder / "model.safetensors").read_bytes()
    hub.lies["model.safetensors"] = right[:-1] + b"x"
    with pytest.raises(StoreError, match=r"model\.safetensors came damaged.*run again: it is fetched anew"):
        fetch(store)
    assert store.manifest(model_key(HUB_MODEL)) is None
    hub.lies.clear()
    fetch(store)
    assert store.fetch(model_key(HUB_MODEL)).is_dir()


def test_the_plan_counts_parameters_that_the_study_does_not_declare(hub: HubServer, store: Store) -> None:
    with pytest.raises(StudyError, match=r"models\.tiny\.parameters: missing.*clt fetch"):
        inspect_model(HUB_MODEL, store)
    declared = HUB_MODEL.model_copy(update={"parameters": 7})
    before = inspect_model(declared, store)
    fetch(store)
    assert inspect_model(declared, store) == before  # or the study's key would move
    facts = inspect_model(HUB_MODEL, store)
    assert facts.identity == before.identity == f"{MODEL}@{COMMIT}"
    assert facts.parameters > 7


def test_the_command_fetches_the_models_of_a_study_file(hub: HubServer, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from clt.cli.main import main
    from tests.declared_study import TEXT

    text = TEXT.replace("name: small\n", f"name: small\n    path: {MODEL}\n    revision: {COMMIT}\n")
    (tmp_path / "study.yaml").write_text(text)
    arguments = ["fetch", str(tmp_path / "study.yaml"), "--store", str(tmp_path / "store")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "small: in the store as models/" in done.output
    assert len(open_store(tmp_path / "store").keys("models")) == 1
    hub.away = True
    assert CliRunner().invoke(main, arguments).exit_code == 0


def test_a_fetched_model_comes_from_a_bucket_into_the_cache_of_the_machine(
    hub: HubServer, object_store: Store, tmp_path: Path
) -> None:
    fetch(object_store)
    hub.away = True
    folder = Path(str(at_hand(HUB_MODEL, object_store).path))
    assert folder.is_relative_to(tmp_path / "cache")
    assert (folder / "model.safetensors").read_bytes() == (hub.folder / "model.safetensors").read_bytes()
    assert not list((tmp_path / "cache" / "hub").iterdir())  # what was downloaded is in the store, and nowhere else
