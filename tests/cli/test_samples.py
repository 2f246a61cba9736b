"""`clt samples`: a cell's answers in the terminal, as a page and as JSON; what is not there is named with what is."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main
from clt.store import Store, open_store
from clt.study import Cell, StudyRecord
from tests.answered_study import Said, Told, store_answers, told_record
from tests.statistics.reading.conftest import HOSTILE, told


@pytest.fixture(scope="module")
def record() -> StudyRecord:
    return told_record()


@pytest.fixture(scope="module")
def base(record: StudyRecord) -> Cell:
    return next(cell for cell in record.grid.cells if cell.is_base)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, record: StudyRecord, base: Cell) -> Store:
    opened = open_store(tmp_path_factory.mktemp("store"))
    store_answers(opened, record, base, told())
    return opened


def samples(store: Store, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["samples", "--store", store.uri, *map(str, arguments)])


def test_the_terminal_shows_what_was_asked_written_read_and_scored(store: Store, base: Cell) -> None:
    shown = samples(store, "--task", "sums", "--language", "spa", "--limit", "1").output.splitlines()
    assert shown[0] == f"{base.key}, without training (study told)"
    assert shown[2].startswith("sums, Spanish (es): 1 of 3 items; mean math answer 0.333, language fidelity ")
    assert shown[3].startswith("Of 3 answers: no answer 33.3%, wrong language ")
    assert shown[5].startswith("  0: math answer 0, ") and shown[5].endswith("; ended by itself after 4 tokens")
    assert shown[6:] == [
        "    prompt     4 más 4",
        f"    answer     {HOSTILE}",
        "    read as    48",
        "    reference  8",
    ]


def test_the_page_and_json_hold_the_same_answers(store: Store, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert samples(store, "--html", page).output == f"{page}\n"
    found = json.loads(samples(store, "--json").output)
    for language in found["answers"]:
        assert f'id="{language["task"]}-{language["language"]}"' in page.read_text(encoding="utf-8")
        assert language["items"] == len(language["shown"]) == 3
    assert page.read_text(encoding="utf-8").count('class="item"') == 18


def test_failures_alone_and_none(store: Store) -> None:
    assert "talk, English (en): 2 of 3 items" in samples(store, "--task", "talk", "--failures").output


def test_answers_cannot_command_the_terminal(tmp_path: Path, record: StudyRecord) -> None:
    cell = next(cell for cell in record.grid.cells if cell.tasks == ("talk",))
    said = {
        ("talk", code): [Said(prompt="?", reference="r", answer="\x1b[2Jgone\x9b1m")] for code in ("en", "es", "ar")
    }
    opened = open_store(tmp_path)
    store_answers(opened, record, cell, Told(said=said))
    shown = samples(opened).output
    assert "answer     ␛[2Jgone\N{REPLACEMENT CHARACTER}1m" in shown and "\x1b" not in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "tickets"], "--task: got 'tickets', expected one that the cell was evaluated on: sums, talk"),
        (["--language", "fr"], "--language: got 'fr', expected one that the cell was evaluated on: en, es, ar"),
        (["--cell", "small-sums"], "got cell 'small-sums', expected one of the 5 cells of told-"),
        (["--json", "--html", "x"], "clt samples: got --html and --json, expected one of them"),
        (["other"], "got 'other', expected a study file or a study of the store"),
        (["--html", "no/such/folder/page.html"], "--html no/such/folder/page.html: cannot be written (No such file"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(store: Store, arguments: list[str], message: str) -> None:
    result = samples(store, *arguments)
    assert (result.exit_code, result.output.startswith(f"Error: {message}")) == (2, True), result.output


def test_a_cell_that_is_not_evaluated_is_told_from_one_that_is(store: Store, record: StudyRecord, base: Cell) -> None:
    other = next(cell for cell in record.grid.cells if not cell.is_base)
    assert samples(store, "--cell", other.key).output == (
        f"Error: --cell: got {other.key!r}, which is not evaluated yet, expected an evaluated cell of the store "
        f"{store.uri}: {base.key}\n"
    )


def test_of_several_evaluated_cells_one_has_to_be_named(tmp_path: Path, record: StudyRecord, base: Cell) -> None:
    opened = open_store(tmp_path)
    none = f"Error: --cell: got none, expected an evaluated cell of the store {opened.uri}"
    assert samples(opened).output == f"{none}, and there is none yet\n"
    other = next(cell for cell in record.grid.cells if cell.tasks == ("sums",))
    for cell in (base, other):
        said = {place: said for place, said in told().said.items() if place[0] in cell.tasks}
        store_answers(opened, record, cell, Told(said=said))
    assert samples(opened).output == f"{none}: {base.key}, {other.key}\n"
