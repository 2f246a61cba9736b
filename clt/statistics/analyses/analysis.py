"""What an analysis is: its part of statistics.json, how it is computed, and how it shows on the page and in tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.flat_tables import Flattener, Row
from clt.statistics.rendering.svg import Figure
from clt.statistics.values import Document

Part = TypeVar("Part", bound=Document)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section(Generic[Part]):
    """A section of the page."""

    name: str  # its anchor
    title: str
    needs: str  # what the input lacks where there is nothing to show
    # the variables of the template; None: nothing to show
    view: Callable[[Part, Context], dict[str, Any] | None]
    template: Path
    place: int = 1000  # on the page, rising, equal ones in the order of ANALYSES; left out: after all others
    leads: bool = False  # stands before all text of the page
    methods: Path | None = None  # template of list items for the section on methods, from `part`

    def __post_init__(self) -> None:
        for path in filter(None, (self.template, self.methods)):
            if not path.is_file():
                raise FileNotFoundError(f"section {self.name!r}: there is no template {path}")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the page answers first, in plain sentences; one that nothing answers is left out."""

    text: str
    answer: Callable[[Statistics], Iterator[str]]
    place: int  # among the questions of all analyses, rising


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis(Generic[Part]):
    """One question that the statistics answer. The fields of `part` are fields of statistics.json.

    `compute` takes the inputs and the statistics as far as they are made: what stands before it in ANALYSES.
    """

    part: type[Part]
    compute: Callable[[Inputs, Statistics], Part]
    section: Section[Part] | None = None
    questions: tuple[Question, ...] = ()  # their answers lead to the section
    figures: Callable[[Part, Context], list[Figure]] | None = None
    # name of a table -> its rows; left out: one for every list of the part, named like the field
    tables: Callable[[Part, Flattener], Mapping[str, Iterable[Row]]] | None = None

    def part_of(self, statistics: Statistics) -> Part:
        """The analysis' own fields of the statistics."""
        return self.part.model_construct(**{name: getattr(statistics, name) for name in self.part.model_fields})
