"""What every cell draws, as digests: a plan knows by them which mixtures and trainings there are already.

A draw is the first n training rows of one task and language under one seed, with the validation rows beside them. Its
digests hold ids and rendered texts, so they change when the rows do, and with nothing else of their sources.
"""

import hashlib
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from clt.data.catalog import Catalog
from clt.data.content import rows_digest
from clt.data.parallel_map import parallel_map
from clt.data.ranking import Hashes
from clt.data.selection import Drawn, Selection
from clt.hashing import digest
from clt.store import ArtifactFile, open_store
from clt.study import DrawFacts, Study, draw_name

LARGE_ROWS = 100_000  # to read in about a second, as long as new processes take to start
Contents = dict[str, tuple[Hashes, NDArray[np.void]]]  # language -> drawn rows (sorted), and the hashes of their texts


def draw_facts(catalog: Catalog, task: str, selection: Selection) -> dict[str, DrawFacts]:
    """The facts about all draws of a task, by `draw_name`; from the store, where a plan left them.

    Raises:
        DataError: A source cannot serve the cells' counts.
    """
    if (folder := selection.recall()) is not None:
        return _read(folder)
    drawn = selection.draw_all()
    contents = _contents(catalog, task, selection, drawn)
    facts = {
        draw_name(task, language, seed, count): _facts(
            selection, contents, language, drawn[language, seed].first(count)
        )
        for language, seeds in selection.needed.items()
        for seed, counts in seeds.items()
        for count in counts
    }
    if catalog.store is not None and catalog.keep:
        with catalog.store.writer(selection.key) as attempt:
            selection.write(attempt.path)
            lines = {name: each.model_dump() for name, each in facts.items()}
            (attempt.path / ArtifactFile.DRAWS).write_bytes(orjson.dumps(lines))
    return facts


def _read(folder: Path) -> dict[str, DrawFacts]:
    lines = orjson.loads((folder / ArtifactFile.DRAWS).read_bytes())
    return {name: DrawFacts.model_validate(each) for name, each in lines.items()}


def _facts(selection: Selection, contents: Contents, language: str, drawn: Drawn) -> DrawFacts:
    def of_rows(rows: Hashes) -> str:
        known, texts = contents[language]
        return rows_digest(rows, texts[np.searchsorted(known, rows)])

    reasons = selection.left_out(language, drawn)
    skipped = selection.splits[language].index.skipped
    left_out = {reason: hashlib.sha256(rows.tobytes()).hexdigest() for reason, rows in reasons.items()}
    return DrawFacts(
        rows=of_rows(drawn.rows),
        validation=of_rows(selection.validation(language).rows),
        left_out=digest([left_out, {reason: rows.count for reason, rows in skipped.items()}]),
    )


def _contents(catalog: Catalog, task: str, selection: Selection, drawn: dict[tuple[str, int], Drawn]) -> Contents:
    """The texts of all rows that some cell draws, read once."""
    rows = {
        language: np.unique(
            np.concatenate([selection.validation(language).rows, *(drawn[language, seed].rows for seed in seeds)])
        )
        for language, seeds in selection.needed.items()
    }
    if catalog.store is not None and catalog.keep and sum(map(len, rows.values())) > LARGE_ROWS:
        known = catalog.checksums()
        calls = [(catalog.study, catalog.store.uri, known, task, code, hashes) for code, hashes in rows.items()]
        texts = parallel_map(_texts, calls)
    else:
        texts = [selection.splits[code].contents(hashes) for code, hashes in rows.items()]
    return {code: (hashes, found) for (code, hashes), found in zip(rows.items(), texts, strict=True)}


def _texts(
    study: Study, store_uri: str, known: dict[str, str], task: str, language: str, hashes: Hashes
) -> NDArray[np.void]:
    """`LanguageSplit.contents` in a new process, with the indexes that the store keeps."""
    return Catalog(study, open_store(store_uri), known).language_split(task, "train", language).contents(hashes)
