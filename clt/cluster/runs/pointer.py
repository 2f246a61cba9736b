"""What a component records about a step's output.

Kubeflow refuses an artifact whose URI lies outside the run's own root, so artifacts point into the store by metadata.
"""

import math
from collections.abc import Mapping

from clt.hashing import digest
from clt.store import open_store


def pointer(store_uri: str, key: str) -> dict[str, str]:
    """Metadata that leads to a complete artifact: store_uri, key and the checksum of its files."""
    manifest = open_store(store_uri).manifest(key)
    files = {name: facts.sha256 for name, facts in manifest.files.items()} if manifest else {}
    return {"store_uri": store_uri, "key": key, "checksum": digest(files) if manifest else ""}


def finite(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """The metrics that Kubeflow can hold: NaN and infinities break a task's output."""
    return {name: float(value) for name, value in metrics.items() if value is not None and math.isfinite(value)}
