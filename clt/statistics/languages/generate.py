"""Make languages.csv.gz and source.json from the package urielplus: `make languages`.

Nothing else needs that package. Its arrays of URIEL's own layers are taken as they are: the databases that it can add
(Grambank and others) describe some languages and not others, and a distance between two languages that both have them
is not on the same footing as one between two that do not.
"""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

import numpy as np
from langcodes import Language, standardize_tag, tag_is_valid

from clt.statistics.languages.uriel import FEATURES, LEVELS, SOURCE, TABLE, Columns, canonical

PACKAGE = "urielplus"
LICENCE = "CC BY-SA 4.0"
PREFIXES = dict(zip(FEATURES, ("S_", "P_", "INV_"), strict=True))
ARRAYS = "original_uriel/features.npz"
CODES, PLACES, GRADES = (
    f"urielplus_csvs/{name}" for name in ("uriel_glottocode_map.csv", "lang_fam_geo.csv", "resource_languages.json")
)
INPUTS = (ARRAYS, CODES, PLACES, GRADES)
Array = np.ndarray


def main() -> None:
    folder = Path(str(resources.files(PACKAGE))) / "database"
    # relatives side by side: the same text a quarter smaller when compressed
    rows = sorted(_rows(folder), key=lambda row: (row.lineage, row.code))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Columns._fields)
    writer.writerows(rows)
    TABLE.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))  # equal rows, equal bytes
    facts = {
        "source": "URIEL with Glottolog's families",
        "package": PACKAGE,
        "version": metadata.version(PACKAGE),
        "licence": LICENCE,
        "languages": len(rows),
        "sha256": {
            "table (uncompressed)": hashlib.sha256(text.getvalue().encode()).hexdigest(),
            **{name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in INPUTS},
        },
    }
    SOURCE.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _rows(folder: Path) -> Iterator[Columns]:
    """One row a language that is described by features or placed in a family.

    Codes that CLDR takes for one language (swh and swa, cmn and zho) share a row. Its name, place and grade are those
    of the language that the code stands for where the source has them, its features those of the best described one.
    """
    described = _features(folder)
    glottocodes = {row["iso_code"]: row["glottocode"] for row in _csv(folder / CODES)}
    places = _places(folder)
    grades = {code: level for level in LEVELS for code in json.loads((folder / GRADES).read_text())[level]}
    parts: dict[str, list[str]] = {}
    for iso in sorted({*described, *glottocodes}):
        if tag_is_valid(iso):
            parts.setdefault(canonical(iso), []).append(iso)
    for code, members in sorted(parts.items()):
        members.sort(key=lambda iso: _strangeness(iso, code))
        placed = next((g for iso in members if (g := glottocodes.get(iso, "")) in places), "")
        best = max(members, key=lambda iso: _known(described.get(iso)))  # the first of equals
        place = places.get(placed, {})
        features = described.get(best, dict.fromkeys(FEATURES, ""))
        if placed or any(features.values()):
            yield Columns(
                code=code,
                glottocode=placed,
                name=place.get("language_name", code),
                resource_level=grades.get(placed, ""),
                latitude=place.get("latitude", ""),
                longitude=place.get("longitude", ""),
                lineage=place.get("lineage", "").replace(", ", " > "),
                described_as=best if any(features.values()) else "",
                **features,
            )


def _strangeness(iso: str, code: str) -> tuple[bool, bool, str]:
    """Order of the languages of one code: itself, what CLDR takes for it (swh), its regional kinds (swc is sw-CD)."""
    return iso != Language.get(code).to_alpha3(), "-" in standardize_tag(iso, macro=True), iso


def _features(folder: Path) -> dict[str, dict[str, str]]:
    """ISO 639-3 code -> kind -> digits; a feature is 1 where any of URIEL's sources has it (their union)."""
    with np.load(folder / ARRAYS) as arrays:
        names, codes, values = (arrays[name] for name in ("feats", "langs", "data"))
    union = values.max(axis=-1).astype(int)
    where = {kind: np.char.startswith(names, prefix) for kind, prefix in PREFIXES.items()}
    return {
        str(code): {kind: _digits(union[k, chosen]) for kind, chosen in where.items()} for k, code in enumerate(codes)
    }


def _digits(values: Array) -> str:
    return "".join("-" if value < 0 else str(value) for value in values) if (values >= 0).any() else ""


def _known(features: dict[str, str] | None) -> int:
    """How many syntactic features are known, the kind that every comparison of languages uses."""
    digits = (features or {}).get("syntactic", "")
    return len(digits) - digits.count("-")


def _places(folder: Path) -> dict[str, dict[str, str]]:
    """Glottocode -> its row; of several the one with the longest lineage, as the package itself chooses."""
    rows = sorted(_csv(folder / PLACES), key=lambda row: row["lineage"].count(","))
    return {row["language_id"].strip(): row for row in rows}


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    main()
