"""A complete run becomes one artifact: its means, its items with their scores, what it ran on, and its bits."""

from collections.abc import Iterator

import pandas as pd

from clt.baselines.anchors import rate_anchors
from clt.baselines.artifacts import ITEMS, CellBits, CompleteRun, PlannedRun, place
from clt.baselines.asked import asked_items, content_of
from clt.baselines.bits import cell_bits
from clt.baselines.comparisons import ANCHORS, JUDGE, Place, asked_place, place_of, score_key
from clt.baselines.made_with import made_with
from clt.errors import DataError
from clt.hashing import digest
from clt.store import ArtifactFile, EvaluationMetadata, Store
from clt.study import Cell, StudyRecord, checkpoint_key

KEY = ["key", "task", "language", "item", "content"]


def missing_cells(store: Store, record: StudyRecord) -> list[str]:
    """The cells of a run that have no scores yet."""
    keys = {cell.key: record.evaluation_key(cell) for cell in record.grid.cells}
    complete = store.manifests(keys.values())
    return [cell for cell, key in keys.items() if key not in complete]


def record_run(store: Store, record: StudyRecord, planned: PlannedRun) -> CompleteRun:
    """Keep a complete run for good; again is harmless. What is kept needs no other artifact of the run.

    Raises:
        DataError: A cell has no scores: there is no verdict from a part.
        EndpointError: The judge cannot be asked for its anchors.
        StoreError: Something of a cell is damaged.
    """
    key = place(record.study.name, "runs", planned.run)
    if (known := CompleteRun.read(store, key)) is not None:
        return known
    if missing := missing_cells(store, record):
        raise DataError(f"run {planned.run}: cells without scores: {', '.join(missing)}; there is no verdict of a part")
    contents = {
        task: {where: content_of(item) for where, item in asked_items(store, record, task).items()}
        for task in record.study.tasks
    }
    cells: dict[str, CellBits] = {}
    parts: list[pd.DataFrame] = []
    for cell in record.grid.cells:
        selected = EvaluationMetadata.read(store, record.evaluation_key(cell))
        assert selected is not None, "no cell is missing"
        folder = store.fetch(checkpoint_key(record.evaluation_key(cell), selected.selected))
        scores = pd.read_parquet(folder / ArtifactFile.SCORES)
        cells[cell.key] = cell_bits(store, record, cell, selected.selected, folder)
        parts += [_by_key(scores, where, contents) for where in _places(record, cell)]
    if not (rated := rate_anchors(store, record, planned.run)).empty:
        parts.append(_of_anchors(rated))
    # The mean over seeds; an item that no seed has a score of stays, without one.
    table = pd.concat(parts, ignore_index=True).groupby(KEY, sort=True)["score"].mean().reset_index()
    by_key = table.groupby("key", sort=True)["score"]
    with store.writer(key) as attempt:
        table.to_parquet(attempt.path / ITEMS, index=False, compression="zstd")
        complete = CompleteRun(
            run=planned.run,
            number=planned.number,
            study_key=planned.study_key,
            seeds=planned.seeds,
            started=planned.started,
            means={str(name): float(mean) for name, mean in by_key.mean().items() if pd.notna(mean)},
            scored={str(name): int(count) for name, count in by_key.count().items()},
            items=dict(_item_sets(table)),
            made_with=made_with(store, record),
            cells=cells,
        )
        complete.write(attempt)
    return complete


def _places(record: StudyRecord, cell: Cell) -> list[Place]:
    if cell.is_base:
        return [Place(cell.model, "base")]
    return list(dict.fromkeys(place_of(point) for point in record.grid.points if point.cell == cell.key))


def _by_key(scores: pd.DataFrame, where: Place, contents: dict[str, dict[tuple[str, str], str]]) -> pd.DataFrame:
    """A cell's scores at one place, with the keys of their means and what was asked."""
    columns = [scores[name] for name in ("task", "metric", "language", "item")]
    known = [
        (score_key(where, task, metric, language), contents[task][language, item])
        for task, metric, language, item in zip(*columns, strict=True)
    ]
    keys, content = zip(*known, strict=True)
    return scores.assign(key=keys, content=content)


def _of_anchors(rated: pd.DataFrame) -> pd.DataFrame:
    """The judge's ratings of fixed answers as scores at a place of their own."""
    places = list(zip(rated["task"], rated["language"], strict=True))
    return pd.DataFrame(
        {
            "key": [score_key(Place("", ANCHORS), task, JUDGE, language) for task, language in places],
            "task": [asked_place(task, language, anchors=True).rpartition("/")[0] for task, language in places],
            "language": rated["language"],
            "item": rated["item"],
            "content": rated["content"],
            "score": rated["rating"],
        }
    )


def _item_sets(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """`asked_place` -> a digest of its items by id and content."""
    items = table[["task", "language", "item", "content"]].drop_duplicates()
    for (task, language), group in items.groupby(["task", "language"], sort=True):
        yield f"{task}/{language}", digest(sorted(zip(group["item"], group["content"], strict=True)))
