"""Which study of a store a command means."""

from pathlib import Path

from clt.errors import StoreError
from clt.planning import read_study
from clt.store import Manifest, Store, read_record
from clt.study import Study

PREFIX = "studies/"


def find_study(store: Store, study: str, *, repeat: str | None = None, limit: int | None = None) -> str:
    """The key of a planned study, given by its key or its file; of several plans of one file the newest.

    Args:
        store: Where it was planned.
        study: Its key, or its file.
        repeat: Of a file: only plans of this repeat; None: of any.
        limit: Of a file: its pilot of at most so many rows; None: the study itself.

    Raises:
        StoreError: There is none; with the studies that are there.
        StudyError: The file is no study.
    """
    plans = plans_in(store)
    if study in plans:
        return study
    if not Path(study).exists():
        raise StoreError(f"got {study!r}, expected a study file or a study of the store {store.uri}: {_listed(plans)}")
    return find_planned(store, read_study(study, limit), study, repeat=repeat)


def find_planned(store: Store, study: Study, file: str = "", *, repeat: str | None = None) -> str:
    """The key of the newest plan of a study in a store.

    Args:
        store: Where it was planned.
        study: With resolved paths; it is found although its data has gone since.
        file: What messages call it.
        repeat: Only plans of this repeat; None: of any.

    Raises:
        StoreError: It was not planned there, or has changed since; with the studies that are there.
    """
    plans = plans_in(store)
    records = {key: read_record(store, key) for key in plans if key.startswith(f"{study.name}-")}
    keys = [key for key, record in records.items() if record.study == study and repeat in (None, record.repeat)]
    if not keys:
        raise StoreError(
            f"{file or study.name}: not planned in the store {store.uri} (or changed since; a pilot is found with its "
            f"`--limit`), expected one of: {_listed(plans)}; run it with `clt run {file or 'STUDY.yaml'} --store "
            f"{store.uri}`, or give one of these keys"
        )
    return max(keys, key=lambda key: plans[key].created)


def find_repeats(store: Store, study: str) -> list[str]:
    """The keys of all plans that differ in nothing but `repeat` from the one that `find_study` finds, oldest first.

    Raises:
        StoreError: As `find_study`.
    """
    plans, key = plans_in(store), find_study(store, study)
    wanted = read_record(store, key)
    records = {other: read_record(store, other) for other in plans if other.startswith(f"{wanted.study.name}-")}
    alike = [other for other, record in records.items() if (record.study, record.facts) == (wanted.study, wanted.facts)]
    return sorted(alike, key=lambda other: (plans[other].created, other))


def plans_in(store: Store) -> dict[str, Manifest]:
    """All planned studies of a store, by key."""
    manifests = store.manifests(store.keys(PREFIX.rstrip("/")))
    return {key.removeprefix(PREFIX): manifest for key, manifest in manifests.items()}


def _listed(plans: dict[str, Manifest]) -> str:
    return ", ".join(plans) if plans else "there is none in it"
