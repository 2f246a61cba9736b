"""Kubernetes' strategic merge for pod templates: maps are merged, lists of named things are merged by their key.

A volume is replaced as a whole: two sources in one would be refused.
"""

from typing import Any

# The key by which the API merges a list in a pod's spec; any other list is replaced as a whole.
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "hostAliases": "ip",
}


def strategic_merge(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A copy of `base` with the patch applied; a null in the patch removes the field."""
    merged = dict(base)
    for name, value in patch.items():
        old = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = strategic_merge(old if isinstance(old, dict) else {}, value)
        elif isinstance(value, list) and isinstance(old, list) and name in _MERGE_KEYS:
            merged[name] = _merge_list(old, value, _MERGE_KEYS[name], whole=name == "volumes")
        else:
            merged[name] = value
    return merged


def _merge_list(
    base: list[dict[str, Any]], patch: list[dict[str, Any]], key: str, *, whole: bool
) -> list[dict[str, Any]]:
    merged = {item.get(key): item for item in base}
    for item in patch:
        old = merged.get(item.get(key), {})
        merged[item.get(key)] = item if whole else strategic_merge(old, item)
    return list(merged.values())
