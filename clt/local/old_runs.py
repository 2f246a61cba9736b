"""What is big of a baseline's old runs: weights, rows, and answers with what a judge said to them.

It goes where no other study of the store names it. Scores, predictions and what the baseline recorded stay, so that old
runs are reported as before; a training goes whole, so that whoever needs its weights again trains it again.
"""

from collections.abc import Collection, Iterator

from clt.local.removal import by_root, guarded, root_of, whole
from clt.local.study_needs import answers_of, is_busy, needed_by
from clt.store import Garbage, Store, read_record
from clt.study import StudyRecord

# By the first part of their keys, in the order in which they go: a training says which answers its run has.
PARTS = {"answers": "answers", "judgements": "ratings", "mixtures": "rows", "trainings": "weights"}
BASELINES, STUDIES = "baselines", "studies"


def find_old_runs(store: Store) -> Iterator[Garbage]:
    """What can go of all runs that are outside of their baselines' retention and are not run again just now.

    Raises:
        StoreError: Something of a baseline is damaged, or a study cannot be read, so nobody can say what it needs.
    """
    known = {prefix: store.keys(prefix) for prefix in (BASELINES, STUDIES)}  # a new run, or a new pin, decides anew
    if not known[BASELINES]:
        return
    from clt.baselines import old_runs  # late: pandas and scipy

    old = [key for key in old_runs(store) if f"{STUDIES}/{key}" in known[STUDIES]]
    trainings = store.manifests(store.keys("trainings")) if old else {}

    def names(record: StudyRecord) -> set[str]:
        return needed_by(record) | answers_of(record, trainings)

    records = {key: record for key in old if not is_busy(store, record := read_record(store, key))}
    standing = by_root(store.manifests(_keys(store, {key for record in records.values() for key in names(record)})))
    if standing:
        others = (key.removeprefix(f"{STUDIES}/") for key in known[STUDIES])
        needed = {key for other in others if other not in records for key in names(read_record(store, other))}
        for part, kind in PARTS.items():
            for root in sorted(key for key in standing.keys() - needed if key.startswith(f"{part}/")):
                yield guarded(store, whole(store, f"{kind} of an old baseline run", root, standing[root]), known)


def _keys(store: Store, roots: Collection[str]) -> list[str]:
    """The complete keys at and below those of these roots that are a part of PARTS."""
    return [key for part in PARTS for key in store.keys(part) if root_of(key) in roots]
