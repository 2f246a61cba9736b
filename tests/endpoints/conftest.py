"""Stores of every kind for what keeps replies."""

from tests.store.conftest import minio, object_store

__all__ = ["minio", "object_store"]
