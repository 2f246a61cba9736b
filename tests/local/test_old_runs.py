"""Old runs of a baseline lose what is big, never what somebody needs, and are reported as before."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from clt.baselines import begin_run, note_planned, old_runs
from clt.baselines.artifacts import CompleteRun, PlannedRun, place
from clt.baselines.recording import record_run
from clt.data import mix
from clt.errors import StoreError
from clt.evaluation import evaluate
from clt.local import find_garbage, status
from clt.local.runner import incomplete
from clt.local.study_needs import answers_of, needed_by
from clt.planning import plan_study, read_study
from clt.statistics import read_studies
from clt.store import Garbage, Store, open_store, read_record
from clt.study import StudyRecord, checkpoint_key
from clt.training import train
from tests.cli.small_study import write_study
from tests.local.computed import compute, places, publish

BASELINE = """
seeds: [1, 2]
baseline: {primary: {task: sums, languages: trained}, worth: 0.1, keep: {runs: 2, monthly: false}}
"""
STAY = ("baselines/", "studies/", "evaluations/", "items/", "models/")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = write_study(tmp_path, steps=4)
    path.write_text(path.read_text().replace("[0, 8, 16]", "[8]") + BASELINE)
    return path


def begin(store: Store, study: Path, run: str) -> tuple[StudyRecord, PlannedRun]:
    record = plan_study(store, begin_run(store, read_study(study), run), repeat=run)
    return record, note_planned(store, record.study, run, record.key)


def ran(store: Store, study: Path, run: str, started: str = "2026-01-05") -> StudyRecord:
    """A run of which all is there in name."""
    record, planned = begin(store, study, run)
    compute(store, record)
    with store.writer(place(record.study.name, "runs", run)) as attempt:
        facts = planned.model_dump() | {"started": started}
        CompleteRun(**facts, means={}, scored={}, items={}, made_with={}, cells={}).write(attempt)
    return record


def big(store: Store, record: StudyRecord) -> set[str]:
    keys = needed_by(record) | answers_of(record, store.manifests(store.keys("trainings")))
    return {key for key in keys if not key.startswith(STAY)}


def collect(store: Store) -> list[Garbage]:
    found = find_garbage(store)
    assert all(each.remove() for each in found)
    return found


def test_old_runs_go_but_for_the_pinned_one_and_what_a_later_run_shares(store: Store, study: Path) -> None:
    records = [ran(store, study, f"week-{number}") for number in range(1, 6)]
    assert records[0].study.seeds == records[2].study.seeds != records[1].study.seeds  # the same rows every other week
    shared = {records[1].mixture_key(cell) for cell in records[1].grid.cells if not cell.is_base}
    assert {key for key in big(store, records[3]) if key.startswith("mixtures/")} == shared
    old = big(store, records[1]) | big(store, records[2])  # the first is the reference until one is pinned
    kept = [records[0], records[3], records[4]]
    assert places(store, None) == old - {key for record in kept for key in big(store, record)}
    kinds = {each.kind for each in find_garbage(store)}
    assert kinds == {"weights of an old baseline run", "answers of an old baseline run"}
    before = set(store.keys(""))
    went = {each.place for each in collect(store)}
    assert before - set(store.keys("")) == went and not any(key.startswith(STAY) for key in went)
    assert places(store, None) == places(store) == set()


def test_rows_and_ratings_go_with_the_last_run_that_has_them(store: Store, study: Path) -> None:
    judge = "judge: {endpoint: {url: 'http://localhost:1/v1', model: judge}}"
    study.write_text(study.read_text().replace("[exact_match", "[judge, exact_match") + judge)
    records = [ran(store, study, f"week-{number}") for number in range(1, 3)]
    study.write_text(study.read_text().replace("seeds: [1, 2]", "seeds: [3]"))
    records += [ran(store, study, f"week-{number}") for number in range(3, 5)]
    assert places(store, None) == big(store, records[1])
    kinds = {each.kind.split()[0] for each in find_garbage(store)}
    assert kinds == {"weights", "rows", "answers", "ratings"}


def test_incomplete_runs_and_what_another_study_needs_stay(store: Store, study: Path) -> None:
    ran(store, study, "week-1")
    old, incomplete = ran(store, study, "week-2"), begin(store, study, "week-3")[0]
    compute(store, incomplete)
    for number in range(4, 6):
        ran(store, study, f"week-{number}")
    assert places(store, None) >= {key for key in big(store, old) if key.startswith("trainings/")}
    text = study.read_text().partition("baseline:")[0].replace("seeds: [1, 2]", "seeds: [2]")
    study.with_name("alone.yaml").write_text(text.replace("name: sums", "name: alone"))
    other = plan_study(store, read_study(study.with_name("alone.yaml")), repeat="week-2")
    assert big(store, other) == big(store, old)
    assert places(store, None) == set()


def test_an_old_run_that_is_run_again_stays_while_it_runs(store: Store, study: Path) -> None:
    records = [ran(store, study, f"week-{number}") for number in range(1, 5)]
    training = records[1].training_key(records[1].grid.cells[-1])
    store.remove(training, only=None)
    with store.track(training):
        assert places(store, None) == set()
    assert places(store, None)


def test_a_run_that_is_pinned_after_the_search_does_not_go(store: Store, study: Path) -> None:
    for number in range(1, 5):
        ran(store, study, f"week-{number}")
    found = find_garbage(store)
    publish(store, "baselines/sums/notes/1", number=1, kind="pin", run="week-2", at="2026-02-01")
    assert found and not any(each.remove() for each in found)
    assert [read_record(store, key).repeat for key in old_runs(store)] == ["week-1"]


def test_a_study_that_cannot_be_read_stops_it(store: Store, study: Path) -> None:
    for number in range(1, 5):
        ran(store, study, f"week-{number}")
    with store.writer("studies/newer-00000000") as attempt:
        (attempt.path / "record.json").write_text('{"from": "another version"}')
    with pytest.raises(StoreError, match="another version"):
        find_garbage(store)


def test_resume_states_of_a_training_that_goes_go_with_it_once(store: Store, study: Path) -> None:
    records = [ran(store, study, f"week-{number}") for number in range(1, 5)]
    training = records[1].training_key(records[1].grid.cells[-1])
    for key in (f"{training}/states/00000004", checkpoint_key(training, 4)):
        publish(store, key)
    collect(store)
    assert store.keys(training) == []


def test_a_baselines_runs_are_of_the_age_of_the_last(
    store: Store, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `--older-than` would take the scores of all but the last weeks, and the pinned run's weights."""
    with monkeypatch.context() as patch:
        patch.setattr("clt.store.local.now", lambda: "2020-01-01T00:00:00+00:00")
        first = ran(store, study, "week-1")
        study.with_name("lone.yaml").write_text(study.read_text().partition("seeds:")[0].replace("sums\n", "lone\n", 1))
        lone = plan_study(store, read_study(study.with_name("lone.yaml")))
    newest = ran(store, study, "week-2")
    assert places(store) == {f"studies/{lone.key}"}
    with monkeypatch.context() as patch:
        patch.setattr("clt.local.garbage.datetime", InAYear)
        gone = places(store)
    assert gone >= needed_by(first) | needed_by(newest)
    assert not any(key.startswith("baselines/") or key.startswith("studies/sums-") for key in gone)


class InAYear(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=365)


@pytest.mark.slow
def test_an_old_run_is_reported_as_before_and_trained_again_where_weights_are_needed(store: Store, study: Path) -> None:
    records = []
    for number in range(1, 5):
        record, planned = begin(store, study, f"week-{number}")
        run(store, record)
        record_run(store, record, planned)
        records.append(record)
    old = records[1]
    before = read_studies(store, [old.key]).rows
    removed = collect(store)
    assert sum(each.size for each in removed) > 0
    after = read_studies(store, [old.key]).rows
    assert after.equals(before)
    assert {each.state.state for each in status(store, old)} == {"done"}
    assert incomplete(store, old, [cell.key for cell in old.grid.cells]) == []  # nothing for `clt run` to do
    more = study.with_name("more.yaml")
    more.write_text(study.read_text().partition("baseline:")[0].replace("[exact_match", "[chrf, exact_match"))
    wider = plan_study(store, read_study(more).model_copy(update={"seeds": old.study.seeds}), repeat=old.repeat)
    trained = old.training_key(old.grid.cells[-1])
    assert wider.training_key(wider.grid.cells[-1]) == trained and store.manifest(trained) is None
    run(store, wider)
    assert store.manifest(trained) is not None and {each.state.state for each in status(store, wider)} == {"done"}


def run(store: Store, record: StudyRecord) -> None:
    for cell in record.grid.cells:
        mix(store, record.key, cell.key)
        if not cell.is_base:
            train(store, record.key, cell.key)
        evaluate(store, record.key, cell.key)
