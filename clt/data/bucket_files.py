"""Files of rows in a bucket: s3://BUCKET/PATH, read with the store's credentials, kept in this machine's cache."""

from fnmatch import fnmatchcase
from pathlib import Path

from clt.errors import DataError
from clt.store import fetch_objects, list_objects


def bucket_files(path: str, field: str) -> dict[str, Path]:
    """Copies on this machine of the object at a path, or of those that a pattern in its last part names.

    Args:
        path: s3://BUCKET/PATH, `*` in its last part alone.
        field: Of the study, for errors.

    Returns:
        By where they are in the bucket, in the order of their names.

    Raises:
        DataError: There is no such object.
        StoreError: The bucket cannot be read, or an object was replaced while it was read.
    """
    folder, _, pattern = path.rpartition("/")
    found = list_objects(folder)
    names = [name for name in sorted(found) if name == pattern or ("*" in pattern and fnmatchcase(name, pattern))]
    if not names:
        raise DataError(f"{field}: {path}: there is no such object; correct `path` in the study or put it there")
    # One at a time: what is added beside them later leaves these where they are.
    return {f"{folder}/{name}": fetch_objects(folder, {name: found[name]}) / name for name in names}
