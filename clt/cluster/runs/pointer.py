"""What a component records about a step's output.

Kubeflow refuses an artifact whose URI lies outside the run's own root, so artifacts point into the store by metadata,
and by a small file of the same content, which Kubeflow's page shows where people click the artifact.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from clt.hashing import digest
from clt.store import open_store


class Artifact(Protocol):
    """What is needed of an artifact of kfp's."""

    metadata: dict[str, Any]
    path: str


def pointer(store_uri: str, key: str, files_key: str = "") -> dict[str, str]:
    """Metadata that leads to a complete artifact.

    Args:
        store_uri: The store's uri.
        key: The artifact's key.
        files_key: The key below it that holds its files; empty if it holds them itself.

    Returns:
        `store_uri`, `key`, and of the files `location` (empty if they are gone) and `checksum`.
    """
    files_key = files_key or key
    manifest = open_store(store_uri).manifest(files_key)
    if manifest is None:
        return {"store_uri": store_uri, "key": key, "location": "", "checksum": ""}
    folder = f"{store_uri.rstrip('/')}/{files_key}/attempts/{manifest.attempt}"
    return {
        "store_uri": store_uri,
        "key": key,
        "location": "" if manifest.pruned else folder,
        "checksum": digest({name: facts.sha256 for name, facts in manifest.files.items()}),
    }


def record_pointer(artifact: Artifact, facts: Mapping[str, Any]) -> None:
    """Say in an artifact's metadata, and in its file, where in the store the thing is.

    Args:
        artifact: The output of a component.
        facts: JSON-able; such as `pointer` gives.

    Raises:
        OSError: The artifact's file cannot be written.
    """
    artifact.metadata.update(facts)
    Path(artifact.path).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def finite(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """The metrics that Kubeflow can hold: NaN and infinities break a task's output."""
    return {name: float(value) for name, value in metrics.items() if value is not None and math.isfinite(value)}
