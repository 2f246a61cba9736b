"""Texts in a bucket beside the stores, such as the study file of a run: s3://BUCKET/PATH is one object."""

from typing import TYPE_CHECKING

from clt.errors import StoreError

if TYPE_CHECKING:
    from clt.store.bucket import Bucket


def read_text(uri: str) -> str:
    """The text of an object.

    Args:
        uri: s3://BUCKET/PATH.

    Raises:
        StoreError: There is no such object, it is not UTF-8, or it cannot be read.
    """
    bucket, name = _open(uri)
    stored = bucket.read(name)
    if stored is None:
        raise StoreError(f"{uri}: there is no such object; put it there, or mend its name")
    try:
        return stored.content.decode()
    except UnicodeDecodeError as error:
        raise StoreError(f"{uri}: byte {error.start} is not UTF-8, expected a text in UTF-8") from None


def write_text(uri: str, text: str) -> None:
    """Put a text, in UTF-8, in place of whatever is at s3://BUCKET/PATH.

    Raises:
        StoreError: It cannot be written there.
    """
    bucket, name = _open(uri)
    bucket.write(name, text.encode())


def _open(uri: str) -> tuple["Bucket", str]:
    from clt.store.bucket import Bucket  # minio is heavy, and most stores are folders

    name, _, path = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not name or not path.strip("/"):
        raise StoreError(f"got {uri!r}, expected s3://BUCKET/PATH")
    folder, _, file = path.strip("/").rpartition("/")
    return Bucket(name, folder), file
