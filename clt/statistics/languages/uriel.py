"""The table of languages, languages.csv.gz: one row a language, read once and only when somebody asks.

NOTICE.md names its source and licence; generate.py made it.
"""

import csv
import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import langcodes
import numpy as np

TABLE = Path(__file__).with_name("languages.csv.gz")
SOURCE = Path(__file__).with_name("source.json")
LEVELS = ("low-resource", "medium-resource", "high-resource")  # as the source grades languages, in rising order
FEATURES = ("syntactic", "phonological", "inventory")  # kinds of typological features
Array = np.ndarray


class Columns(NamedTuple):
    """The table's columns; text that is empty is not known."""

    code: str  # shortest code, as `canonical` gives it
    glottocode: str
    name: str
    resource_level: str  # one of LEVELS
    latitude: str  # of the place that stands for the language, in degrees
    longitude: str
    lineage: str  # branches from the family down, joined by " > "
    described_as: str  # ISO 639-3 code whose features follow: of a macrolanguage, the part or whole with most of them
    syntactic: str  # a digit a feature, 0 or 1, - where it is not known
    phonological: str
    inventory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    name: str
    resource_level: str | None
    place: tuple[float, float] | None  # latitude and longitude in radians
    lineage: tuple[str, ...]
    features: dict[str, Array]  # kind -> (features,) of 0, 1 and -1 (not known); kinds without features are left out

    @property
    def family(self) -> str | None:
        return self.lineage[0] if self.lineage else None


@lru_cache
def language(code: str) -> Language | None:
    """The language of a code such as "pt", "zh", "cmn" or "sr-Latn"; None if the source does not have it."""
    row = _rows().get(canonical(code))
    if row is None:
        return None
    features = {kind: np.array([_DIGIT[digit] for digit in getattr(row, kind)], dtype=int) for kind in FEATURES}
    return Language(
        name=row.name,
        resource_level=row.resource_level or None,
        place=(np.radians(float(row.latitude)), np.radians(float(row.longitude))) if row.latitude else None,
        lineage=tuple(row.lineage.split(" > ")) if row.lineage else (),
        features={kind: values for kind, values in features.items() if len(values)},
    )


def canonical(code: str) -> str:
    """The code under which a language stands in the table: the shortest one, of the macrolanguage where CLDR says so.

    Script and region are passed over. Raises LookupError for what is not a language tag.
    """
    tag = langcodes.standardize_tag(code, macro=True)
    return langcodes.Language.get(tag, normalize=False).language or code


@lru_cache
def source() -> str:
    """Source, version and licence of the table, in words."""
    facts = json.loads(SOURCE.read_text(encoding="utf-8"))
    return f"{facts['source']}, in {facts['package']} {facts['version']} ({facts['licence']})"


_DIGIT = {"0": 0, "1": 1, "-": -1}


@lru_cache
def _rows() -> dict[str, Columns]:
    with gzip.open(TABLE, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        assert tuple(next(reader)) == Columns._fields, "generate.py writes these columns"
        return {row[0]: Columns(*row) for row in reader}
