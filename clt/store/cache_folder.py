"""Where this machine keeps what can be made again: fetched files, unfinished ones, and conversions of data."""

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """$CLT_CACHE, or `clt` in the user's cache folder, or where temporary files go.

    What is in it can be deleted whenever nothing runs.
    """
    if named := os.environ.get("CLT_CACHE"):
        return Path(named)
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a container whose home cannot be written
        return Path(tempfile.gettempdir()) / "clt"
    return folder
