"""The sources of a study, opened and indexed once: what inspection, items and mixtures look things up in."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clt.data.columns import value_at
from clt.data.content import CONTENT, RowsDigest, content_hash
from clt.data.file_kind import safe_names
from clt.data.index import Index, kept_index, make_index
from clt.data.parallel_map import parallel_map
from clt.data.ranking import Hashes
from clt.data.sources import Rows, open_rows
from clt.data.templates import as_text, fields, joined, render, values
from clt.data.validation import RowCheck
from clt.errors import DataError
from clt.store import Store, open_store
from clt.study import Source, Split, Study, Task

LARGE_BYTES = 50_000_000  # to parse in about two seconds, twice as long as new processes take to start


class LanguageSplit:
    """One language of one task's training or test source."""

    def __init__(
        self, task: str, spec: Task, split: Split, language: str, store: Store | None, known: str, *, keep: bool
    ) -> None:
        self.task, self.split, self.language = task, split, language
        self.label = f"task {task}, language {language}"
        self.prompt, self.answer = spec.prompt_in(language, split), spec.answer_in(language, split)
        if split == "test":
            self.answer = joined(spec.expected_in(language))
        self._source: Source = spec.source(split)
        self._store = store
        self._known = known
        self._keep = keep

    @cached_property
    def rows(self) -> Rows:
        return open_rows(self._source, self.language, f"tasks.{self.task}.{self.split}, language {self.language}")

    @cached_property
    def index(self) -> Index:
        """The checked rows: of a known checksum those that the store keeps, without hashing the source again.

        Raises:
            DataError: The source has to be read, and is no longer what the study was planned with.
        """
        check, skip = self._check, self._source.on_bad_row == "skip"
        if self._known and (index := kept_index(self._store, self._known, check, skip=skip)) is not None:
            return index
        checksum = self.rows.checksum()
        self._require_known(checksum)
        if not self._known and (index := kept_index(self._store, checksum, check, skip=skip)) is not None:
            return index
        return make_index(self._store if self._keep else None, self.rows, checksum, check, skip=skip)

    def require_unchanged(self) -> None:
        """DataError if the source is no longer what the study was planned with."""
        self._require_known(self.rows.checksum())

    def _require_known(self, checksum: str) -> None:
        if self._known and checksum != self._known:
            raise DataError(
                f"{self.label}: {self.rows.name}: has changed since the study was planned (checksum {self._known} "
                f"then, {checksum} now); put the planned data back, or plan the study again"
            )

    @cached_property
    def _check(self) -> RowCheck:
        return RowCheck(self.prompt, self.answer, self._source.columns, numbered=self.rows.numbered)

    def texts(self, hashes: Hashes) -> Iterator[str]:
        """The columns of the prompt, without the template's own words, of rows that this language has."""
        names = [self._check.needed[name] for name in fields(self.prompt)]
        for row in self.rows.read(self._positions(hashes)):
            yield "\n".join(as_text(value_at(row, name)) for name in names)

    def rendered(self, hashes: Hashes) -> Iterator[tuple[str, str, str]]:
        """(id, prompt, answer) of rows that this language has, in the order of `hashes`."""
        lines = self._lines(hashes)
        for line, row in zip(lines, self.rows.read(self._positions(hashes)), strict=True):
            texts = values(row, self._check.needed)
            identifier = self._check.identify(row, line)
            yield identifier, render(self.prompt, texts), render(self.answer, texts)

    def first(self, count: int) -> Hashes:
        """The hashed ids of so many rows of the source, the first ones."""
        return self.index.ids[:count]

    def spread(self, count: int) -> Hashes:
        """The hashed ids of at most so many rows, evenly spread over the source."""
        ids = self.index.ids
        return ids[:: max(1, -(-len(ids) // count))]

    def verified(self, hashes: Hashes, planned: str | None) -> Iterator[tuple[str, str, str]]:
        """As `rendered`; after the last row DataError unless they have the digest that the plan found (None: any)."""
        found = RowsDigest()
        try:
            for row in self.rendered(hashes):
                found.add(*row)
                yield row
        except (ArithmeticError, LookupError, TypeError, ValueError):  # what was found by its place is not there
            self.require_unchanged()
            raise
        if planned is not None and found.hexdigest() != planned:
            self.require_unchanged()
            raise DataError(
                f"{self.label}: {self.rows.name}: its rows differ from those that the study was planned with, although "
                "its checksum does not; plan the study again with the version that runs it"
            )

    def contents(self, hashes: Hashes) -> NDArray[np.void]:
        """The hashes of the rendered texts of rows that this language has, in the order of `hashes`."""
        texts = (content_hash(prompt, answer) for _, prompt, answer in self.rendered(hashes))
        return np.frombuffer(b"".join(texts), dtype=CONTENT)

    def identifiers(self, hashes: Hashes) -> list[str]:
        """The ids behind hashes, for messages and manifests."""
        return [identifier for identifier, _, _ in self.rendered(hashes)]

    def _positions(self, hashes: Hashes) -> list[int]:
        return self.index.entries["position"][self.index.find(hashes)].tolist()

    def _lines(self, hashes: Hashes) -> list[int]:
        return self.index.entries["line"][self.index.find(hashes)].tolist()


class Catalog:
    """All splits of a study's sources; those with a known checksum must still be what it says where they are read."""

    def __init__(
        self, study: Study, store: Store | None, known: Mapping[str, str] | None = None, *, keep: bool = True
    ) -> None:
        """`known` are checksums by "TASK/SPLIT/LANGUAGE"; with `keep` the store keeps what is found out."""
        self.study = study
        self.store = store
        self.keep = keep and store is not None
        self._known = known or {}
        self._splits: dict[tuple[str, Split, str], LanguageSplit] = {}

    def language_split(self, task: str, split: Split, language: str) -> LanguageSplit:
        key = (task, split, language)
        if key not in self._splits:
            known, spec = self._known.get("/".join(key), ""), self.study.tasks[task]
            self._splits[key] = LanguageSplit(task, spec, split, language, self.store, known, keep=self.keep)
        return self._splits[key]

    def described(self, keys: list[tuple[str, Split, str]]) -> Iterator[str]:
        """What was read, a line a task and split: the columns of the first language, such as those of a header."""
        for task, split in dict.fromkeys((task, split) for task, split, _ in keys):
            language = next(code for name, part, code in keys if (name, part) == (task, split))
            rows = self.language_split(task, split, language).rows
            yield f"tasks.{task}.{split}: read {rows.name}, columns {safe_names(rows.columns)}"

    def load(self, keys: list[tuple[str, Split, str]]) -> None:
        """Make the indexes of these splits, large ones in parallel. Errors are those of the first in the list."""
        splits = [self.language_split(*key) for key in keys]
        if sum(split.rows.size for split in splits) > LARGE_BYTES:
            uri = None if self.store is None else self.store.uri
            indexes = parallel_map(_index, [(self.study, uri, self.keep, *key) for key in keys])
            for split, index in zip(splits, indexes, strict=True):
                split.index = index

    def checksums(self) -> dict[str, str]:
        """Of all splits that are indexed by now, for another process that is to hash none of them."""
        indexed = {key: split for key, split in self._splits.items() if "index" in vars(split)}
        return {"/".join(key): split.index.checksum for key, split in indexed.items()}


def _index(study: Study, store_uri: str | None, keep: bool, task: str, split: Split, language: str) -> Index:
    store = None if store_uri is None else open_store(store_uri)
    return Catalog(study, store, keep=keep).language_split(task, split, language).index
