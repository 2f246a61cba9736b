"""Sources of the `datasets` library, here from local folders of parquet and jsonl files."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyarrow
import pytest
from fsspec.registry import _registry
from pyarrow import parquet

from clt.data.hub_rows import HubRows
from clt.data.sources import open_rows
from clt.errors import DataError
from clt.study import Source
from tests.data.conftest import LANGUAGES, problem, write_jsonl
from tests.data.test_draws import keys


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's cache in this test's folder."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))


def write_parquet(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def test_pictures_beside_the_texts_are_neither_decoded_nor_fetched(tmp_path: Path) -> None:
    """Rows with a column of pictures ended in an ImportError, and where Pillow is, in a request to their address."""
    picture = {"bytes": None, "path": "http://127.0.0.1:9/picture.png"}
    features = {"id": {"dtype": "string", "_type": "Value"}, "picture": {"_type": "Image"}}
    table = pyarrow.Table.from_pylist([{"id": "a", "picture": picture}])
    path = tmp_path / "folder" / "train.parquet"
    path.parent.mkdir()
    described = json.dumps({"info": {"features": features}})
    parquet.write_table(table.replace_schema_metadata({"huggingface": described}), path)
    rows = HubRows(Source(hub=str(path.parent)), "en", [path], "", "tasks.math.train")
    assert list(rows.scan()) == [(0, 0, {"id": "a", "picture": picture})]


def without_id(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != "id"}


def cell_of(record):
    return record.grid.cells[-1].key


def test_parquet_and_jsonl_give_the_same_mixture(workplace):
    expected = workplace.plan(workplace.study())
    for language in LANGUAGES:
        rows = [problem(language, number) for number in range(60)]
        write_parquet(workplace.folder / "hub" / language / "train-00000.parquet", rows)
    hub = {"hub": str(workplace.folder / "hub"), "files": "{language}/train-*.parquet"}
    record = workplace.plan(workplace.study(task={"train": hub}))
    ours, theirs = workplace.mixture(record, cell_of(record)), workplace.mixture(expected, cell_of(expected))
    assert ours.sha256 == theirs.sha256
    facts = record.facts.source("math", "train", "ja")
    assert (facts.rows, facts.mean_bytes) == (60, expected.facts.source("math", "train", "ja").mean_bytes)


def unnamed(workplace):
    """A folder of jsonl files without ids, five test rows and sixty training rows in each language."""
    for language in LANGUAGES:
        for name, numbers in (("train", range(60)), ("test", range(500, 505))):
            rows = [without_id(problem(language, number)) for number in numbers]
            write_jsonl(workplace.folder / "hub" / language / f"{name}.jsonl", rows)
    return str(workplace.folder / "hub" / "{language}")


def test_rows_without_ids_are_known_by_language_and_number(workplace):
    hub = unnamed(workplace)
    record = workplace.plan(workplace.study(task={"train": {"hub": hub}, "test": {"hub": hub, "split": "test"}}))
    mixed = workplace.mixture(record, cell_of(record))
    assert {row["id"] for row in mixed.train} <= {f"{code}-row-{n}" for code in LANGUAGES for n in range(1, 61)}
    assert mixed.metadata["dropped"] == {}  # row 3 of the test set is no row 3 of the training set
    items, metadata = workplace.items(record)
    assert metadata["shared_items"] == 0  # row 3 of one language is no translation of row 3 of another
    assert {row["id"] for row in items} == {f"{code}-row-{n}" for code in LANGUAGES for n in range(1, 6)}


def test_numbered_rows_are_the_same_item_where_the_study_says_so(workplace):
    hub = unnamed(workplace)
    source = {"hub": hub, "split": "test", "ids": "parallel_row"}
    record = workplace.plan(workplace.study(task={"train": {"hub": hub}, "test": source}))
    workplace.mixture(record, cell_of(record))
    items, metadata = workplace.items(record)
    assert metadata["shared_items"] == 5
    assert {row["id"] for row in items} == {f"row-{number}" for number in range(1, 6)}


def test_where_takes_the_rows_of_a_language(workplace):
    rows = [
        problem(language, number) | {"lang": f"{language}-{number % 2}"}
        for number in range(60)
        for language in LANGUAGES
    ]
    write_parquet(workplace.folder / "hub" / "train.parquet", rows)
    source = {"hub": str(workplace.folder / "hub"), "where": {"lang": "{language}-*"}, "ids": "row"}
    record = workplace.plan(workplace.study(task={"train": source}))
    assert record.facts.source("math", "train", "ko").rows == 60
    row = next(row for row in workplace.mixture(record, cell_of(record)).train if row["language"] == "ko")
    assert row["prompt"] == f"Question: {problem('ko', int(row['id'].removeprefix('ko-row-')))['question']}\nAnswer: "


def test_columns_are_mapped(workplace):
    for language in LANGUAGES:
        rows = [problem(language, number) for number in range(60)]
        renamed = [{"key": row["id"], "q": row["question"], "a": row["answer"], "more": [1]} for row in rows]
        write_parquet(workplace.folder / "hub" / language / "train.parquet", renamed)
    source = {
        "hub": str(workplace.folder / "hub" / "{language}"),
        "columns": {"id": "key", "question": "q", "answer": "a"},
    }
    record = workplace.plan(workplace.study(task={"train": source}))
    expected = workplace.plan(workplace.study())
    assert workplace.mixture(record, cell_of(record)).sha256 == workplace.mixture(expected, cell_of(expected)).sha256


def test_what_cannot_be_loaded_is_refused_by_name(workplace):
    write_parquet(workplace.folder / "hub" / "train.parquet", [problem("en", 1)])
    folder = str(workplace.folder / "hub")
    for changes, text in (
        ({"hub": folder + "-missing"}, "there is no such folder"),
        ({"hub": folder, "split": "nothing"}, "cannot be loaded (Unknown split"),
        ({"hub": folder, "where": {"lang": "{language}"}}, "where: got 'lang', expected one of the columns"),
        ({"hub": folder, "where": {"id": "no-*"}}, "matches {id: no-*}; correct the pattern"),
        ({"hub": folder, "columns": {"id": "key"}}, "row 0: key: there is no such column"),
    ):
        with pytest.raises(DataError) as caught:
            workplace.plan(workplace.study(task={"train": changes}))
        assert text in str(caught.value)
        assert folder in str(caught.value)


def test_a_file_in_a_data_sets_folder_or_a_store_inside_it_changes_no_step(workplace):
    """Whatever is hashed of the folder: keys hold the rows."""
    hub = {"hub": str(workplace.folder)}
    task = {part: hub | {"files": f"{part}.{{language}}.jsonl"} for part in ("train", "test")}
    before = workplace.plan(workplace.study(task=task))  # its store is inside the folder
    (workplace.folder / "README.md").write_text("About these data.\n")
    after = workplace.plan(workplace.study(task=task))
    assert keys(after) == keys(before)
    assert after.items_key("math") == before.items_key("math")


def test_a_data_sets_card_cannot_make_us_fetch_an_address(tmp_path: Path) -> None:
    """A pod reaches what the author of a data set does not; the study's own fields are checked elsewhere."""
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(self.rfile.readline().decode())

    folder = tmp_path / "folder"
    folder.mkdir()
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/rows.jsonl"
        (folder / "README.md").write_text(f"---\nconfigs: [{{config_name: default, data_files: '{address}'}}]\n---\n")
        with pytest.raises(DataError, match="names files at an address, which is not fetched"):
            open_rows(Source(hub=str(folder)), "en", "tasks.math.train")
        server.shutdown()
    assert not asked
    assert "http" not in _registry or _registry["http"].__name__ != "_Refused"
