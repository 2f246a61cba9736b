"""Hub models into the store, once: every job then reads them from there, and needs no way out to the hub."""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from clt.errors import StoreError, StudyError
from clt.hashing import digest
from clt.models.hub import WEIGHTS, HubFile, commit_of, download_files, list_files
from clt.models.parameters import count_parameters
from clt.models.where import model_key, stored_model
from clt.store import ModelMetadata, Store, cache_folder, checksum, disk_errors
from clt.study import Model, format_size, is_commit, is_hub_id

Say = Callable[[str], None]


def fetch_models(store: Store, models: Iterable[Model], say: Say) -> None:
    """Bring every hub model into the store, at `models/HASH` of its id and commit; what is there is left alone.

    Of several processes that fetch one model, one does and the others wait. Files that came whole before a kill are not
    downloaded again; nothing of a model is in the store before all of it is.

    Args:
        store: Where they go.
        models: Of a study, with resolved paths; folders are passed over.
        say: Gets lines for people.

    Raises:
        StudyError: A revision that is no commit (its commit is named), a model that the hub does not have or show.
        UserError: The hub cannot be reached.
        StoreError: A disk or the store is full, forbidden or failing.
    """
    wanted = [model for model in models if model.path is not None and is_hub_id(model.path)]
    for model in wanted:
        if not is_commit(model.revision):
            raise StudyError(
                f"got {model.revision!r}, which can move, expected a commit of 40 digits: it is {commit_of(model)} now",
                field=f"models.{model.name}.revision",
            )
    for model in {model_key(model): model for model in wanted}.values():
        if stored_model(model, store) is None:
            with store.lock(f"fetch-{model_key(model).rpartition('/')[2]}", wait=True):
                if stored_model(model, store) is None:
                    _fetch(store, model, say)
                    continue
        say(f"{model.name}: {model.path} at {_short(model)} is in the store")
    if not wanted:
        say("no hub models in this study")


def _fetch(store: Store, model: Model, say: Say) -> None:
    key = model_key(model)
    files = list_files(model)
    total = sum(file.size for file in files)
    folder = cache_folder() / "hub" / digest({"store": store.uri, "key": key})
    say(f"{model.name}: {model.path} at {_short(model)}: {len(files)} files, {format_size(total)}, from the hub")
    began, count, size = time.monotonic(), 0, 0

    def came(file: HubFile) -> None:
        nonlocal count, size
        count, size = count + 1, size + file.size
        after = f"after {time.monotonic() - began:.0f} s"
        say(f"{model.name}: {count}/{len(files)} {file.name}, {format_size(size)} {after}")

    with disk_errors(folder):
        download_files(model, files, folder, came)
    with store.writer(key) as attempt:
        for file in files:
            _link(folder / file.name, attempt.path / file.name)
            _check(model, file, attempt.path / file.name, folder)
        weights = sorted(attempt.path.glob(WEIGHTS))
        parameters = sum(count_parameters(path) for path in weights)
        ModelMetadata(hub=str(model.path), commit=str(model.revision), parameters=parameters).write(attempt)
        say(f"{model.name}: writing to the store {store.uri}")
    shutil.rmtree(folder, ignore_errors=True)
    say(f"{model.name}: in the store as {key} after {time.monotonic() - began:.0f} s")


def _link(path: Path, target: Path) -> None:
    """The same file under a second name, as a large copy takes minutes; a copy where that cannot be."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _check(model: Model, file: HubFile, path: Path, folder: Path) -> None:
    """StoreError if a file is not what the hub says that it is; the next try then gets it anew."""
    size = path.stat().st_size
    if size == file.size and file.sha256 in (None, checksum(path)):
        return
    (folder / file.name).unlink(missing_ok=True)
    raise StoreError(
        f"{model.path} at {model.revision}: {file.name} came damaged: got {size} bytes with SHA-256 {checksum(path)}, "
        f"expected {file.size} bytes with {file.sha256 or 'any'}; run again: it is fetched anew"
    )


def _short(model: Model) -> str:
    return str(model.revision)[:12]
