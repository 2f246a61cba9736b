"""`import clt`: what a notebook gives it is understood, or refused by a UserError that says what is expected."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import clt

STARTER = Path(__file__).resolve().parents[1] / "studies" / "starter" / "study.yaml"
STOPPED = """
import os, signal, sys, clt
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: print("the caller's own handler", flush=True))
    result = clt.run(sys.argv[1], sys.argv[2], on_progress=lambda _: os.kill(os.getpid(), signal.SIGTERM))
    print(len(result.left), "left;", "OMP_NUM_THREADS" in os.environ)
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the starter study is planned as it is, and again as a repeat."""
    from clt.planning import plan_study

    folder = tmp_path_factory.mktemp("store")
    study = clt.load_study(STARTER)
    for repeat in ("", "again"):
        plan_study(clt.open_store(folder), study, repeat=repeat)
    return folder


def test_a_study_is_given_as_a_value_a_path_or_its_text(planned: Path) -> None:
    study = clt.load_study(STARTER)
    assert clt.load_study(str(STARTER)) == study
    assert len(clt.plan(STARTER).cells) == len(clt.plan(str(STARTER)).cells) == len(clt.plan(study).cells) == 7
    text = STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/")
    assert clt.plan(text).rows == clt.plan(study).rows
    for form in (study, STARTER, str(STARTER)):
        assert [each.state.state for each in clt.status(form, planned)] == ["missing"] * 7


def test_a_repeat_is_found_by_its_own_text(planned: Path) -> None:
    for repeat in ("", "again"):
        cells = clt.status(STARTER, planned, repeat=repeat)
        assert {each.cell.repeat for each in cells} == {repeat}
    with pytest.raises(clt.StoreError, match="not planned in the store"):
        clt.status(STARTER, planned, repeat="never")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda store: clt.read_scores(clt.open_store(store)), "expected a CSV file, a DataFrame, or a store and"),
        (lambda store: clt.read_scores(str(store)), "expected a CSV file, a DataFrame, or a store and its studies"),
        (lambda _: clt.read_scores(pd.DataFrame(), STARTER), "got studies beside a DataFrame, expected them beside"),
        (lambda _: clt.read_scores(pd.DataFrame({"model": ["a"]})), "frame"),
        (lambda store: clt.read_scores(store, STARTER), "no cell is complete"),
        (lambda _: clt.load_study(STARTER, limit=0), "limit: got 0, expected a number of rows, 1 or more"),
        (lambda _: clt.plan(STARTER, workers=0), "workers: got 0, expected 1 or more"),
        (lambda store: clt.run("missing.yaml", store), r"missing.yaml: cannot be read \(No such file or directory\)"),
        (lambda store: clt.run(STARTER, store, workers=-1), "workers: got -1, expected 1 or more"),
        (lambda store: clt.run(STARTER, store, cells="modell=small"), "got field 'modell', expected one of model"),
        (lambda _: clt.compute_statistics(scores(), budget=0), "budget: got 0, expected a number of rows, 1 or more"),
        (lambda _: clt.compute_statistics(scores(), targets="xx"), "xx"),
    ],
)
def test_what_cannot_be_understood_is_refused(planned: Path, call: Callable[[Path], object], message: str) -> None:
    with pytest.raises(clt.UserError, match=message):
        call(planned)


def scores() -> pd.DataFrame:
    rows = [("a", "single", "math", "en+es", n, code, 0.1 * n) for n in (0, 1, 2) for code in ("en", "es", "pt")]
    names = ("model", "setting", "task", "train_languages", "samples_per_language", "language", "score")
    return pd.DataFrame(rows, columns=list(names))


def test_one_target_is_one_language() -> None:
    assert clt.compute_statistics(scores(), targets="pt").model_dump(exclude={"provenance"}) == clt.compute_statistics(
        scores(), targets=["pt"]
    ).model_dump(exclude={"provenance"})


def test_the_papers_claims_are_held_against_its_scores() -> None:
    paper = STARTER.parents[1] / "paper"
    statistics = clt.compute_statistics(paper / "scores.csv", claims=paper / "claims.yaml")
    assert len(statistics.claims) == 43


def test_names_can_be_completed() -> None:
    assert dir(clt) == sorted(clt.__all__)


@pytest.mark.slow
def test_sigterm_ends_the_workers_and_then_does_what_the_caller_wants(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STOPPED)
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    command = [sys.executable, script, STARTER, tmp_path / "store"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "the caller's own handler" in done.stdout and "7 left; False" in done.stdout
