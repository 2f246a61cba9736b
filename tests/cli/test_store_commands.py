"""`clt gc` and `clt verify`: what they print, what they do and their exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main
from clt.errors import StoreError
from clt.planning import plan_study, read_study
from clt.store import Store, open_store
from tests.cli.small_study import write_study

STATE = "trainings/a/states/00000002"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A complete training with a resume state that its process did not come to drop."""
    store = open_store(tmp_path / "store")
    for key in (STATE, "trainings/a"):
        with store.writer(key) as attempt:
            (attempt.path / "data.bin").write_bytes(b"x" * 1500)
    return store


def clt(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_dry_run_lists_and_deletes_nothing(store: Store) -> None:
    result = clt("gc", "--store", store.uri, "--dry-run")
    assert result.exit_code == 0 and f"resume state of a complete training: {STATE}: 1.5 KB" in result.output
    assert "would be deleted in all: 1.5 KB" in result.output and len(store.keys("")) == 2


def test_gc_deletes_and_says_how_much(store: Store) -> None:
    result = clt("gc", "--store", store.uri, "--json")
    assert json.loads(result.output) == {
        "deleted": True,
        "bytes": 1500,
        "garbage": [{"kind": "resume state of a complete training", "place": STATE, "bytes": 1500}],
    }
    assert store.keys("") == ["trainings/a"] and (store.fetch("trainings/a") / "data.bin").is_file()
    assert "deleted in all: 0 B" in clt("gc", "--store", store.uri).output


def test_verify_ends_with_1_and_a_list_if_anything_is_damaged(store: Store) -> None:
    whole = clt("verify", "--store", store.uri)
    assert (whole.exit_code, whole.output) == (
        0,
        "read: 2 artifacts, 2 files, 3.0 KB; 0 artifacts damaged or incomplete\n",
    )
    (store.fetch("trainings/a") / "data.bin").unlink()
    for more in ((), ("--metadata-only",)):
        result = clt("verify", "--store", store.uri, *more)
        assert result.exit_code == 1 and "trainings/a: " in result.output and "data.bin" in result.output
    assert list(json.loads(clt("verify", "--store", store.uri, "--json").output)["damaged"]) == ["trainings/a"]


def test_what_is_damaged_can_be_let_go(store: Store) -> None:
    (store.fetch("trainings/a") / "data.bin").unlink()
    mended = clt("verify", "--store", store.uri, "--mend")
    assert mended.exit_code == 0 and "trainings/a: let go; the next run makes it anew" in mended.output
    assert clt("verify", "--store", store.uri).exit_code == 0 and store.keys("") == [STATE]


def test_many_cells_are_lines_without_a_frame(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    seeds = ", ".join(map(str, range(200)))
    study.write_text(study.read_text().replace("mixtures:", f"seeds: [{seeds}]\nmixtures:"))
    store = open_store(tmp_path / "store")
    record = plan_study(store, read_study(study))
    with pytest.raises(StoreError), store.track(record.evaluation_key(record.grid.cells[1])):
        raise StoreError("no room")
    result = clt("status", "--store", store.uri, str(study))
    lines = result.output.splitlines()
    assert len(lines) == 1 + len(record.grid.cells) and lines[0].endswith("1 failed, 600 missing")
    assert sum(line.endswith("no room") and "failed" in line for line in lines) == 1
