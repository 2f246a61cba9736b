"""How an output goes: whole, and only if what was decided on still holds."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from clt.store import Garbage, Manifest, Store


def whole(store: Store, kind: str, place: str, manifests: Mapping[str, Manifest]) -> Garbage:
    """A key and those below it, the key itself first: what is below is of no use without it."""
    size = sum(facts.size for each in manifests.values() if each.pruned is None for facts in each.files.values())
    removals = [partial(store.remove, key, only=manifest) for key, manifest in sorted(manifests.items())]
    return Garbage(kind=kind, place=place, size=size, remove=lambda: all(remove() for remove in removals))


def guarded(store: Store, garbage: Garbage, known: Mapping[str, Collection[str]]) -> Garbage:
    """Goes only if nothing has been published below these prefixes but the keys that were known when it was found."""

    def remove() -> bool:
        unchanged = all(set(keys).issuperset(store.keys(prefix)) for prefix, keys in known.items())
        return unchanged and garbage.remove()

    return replace(garbage, remove=remove)


def by_root(manifests: Mapping[str, Manifest]) -> dict[str, dict[str, Manifest]]:
    """Manifests by the step's output that each belongs to."""
    found: dict[str, dict[str, Manifest]] = defaultdict(dict)
    for key, manifest in manifests.items():
        found[root_of(key)][key] = manifest
    return found


def root_of(key: str) -> str:
    """The key of the step's output that a key belongs to."""
    return "/".join(key.split("/")[:2])


def created(manifest: Manifest) -> datetime:
    return datetime.fromisoformat(manifest.created)
