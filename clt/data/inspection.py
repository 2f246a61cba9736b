"""What a study's sources hold, found out before anything runs."""

from clt.data.catalog import Catalog
from clt.data.draws import draw_facts
from clt.data.item_files import check_items
from clt.data.items import items_digests
from clt.data.selection import Selection, rows_to_draw
from clt.data.shots import shots_digests, shots_needed
from clt.store import Store
from clt.study import DrawFacts, Facts, Grid, SourceFacts, Split, Study


def splits_needed(study: Study, grid: Grid) -> list[tuple[str, Split, str]]:
    """Task, split and language of every source that the grid needs."""
    needed = rows_to_draw(study, grid)
    keys: list[tuple[str, Split, str]] = []
    for task in study.tasks:
        keys += [(task, "test", language) for language in study.evaluated(task)]
        keys += [(task, "train", language) for language in needed.get(task, {})]
        keys += [key for key in shots_needed(study, task) if key not in keys]
    return keys


def inspect_sources(
    study: Study, grid: Grid, store: Store | None = None, *, keep: bool = True, draw: bool = True
) -> Facts:
    """What the sources that the grid needs hold; the models' facts are left empty.

    Every row is read and checked.

    Args:
        study: With resolved paths.
        grid: Its cells.
        store: Keeps the indexes, so that a file that has not changed is not parsed again.
        keep: Whether the store may be written to.
        draw: Whether to draw the cells' rows, which keys need. Otherwise it is only checked that they can be drawn.

    Raises:
        DataError: A source is missing or only declared, a row is bad, a language has no test items, or a source cannot
            serve the cells' counts.
    """
    return inspect_catalog(Catalog(study, store, keep=keep), grid, draw=draw)


def inspect_catalog(catalog: Catalog, grid: Grid, *, draw: bool = True) -> Facts:
    """`inspect_sources` of a catalog, which then holds the indexes."""
    study, keys = catalog.study, splits_needed(catalog.study, grid)
    catalog.load(keys)
    sources = {"/".join(key): _facts(catalog, *key) for key in keys}
    items = {f"{task}/{code}": found for task in study.tasks for code, found in items_digests(catalog, task).items()}
    for task in study.tasks:
        check_items(catalog, task)
    shots = {f"{task}/{code}": found for task in study.tasks for code, found in shots_digests(catalog, task).items()}
    draws: dict[str, DrawFacts] = {}
    for task, languages in rows_to_draw(study, grid).items():
        selection = Selection(catalog, task, languages)
        if draw:
            draws |= draw_facts(catalog, task, selection)
        else:
            selection.check()
    return Facts(sources=sources, items=items, shots=shots, draws=draws)


def _facts(catalog: Catalog, task: str, split: Split, language: str) -> SourceFacts:
    index = catalog.language_split(task, split, language).index
    return SourceFacts(checksum=index.checksum, rows=len(index.entries), mean_bytes=index.mean_bytes)
