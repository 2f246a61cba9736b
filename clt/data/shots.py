"""The solved examples before a task's test items: which rows they are, the same ones for all items of a language.

None of them is a test item: not by its id in any evaluated language, and not by its text.
"""

import numpy as np
import orjson

from clt.data.catalog import Catalog, LanguageSplit
from clt.data.content import rows_digest
from clt.data.items import choose_items
from clt.data.overlap import ItemTexts
from clt.data.ranking import Hashes, in_order
from clt.errors import DataError
from clt.store import ArtifactFile, Attempt
from clt.study import Shots, Split, Study, StudyRecord


def shots_needed(study: Study, task: str) -> list[tuple[str, Split, str]]:
    """Task, split and language of the sources that a task's examples come from."""
    spec = study.tasks[task]
    if spec.shots is None:
        return []
    return [(task, spec.shots_split, code) for code in dict.fromkeys(map(spec.shots.of, study.evaluated(task)))]


def choose_shots(catalog: Catalog, task: str) -> dict[str, tuple[LanguageSplit, Hashes]]:
    """For each evaluated language the split that its examples come from and their hashed ids in order.

    Raises:
        DataError: A language has too few of them that are no test items.
    """
    spec, study = catalog.study.tasks[task], catalog.study
    if spec.shots is None:
        return {}
    tests = {code: catalog.language_split(task, "test", code) for code in study.evaluated(task)}
    ids = np.concatenate([split.index.ids for split in tests.values() if not split.index.numbered] or [_NONE])
    items = choose_items(catalog, task)
    texts = ItemTexts(text for code, split in tests.items() for text in split.texts(items[code]))
    chosen = {}
    for code in study.evaluated(task):
        split = catalog.language_split(task, spec.shots_split, spec.shots.of(code))
        chosen[code] = split, _clean(split, spec.shots, ids, texts)
        if len(chosen[code][1]) < spec.shots.count:
            raise DataError(_shortage(task, code, spec.shots, split, len(chosen[code][1])))
    return chosen


def shots_digests(catalog: Catalog, task: str) -> dict[str, str]:
    """A digest of the examples of each evaluated language: ids, prompts and answers in order."""
    chosen = choose_shots(catalog, task)
    return {code: rows_digest(hashes, split.contents(hashes)) for code, (split, hashes) in chosen.items()}


def write_shots(attempt: Attempt, record: StudyRecord, catalog: Catalog, task: str) -> None:
    """Write shots.jsonl, rows {language, prompt, answer} by language in their order; nothing for a task without."""
    chosen = choose_shots(catalog, task)
    if not chosen:
        return
    with (attempt.path / ArtifactFile.SHOTS).open("wb") as file:
        for language, (split, hashes) in chosen.items():
            for _, prompt, answer in split.verified(hashes, record.facts.shots.get(f"{task}/{language}")):
                row = {"language": language, "prompt": prompt, "answer": answer}
                file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


_NONE: Hashes = np.empty(0, dtype=np.uint64)


def _clean(split: LanguageSplit, shots: Shots, ids: Hashes, texts: ItemTexts) -> Hashes:
    """The first examples that are no test items, in the order that the study asks for."""
    known = _NONE if split.index.numbered else ids
    rows = split.index.ids
    ordered = rows if shots.order == "source" else in_order(rows, "shots")
    ordered, kept = ordered[~np.isin(ordered, known)], _NONE
    for start in range(0, len(ordered), shots.count):  # texts are compared only as far as they are needed
        some = ordered[start : start + shots.count]
        is_item = [texts.match(text) is not None for text in split.texts(some)]
        kept = np.concatenate([kept, some[~np.array(is_item)]])[: shots.count]
        if len(kept) == shots.count:
            break
    return kept


def _shortage(task: str, language: str, shots: Shots, split: LanguageSplit, found: int) -> str:
    return (
        f"tasks.{task}.shots: {split.rows.name} has {found} examples for {language} that are no test items, expected "
        f"{shots.count}: lower `count`, or name a `source` with more, or another language's in `languages`"
    )
