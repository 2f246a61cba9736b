"""Which files of a local folder a source reads: those that the `datasets` library would read for the split."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clt.errors import DataError
from clt.study import Source

_SLICED = re.compile(r"[\[+]")  # in a split: train[:10%], train+test


def data_set_options(source: Source, named: str) -> dict[str, str | None]:
    """What `datasets` is asked for: path, name of the configuration, files and split, in one language."""
    options = {"path": source.hub, "name": source.config, "data_files": source.files, "split": source.split}
    return {name: text and text.replace("{language}", named) for name, text in options.items()}


def is_whole_split(split: str) -> bool:
    """Whether a split is named, and not a part of one or several together."""
    return not _SLICED.search(split)


def folder_files(source: Source, named: str, field: str) -> list[Path]:
    """The files of the source's split, by name; other files of the folder, and stores in it, are none of its.

    Raises:
        DataError: There is no such folder, or no file of the split in it.
    """
    import datasets

    options = data_set_options(source, named)
    folder, split = Path(options["path"] or ""), _SLICED.split(options["split"] or "")[0]
    if not folder.is_dir():
        raise DataError(f"{field}: {folder}: there is no such folder, expected one that `datasets` loads, or a hub id")
    with loading(f"{folder} {split}", field):
        builder = datasets.load_dataset_builder(str(folder), options["name"], data_files=options["data_files"])
    by_split = {str(name): files for name, files in (builder.config.data_files or {}).items()}
    if split not in by_split:
        known = ", ".join(by_split) or "none"
        raise DataError(
            f"{field}: {folder} {split}: cannot be loaded (Unknown split), expected one of those in the folder: {known}"
        )
    files = sorted(Path(file) for file in by_split[split] if not _is_in_store(Path(file), folder))
    if not files:
        raise DataError(
            f"{field}: {folder}: its only files of the split {split} lie in a store, expected rows; "
            "move the store out of the folder, or say which files are meant (`files`)"
        )
    return files


@contextmanager
def loading(name: str, field: str) -> Iterator[None]:
    """Turn whatever `datasets` raises into a DataError: it has no root for its errors, and lets others' through."""
    from clt.data.no_addresses import no_addresses  # fsspec is heavy, and not every source needs it

    try:
        with no_addresses():
            yield
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"{field}: {name}: cannot be loaded ({reason}), expected a data set with this config, "
            "split, files and revision; correct them in the study, or check the network"
        ) from error


def _is_in_store(file: Path, folder: Path) -> bool:
    """Whether a file belongs to a store of ours that somebody put into the folder."""
    inside = [parent for parent in file.parents if parent.is_relative_to(folder)]
    return any(_is_store(parent) for parent in inside)


def _is_store(folder: Path) -> bool:
    try:
        content = json.loads((folder / "format.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and list(content) == ["format"]
