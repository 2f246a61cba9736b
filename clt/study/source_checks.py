"""Checks of a task's sources that need no data: where they may lead, and which fields go together."""

import re
from collections.abc import Iterator, Sequence

from clt.study.places import Place, Problem, one_of, shown
from clt.study.secrets import secret_variables
from clt.study.source_spec import Source

PLACEHOLDER = re.compile(r"(?<!\$)\{([^}]*)\}")  # {language}, and not ${VARIABLE}
ADDRESS = re.compile(r"^[A-Za-z][\w+.-]*://|://|::")  # http://, and fsspec's chains of them
PLACES = ("path", "hub", "config", "split", "files", "revision")  # fields that say where rows are
OF_HUB = ("config", "split", "revision", "files")
OF_CELLS = ("header", "delimiter", "quoting")  # fields of csv and tsv files alone


def source_problems(place: Place, source: Source, needed: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with one source.

    Args:
        place: Where it is in the study.
        source: The source.
        needed: Languages that it has to have.
        known: All languages of the study.
    """
    yield from _locations(place, source)
    yield from _fields(place, source)
    yield from _languages(place, source, needed, known)


def _locations(place: Place, source: Source) -> Iterator[Problem]:
    """Hub ids, paths, patterns and buckets are read; an address would make whoever runs the study fetch it."""
    texts = {field: getattr(source, field) or "" for field in PLACES}
    for field, text in texts.items():
        yield from location_problems((*place, field), text)
        if any(name != "language" for name in PLACEHOLDER.findall(text)):
            yield (*place, field), f"got {shown(text)}, expected no placeholder but {{language}}"
    for code, name in source.languages.items():
        yield from location_problems((*place, "languages", code), name)
    if ".." in texts["files"].split("/") or texts["files"].startswith(("/", "~")):
        yield (*place, "files"), f"got {shown(texts['files'])}, expected a pattern of files inside `hub`"


def location_problems(place: Place, text: str) -> Iterator[Problem]:
    """An address where a path or a hub id belongs, or a variable that may hold a secret."""
    if ADDRESS.search(text.removeprefix("s3://") if place[-1] == "path" else text):
        scheme = text.partition(":")[0] + ":"
        yield (
            place,
            f"got an address ({shown(scheme)}), expected a hub id, a path of this machine or a mounted volume, or, as "
            "`path`, s3://BUCKET/PATH",
        )
    for name in secret_variables(text):
        yield (
            place,
            f"got ${{{name}}}, whose name says that it holds a secret or an address, expected a variable that holds a "
            "path, such as ${DATA}",
        )


def _fields(place: Place, source: Source) -> Iterator[Problem]:
    if source.path:
        for field in OF_HUB:
            if field in source.model_fields_set:
                yield (*place, field), "is set beside `path`, expected it only beside `hub`"
    for field in OF_CELLS:
        if getattr(source, field) is not None and source.format in ("jsonl", "parquet"):
            yield (*place, field), f"is set for {source.format} files, expected it only for csv and tsv"
    if source.header and len(set(source.header)) < len(source.header):
        yield (*place, "header"), "names a column twice, expected each name once"


def _languages(place: Place, source: Source, needed: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    locations = [source.path, source.hub, source.config, source.split, source.files, *source.where.values()]
    if source.at_hand and len(needed) > 1 and not any("{language}" in (text or "") for text in locations):
        field = "path" if source.path else "config"
        yield (
            (*place, field),
            "has no {language}, expected it, as every language has rows of its own (one file for all languages: "
            '`where: {COLUMN: "{language}"}`)',
        )
    for field, codes in (("languages", source.languages), ("rows", source.rows)):
        if isinstance(codes, dict):
            yield from (
                ((*place, field, code), f"got {code!r}, {one_of(known)}") for code in codes if code not in known
            )
    if isinstance(source.rows, dict):
        for code in needed:
            if code not in source.rows:
                yield (*place, "rows"), f"{code} missing, expected a number of rows for each of {', '.join(needed)}"
