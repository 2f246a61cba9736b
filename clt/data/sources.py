"""Where rows come from: files, or a data set of the `datasets` library, behind one small interface (`Rows`).

Nothing is ever held in memory: jsonl is read line by line and by offset, everything else is memory-mapped Arrow.
"""

from collections.abc import Mapping
from pathlib import Path

from clt.data.bucket_files import bucket_files
from clt.data.chat_rows import ChatRows
from clt.data.delimited import Dialect
from clt.data.file_kind import file_kind, is_of_rows
from clt.data.filtered_rows import FilteredRows
from clt.data.folder_files import folder_files, is_whole_split
from clt.data.hub_rows import HubRows
from clt.data.joined_rows import JoinedRows
from clt.data.jsonl_rows import JsonlRows
from clt.data.rows import Rows
from clt.data.table_rows import TableRows
from clt.errors import DataError
from clt.study import Source, is_hub_id, is_object

__all__ = ["Rows", "open_rows"]


def open_rows(source: Source, language: str, field: str) -> Rows:
    """The rows of one language; DataError if there is nothing to read. `field` names the field of the study."""
    named = source.named(language)
    numbered = {"column": "", "row": f"{language}-row-", "parallel_row": "row-"}[source.ids]
    if source.path is not None:
        rows = _joined(_paths(source.path.replace("{language}", named), field), source, numbered, field)
    elif source.hub is not None:
        rows = _data_set(source, named, numbered, f"{language}-row-", field)
    else:
        raise DataError(
            f"{field}: only a number of rows is declared (`rows:`), expected `path` or `hub`: "
            "such a study can be planned with `clt plan`, not run"
        )
    if source.where and not isinstance(rows, HubRows):
        where = {column: pattern.replace("{language}", named) for column, pattern in source.where.items()}
        rows = FilteredRows(rows, where, field)
    return ChatRows(rows, source.messages) if source.messages else rows


def _paths(path: str, field: str) -> dict[str, Path]:
    """The file, or those that a pattern names, by where the study's reader finds them, in the order of their names."""
    if is_object(path):
        return bucket_files(path, field)
    if "*" in path:
        folder, _, pattern = path.rpartition("/")
        found = sorted(each for each in Path(folder).glob(pattern) if each.is_file())
        if not found:
            raise DataError(f"{field}: {path}: there are no such files; correct `path` in the study or add the files")
        return _by_name(found)
    if Path(path).is_file():
        return _by_name([Path(path)])
    if Path(path).is_dir():
        what = "is a folder, expected a file, or a pattern of files such as *.jsonl (or `hub: FOLDER`)"
    else:
        what = "there is no such file, expected a jsonl file, or csv, tsv or parquet"
    raise DataError(f"{field}: {path}: {what}; correct `path` in the study or add the file")


def _data_set(source: Source, named: str, numbered: str, by_language: str, field: str) -> Rows:
    """A data set of the hub, or a local folder; where it has no ids, and the study names none, rows are numbered."""
    assert source.hub is not None
    files = [] if is_hub_id(source.hub) else folder_files(source, named, field)
    rows: Rows
    if files and is_whole_split(source.split) and all(is_of_rows(path) for path in files):
        rows = _joined(_by_name(files), source, numbered, field)
    else:
        rows = HubRows(source, named, files, numbered, field)
    if not numbered and "id" not in source.columns and "id" not in rows.columns:
        rows.numbered = by_language
    return rows


def _by_name(paths: list[Path]) -> dict[str, Path]:
    return {str(path): path for path in paths}


def _joined(paths: Mapping[str, Path], source: Source, numbered: str, field: str) -> Rows:
    parts = [_file(path, name, source, numbered, field) for name, path in paths.items()]
    if len(parts) == 1:
        return parts[0]
    folder = parts[0].name.rpartition("/")[0]
    return JoinedRows(parts, f"{folder} ({len(parts)} files)")


def _file(path: Path, name: str, source: Source, numbered: str, field: str) -> Rows:
    kind = file_kind(path, source, f"{field}: {name}")
    rows: Rows
    if kind.format == "jsonl":
        rows = JsonlRows(path, kind.compression, numbered=numbered)
    else:
        dialect = None if kind.format == "parquet" else Dialect.of(source, kind.format)
        rows = TableRows(path, kind, dialect, numbered=numbered)
    rows.name = name
    return rows
