"""Every format gives the rows that are in the file, as text, whatever its name, compression or quotes."""

import csv
import gzip
import hashlib
import io
import json
import os
import shutil

import pyarrow
import pytest
from pyarrow import parquet

from clt.data import mix
from clt.data.sources import open_rows
from clt.errors import DataError
from clt.study import Source
from tests.data.conftest import LANGUAGES, problem, write_jsonl

FORMATS = ("jsonl", "csv", "tsv", "parquet")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CLT_CACHE", str(tmp_path / "cache"))


def written(kind: str, rows: list[dict[str, str]], header: bool = True) -> bytes:
    """Rows in a format, as other programs write it."""
    if kind == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if kind == "parquet":
        sink = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
        return sink.getvalue()
    text = io.StringIO(newline="")
    quoting = {"quoting": csv.QUOTE_NONE, "quotechar": None, "delimiter": "\t"} if kind == "tsv" else {}
    writer = csv.writer(text, **quoting)
    writer.writerows([list(rows[0])] * header + [list(row.values()) for row in rows])
    return text.getvalue().encode()


def packed(content: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return gzip.compress(content)
    return pyarrow.Codec("zstd").compress(content, asbytes=True) if suffix == ".zst" else content


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(path, **fields) -> list:
    """What is in a file: the rows, and the same read by their positions backwards."""
    rows = open_rows(Source(path=str(path), **fields), "en", "tasks.t.train")
    found = list(rows.scan())
    positions = [position for position, _, row in found if isinstance(row, dict)]
    assert list(rows.read(positions[::-1])) == [row for _, _, row in found if isinstance(row, dict)][::-1]
    return [row for _, _, row in found]


def refusal(path, **fields) -> str:
    with pytest.raises(DataError) as error:
        read(path, **fields)
    return str(error.value)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_mixture_of_jsonl(workplace, kind, suffix):
    expected = workplace.plan(workplace.study())
    key = expected.grid.cells[-1].key
    for language in LANGUAGES:
        content = packed(written(kind, [problem(language, number) for number in range(60)]), suffix)
        write(workplace.folder / "set" / language / f"train.{kind}{suffix}", content)
    path = {"path": str(workplace.folder / "set" / "{language}" / f"train.{kind}{suffix}")}
    hub = {"hub": str(workplace.folder / "set"), "files": f"{{language}}/*.{kind}{suffix}"}
    for source in (path, hub):
        record = workplace.plan(workplace.study(task={"train": source}))
        assert workplace.mixture(record, key).sha256 == workplace.mixture(expected, key).sha256


TEXTS = ["NA", "null", "None", "nan", "NaN", "", "007", "1e5", "1,000", "2024-01-31", "true", " x ", "-", "#N/A", "٣"]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_cell_is_the_text_that_it_is(tmp_path, kind):
    rows = [{"id": str(number), "text": text} for number, text in enumerate(TEXTS)]
    assert read(write(tmp_path / f"a.{kind}", written(kind, rows))) == rows


def test_csv_has_quotes_line_ends_and_delimiters_in_cells(tmp_path):
    rows = [
        {"id": "1", "text": 'He said "no",\nand left.\r\nYes'},
        {"id": "2", "text": "a;b\tc"},
        {"id": "3", "text": "x" * 300_000},
    ]
    path = write(tmp_path / "a.csv", b"\xef\xbb\xbf" + written("csv", rows) + b"\r\n\r\n")
    assert read(path) == rows
    found = open_rows(Source(path=str(path)), "en", "x")
    assert [found.location(number) for _, number, _ in found.scan()] == [f"{path}:2", f"{path}:5", f"{path}:6"]


def test_a_quote_in_tsv_is_text_unless_the_study_says_otherwise(tmp_path):
    path = write(tmp_path / "a.tsv", b'id\ttext\n1\t"Quoted" she said\n2\t"All of it"\n3\tan open " quote\n')
    assert [row["text"] for row in read(path)] == ['"Quoted" she said', '"All of it"', 'an open " quote']
    excel = write(tmp_path / "b.tsv", b'id\ttext\n1\t"a ""b"" c"\n2\t"d\te"\n')
    faults = read(excel)
    assert [fault.reason for fault in faults] == ["quoted cell", "wrong number of cells"]
    assert all("quoting: double" in fault.text for fault in faults)
    assert [row["text"] for row in read(excel, quoting="double")] == ['a "b" c', "d\te"]


def test_a_file_without_header_keeps_its_first_row(tmp_path):
    rows = [{"id": f"q{number}", "question": f"What is {number}?", "answer": str(number)} for number in range(3)]
    path = write(tmp_path / "a.tsv", written("tsv", rows, header=False))
    assert "write `header: [NAME1, NAME2, NAME3]`" in refusal(path)
    assert read(path, header=("id", "question", "answer")) == rows


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_header_that_the_file_has_too_is_no_row(tmp_path, kind):
    path = write(tmp_path / f"a.{kind}", written(kind, [{"id": "q0", "question": "What is 0?", "answer": "0"}]))
    text = refusal(path, header=("id", "question", "answer"))
    assert f"{path}:1: is the header that the study gives" in text and "leave `header` out" in text


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        (b"1\ta\n", "a number is no name"),
        (b"a\ta\n", "two columns have one name"),
        (b"a\t\n", "column 2 has no name"),
        (b"a\t" + b"long text " * 9 + b"\n", "89 characters are no name"),
        (b"", "there is no header"),
    ],
)
def test_a_first_line_that_looks_like_a_row_is_no_header(tmp_path, first, fault):
    path = write(tmp_path / "a.tsv", first)
    assert f"{path}:1: {fault}" in refusal(path)


def test_a_header_without_the_wanted_columns_is_refused_and_not_taken_for_one(workplace):
    rows = [{"id": f"q{number}", "question": "What is it?", "answer": str(number)} for number in range(60)]
    for language in LANGUAGES:
        write(
            workplace.train(language),
            written("csv", [{"id": "q", "question": "Q", "answer": "A"}, *rows], header=False),
        )
    with pytest.raises(DataError, match=r"header: \[\.\.\.\]"):
        workplace.plan(workplace.study(task={"train": {"path": str(workplace.train("{language}")), "format": "csv"}}))


def test_rows_with_too_few_or_too_many_cells_are_named_by_line(tmp_path):
    rows = read(write(tmp_path / "a.csv", b"id,text\n1,a\n2\n3,b,c\n4,d\n"))
    assert rows[0] == {"id": "1", "text": "a"} and rows[3] == {"id": "4", "text": "d"}
    assert [row.text[:12] for row in rows[1:3]] == ["got 1 cells,", "got 3 cells,"]


def test_an_open_quote_is_named_by_the_line_where_it_began(tmp_path):
    path = write(tmp_path / "a.csv", b'id,text\n1,a\n2,"b\n3,c\n')
    assert refusal(path).startswith(f"{path}:3: a double quote is open")


def test_other_encodings_are_named(tmp_path):
    path = write(tmp_path / "a.csv", b"id,text\n1,a\n2,caf\xe9\n")
    assert refusal(path).startswith(f"{path}:3: is not UTF-8")
    assert "text in UTF-16" in refusal(write(tmp_path / "b.csv", "id,text\n1,a\n".encode("utf-16")))


WRONG_KINDS = {
    "a csv given as jsonl": ("a.jsonl", b"id,question\n1,hunter2\n", "comma-separated text", "format: csv"),
    "a tsv given as csv": ("a.csv", b"id\tquestion\n1\thunter2\n", "tab-separated text", "format: tsv"),
    "semicolons": ("a.csv", b"id;question\n1;hunter2\n", "separated by semicolons", 'delimiter: ";"'),
    "an array": ("a.jsonl", b'[{"id": "hunter2"}]', "a JSON array", "jq -c '.[]'"),
    "an indented object": ("a.json", b'{\n "id": "hunter2"\n}\n', "one JSON object over several lines", "jq -c ."),
    "jsonl given as csv": ("a.csv", b'{"id": "hunter2"}\n', "rows of JSON", "format: jsonl"),
    "parquet as jsonl": ("a.jsonl", written("parquet", [{"a": "hunter2"}]), "parquet", "format: parquet"),
    "gzip without its name": ("a.jsonl", gzip.compress(b"{}"), "compressed by gzip", "end in .gz"),
    "a name without gzip": ("a.jsonl.gz", b'{"a": "hunter2"}', "is not compressed by gzip", "correct its name"),
    "Excel": ("a.csv", b"PK\x03\x04hunter2", "Excel", "save it as csv"),
    "passwords": ("a.jsonl", b"root:$6$hunter2:19000:0:99999:7:::\n", "plain text", "use jsonl"),
    "no name at all": ("a", b"hunter2\n", "its name does not say", "use jsonl"),
    "a pointer": ("a.parquet", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
}


@pytest.mark.parametrize("kind", WRONG_KINDS)
def test_a_wrong_kind_says_what_it_looks_like_and_shows_nothing_of_it(tmp_path, kind):
    name, content, looks, step = WRONG_KINDS[kind]
    message = refusal(write(tmp_path / name, content))
    assert message.startswith(f"tasks.t.train: {tmp_path / name}: ")
    assert looks in message and step in message
    assert "hunter2" not in message


def test_semicolons_are_read_where_the_study_names_them(tmp_path):
    path = write(tmp_path / "a.csv", b'id;text\n1;"a;b"\n')
    assert read(path, delimiter=";") == [{"id": "1", "text": "a;b"}]


@pytest.mark.parametrize(
    "content", [b"root:$6$hunter2:19000\nx\n", b"[default]\naws_secret_access_key = hunter2/x\n", b"hunter2+/=\n" * 3]
)
@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv"])
def test_no_message_shows_what_is_in_a_file_that_is_none_of_rows(workplace, kind, content):
    write(workplace.train("ja"), content)
    with pytest.raises(DataError) as error:
        workplace.plan(workplace.study(task={"train": {"path": str(workplace.train("{language}")), "format": kind}}))
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_new_content_under_an_old_time_is_read_anew(tmp_path, kind):
    path = write(tmp_path / "hub" / "en" / f"train.{kind}", written(kind, [{"id": "1", "text": "old"}]))
    source = Source(hub=str(tmp_path / "hub" / "{language}"))
    old = open_rows(source, "en", "x")
    assert [row for _, _, row in old.scan()] == [{"id": "1", "text": "old"}]
    before, times = old.checksum(), path.stat()
    write(path, written(kind, [{"id": "1", "text": "new"}]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    new = open_rows(source, "en", "x")
    assert [row for _, _, row in new.scan()] == [{"id": "1", "text": "new"}]
    assert new.checksum() != before


def test_a_conversion_that_is_torn_leaves_nothing_behind(tmp_path):
    path = write(tmp_path / "a.csv", b"id,text\n" + b"1,a\n" * 5000 + b'2,"open\n')
    refusal(path)
    assert not list((tmp_path / "cache" / "rows").iterdir())


def test_only_the_files_that_are_read_count(tmp_path):
    folder = tmp_path / "hub"
    for language in LANGUAGES:
        write_jsonl(folder / language / "train.jsonl", [problem(language, 1)])
    source = Source(hub=str(folder), files="{language}/train.jsonl")
    before = open_rows(source, "en", "x").checksum()
    (folder / "README.md").write_text("new")
    write_jsonl(folder / "ja" / "train.jsonl", [problem("ja", 2)])
    shutil.copytree(folder / "ja", folder / "store" / "ja")
    assert open_rows(source, "en", "x").checksum() == before


def test_a_store_inside_the_folder_holds_no_rows_of_it(workplace):
    folder = workplace.folder
    for language in LANGUAGES:
        write_jsonl(folder / "hub" / language / "train.jsonl", [problem(language, number) for number in range(60)])
    from clt.store import open_store

    hub = {"hub": str(folder / "hub" / "{language}")}
    workplace.store = open_store(folder / "hub" / "en" / "store")
    record = workplace.plan(workplace.study(task={"train": hub}))
    workplace.mixture(record, record.grid.cells[-1].key)
    assert workplace.plan(workplace.study(task={"train": hub})).key == record.key


def test_several_files_are_one_source(workplace):
    expected = workplace.plan(workplace.study())
    for language in LANGUAGES:
        rows = [problem(language, number) for number in range(60)]
        for part, kind in enumerate(("jsonl", "csv.gz", "parquet")):
            content = written(kind.split(".")[0], rows[part * 20 : part * 20 + 20])
            write(
                workplace.folder / "parts" / language / f"{part}.{kind}",
                packed(content, kind[kind.find(".") :] if "." in kind else ""),
            )
    record = workplace.plan(workplace.study(task={"train": str(workplace.folder / "parts" / "{language}" / "*")}))
    key = record.grid.cells[-1].key
    assert workplace.mixture(record, key).sha256 == workplace.mixture(expected, key).sha256


@pytest.mark.parametrize("kind", FORMATS)
def test_one_file_for_all_languages_is_told_apart_by_a_column(workplace, kind):
    expected = workplace.plan(workplace.study())
    rows = [problem(code, number) | {"lang": code} for number in range(60) for code in LANGUAGES]
    path = write(workplace.folder / f"all.{kind}", written(kind, rows))
    source = {"path": str(path), "where": {"lang": "{language}"}}
    record = workplace.plan(workplace.study(task={"train": source}))
    key = record.grid.cells[-1].key
    assert workplace.mixture(record, key).sha256 == workplace.mixture(expected, key).sha256


def test_where_that_matches_no_row_says_so_and_what_helps(workplace):
    path = write_jsonl(
        workplace.folder / "all.jsonl", [problem("zh", number) | {"lang": "zh-Hans"} for number in range(9)]
    )
    with pytest.raises(DataError) as caught:
        workplace.plan(workplace.study(task={"train": {"path": str(path), "where": {"lang": "{language}"}}}))
    assert f"where: none of the 9 rows of {path} matches {{lang: " in str(caught.value)
    assert "`languages`" in str(caught.value)


def test_a_fault_in_one_file_for_all_is_named_by_its_own_line(workplace):
    rows = [problem(code, number) | {"lang": code} for number in range(60) for code in LANGUAGES]
    rows[207]["answer"] = " "
    path = write_jsonl(workplace.folder / "all.jsonl", rows)
    with pytest.raises(DataError, match=rf"{path}:208: answer: is blank"):
        workplace.plan(workplace.study(task={"train": {"path": str(path), "where": {"lang": "{language}"}}}))


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_nested_columns_are_named_by_their_path(workplace, kind):
    expected = workplace.plan(workplace.study())
    for language in LANGUAGES:
        rows = [problem(language, number) for number in range(60)]
        nested = [
            {"meta": {"key": row["id"]}, "question": {"text": row["question"]}, "answers": [{"a": row["answer"]}]}
            for row in rows
        ]
        write(workplace.folder / "nested" / f"{language}.{kind}", written(kind, nested))
    source = {
        "path": str(workplace.folder / "nested" / f"{{language}}.{kind}"),
        "columns": {"id": "meta.key", "question": "question.text", "answer": "answers.0.a"},
    }
    record = workplace.plan(workplace.study(task={"train": source}))
    key = record.grid.cells[-1].key
    assert workplace.mixture(record, key).sha256 == workplace.mixture(expected, key).sha256
    by_path = {"train": source | {"columns": {"id": "meta.key", "answer": "answers.0.a"}}}
    by_path |= {
        "test": {"path": str(workplace.folder / "test.{language}.jsonl"), "columns": {"question.text": "question"}}
    }
    named = workplace.plan(workplace.study(task=by_path | {"prompt": "Question: {question.text}\nAnswer: "}))
    assert workplace.mixture(named, key).sha256 == workplace.mixture(expected, key).sha256


def test_each_file_is_hashed_once_a_process(workplace, monkeypatch):
    """Five languages in a folder of ten files had hashed fifty."""
    for language in LANGUAGES:
        for split, numbers in (("train", range(60)), ("test", range(500, 505))):
            write_jsonl(
                workplace.folder / "hub" / language / f"{split}.jsonl",
                [problem(language, number) for number in numbers],
            )
    hashed = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: hashed.append(file.name) or digest(file, name))
    hub = str(workplace.folder / "hub" / "{language}")
    record = workplace.plan(workplace.study(task={"train": {"hub": hub}, "test": {"hub": hub, "split": "test"}}))
    for cell in record.grid.cells:
        mix(workplace.store, record.key, cell.key)
    read = [name for name in hashed if str(name).startswith(str(workplace.folder / "hub"))]
    assert len(read) == len(set(read)) == 10
