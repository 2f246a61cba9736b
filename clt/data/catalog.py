"""The sources of a study, opened and indexed once: what inspection, items and mixtures look things up in."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, TypeAlias

from clt.data.columns import value_at
from clt.data.file_kind import safe_names
from clt.data.index import Index, cached_index
from clt.data.parallel_map import parallel_map
from clt.data.ranking import Hashes
from clt.data.sources import Rows, open_rows
from clt.data.templates import as_text, fields, render, values
from clt.data.validation import RowCheck
from clt.errors import DataError
from clt.store import Store, open_store
from clt.study import Facts, Source, Study, Task

Split: TypeAlias = Literal["train", "test"]
LARGE_BYTES = 50_000_000  # to parse in about two seconds, twice as long as new processes take to start


class LanguageSplit:
    """One language of one task's training or test source."""

    def __init__(self, task: str, spec: Task, split: Split, language: str, store: Store | None, planned: str) -> None:
        self.task, self.split, self.language = task, split, language
        self.label = f"task {task}, language {language}"
        self.prompt, self.answer = spec.prompt_in(language), spec.answer_in(language)
        self._source: Source = getattr(spec, split)
        self._store = store
        self._planned = planned

    @cached_property
    def rows(self) -> Rows:
        return open_rows(self._source, self.language, f"tasks.{self.task}.{self.split}, language {self.language}")

    @cached_property
    def index(self) -> Index:
        """The checked rows; DataError if the source is no longer what the study was planned with."""
        checksum = self.rows.checksum()
        if self._planned and checksum != self._planned:
            raise DataError(
                f"{self.label}: {self.rows.name}: has changed since the study was planned (checksum {self._planned} "
                f"then, {checksum} now); put the planned data back, or plan the study again"
            )
        return cached_index(
            self._store,
            self.rows,
            checksum,
            prompt=self.prompt,
            answer=self.answer,
            columns=self._source.columns,
            skip=self._source.on_bad_row == "skip",
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

    def spread(self, count: int) -> Hashes:
        """The hashed ids of at most so many rows, evenly spread over the source."""
        ids = self.index.ids
        return ids[:: max(1, -(-len(ids) // count))]

    def identifiers(self, hashes: Hashes) -> list[str]:
        """The ids behind hashes, for messages and manifests."""
        return [identifier for identifier, _, _ in self.rendered(hashes)]

    def _positions(self, hashes: Hashes) -> list[int]:
        return self.index.entries["position"][self.index.find(hashes)].tolist()

    def _lines(self, hashes: Hashes) -> list[int]:
        return self.index.entries["line"][self.index.find(hashes)].tolist()


class Catalog:
    """All splits of a study's sources; with facts, each must still be what they say."""

    def __init__(self, study: Study, store: Store | None, facts: Facts | None = None) -> None:
        self.study = study
        self.store = store
        self._facts = facts
        self._splits: dict[tuple[str, Split, str], LanguageSplit] = {}

    def language_split(self, task: str, split: Split, language: str) -> LanguageSplit:
        key = (task, split, language)
        if key not in self._splits:
            planned = "" if self._facts is None else self._facts.source(task, split, language).checksum
            self._splits[key] = LanguageSplit(task, self.study.tasks[task], split, language, self.store, planned)
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
            indexes = parallel_map(_index, [(self.study, uri, *key) for key in keys])
            for split, index in zip(splits, indexes, strict=True):
                split.index = index


def _index(study: Study, store_uri: str | None, task: str, split: Split, language: str) -> Index:
    store = None if store_uri is None else open_store(store_uri)
    return Catalog(study, store).language_split(task, split, language).index
