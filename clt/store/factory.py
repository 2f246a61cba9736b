"""The one place that knows which kinds of store there are."""

import re
from pathlib import Path

from clt.errors import StoreError
from clt.store.local import LocalStore
from clt.store.store import Store


def open_store(uri: str | Path) -> Store:
    """Open a store.

    Args:
        uri: A local folder, which the first write creates, or s3://BUCKET/PREFIX.

    Raises:
        StoreError: It is anything else, a folder that holds other things, a store of a newer version, or a bucket
            that cannot be reached.
    """
    text = str(uri)
    if text.startswith("s3://"):
        from clt.store.object_store import ObjectStore  # minio is heavy, and most stores are folders

        return ObjectStore(text)
    if match := re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text):
        raise StoreError(f"store {text!r}: got the scheme {match[1]!r}, expected s3://BUCKET/PREFIX or a local folder")
    if not text.strip():
        raise StoreError(f"store: got {text!r}, expected s3://BUCKET/PREFIX or a local folder")
    return LocalStore(Path(text))
