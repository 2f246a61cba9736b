"""Which study of a store a command means."""

from pathlib import Path

from clt.errors import StoreError
from clt.planning import read_study
from clt.store import Manifest, Store, read_record
from clt.study import Study, StudyRecord

PREFIX = "studies/"
SHOWN = 5  # runs of a baseline that a message names: the newest


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
    """The key of the newest plan of a study in a store; of a recurring baseline, that of its newest run.

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
    keys = [key for key, each in records.items() if _asks(each.study, study) and repeat in (None, each.repeat)]
    if not keys:
        raise StoreError(_not_planned(store, study, file, plans, records))
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


def _asks(planned: Study, study: Study) -> bool:
    """Whether a plan is of this study: a run of a baseline takes some of its seeds."""
    if study.baseline is None:
        return planned == study
    return planned.model_copy(update={"seeds": study.seeds}) == study


def _not_planned(
    store: Store, study: Study, file: str, plans: dict[str, Manifest], records: dict[str, StudyRecord]
) -> str:
    where = f"{file or study.name}: not planned in the store {store.uri} (or changed since"
    if study.baseline is None:
        return (
            f"{where}; a pilot is found with its `--limit`), expected one of: {_listed(plans)}; run it with `clt run "
            f"{file or 'STUDY.yaml'} --store {store.uri}`, or give one of these keys"
        )
    runs = [key for key, record in records.items() if record.study.baseline is not None and record.repeat]
    newest = sorted(runs, key=lambda key: plans[key].created)[-SHOWN:]
    said = ", ".join(f"{key} (run {records[key].repeat})" for key in newest) or "there is none"
    return (
        f"{where}), expected a study with runs of the baseline {study.name}: {said}; run it with `clt baseline run "
        f"{file or 'STUDY.yaml'} --store {store.uri}`, or give one of these keys"
    )


def _listed(plans: dict[str, Manifest]) -> str:
    return ", ".join(plans) if plans else "there is none in it"
