"""An alarm stays what it was until somebody says what became of it."""

import pytest

from clt.baselines import How, Verdict, Word, acknowledge, begin_run, conclude, judge_baseline, note_planned
from clt.baselines.alarms import keep_alarms
from clt.baselines.artifacts import place
from clt.errors import UserError
from clt.planning import declared_record
from clt.store import publish_record
from tests.baselines.recorded_runs import Runs, weekly
from tests.baselines.test_verdict import JA, after, series

KO = "math, ko (small, main, n = 20)"


def found(runs: Runs) -> Verdict:
    """The verdict, whose changes are kept, as at the end of a run."""
    verdict = judge_baseline(runs.store, runs.study.name)
    keep_alarms(runs.store, verdict)
    return verdict


def moved(runs: Runs, size: float, count: int = 6, where: str = "math/ja") -> Verdict:
    for _ in range(count):
        runs.add({where: size})
    return found(runs)


def test_a_regression_that_goes_away_and_beyond_stays_one_with_its_size(runs: Runs) -> None:
    before = series(moved(after(runs, 12), -0.2), JA).change
    verdict = moved(runs, 0.15, 14)
    ja = series(verdict, JA)
    assert before is not None and ja.change is not None
    assert verdict.word is Word.REGRESSED and ja.change.id == before.id
    assert ja.change.size == pytest.approx(-0.2, abs=0.05) and ja.change.until == "run-018"
    assert [change.size > 0 for change in ja.others] == [True], "the rise since is a change of its own"
    assert any("is not where the change" in note for note in verdict.notes)


def test_an_improvement_that_nobody_acknowledged_hides_no_later_regression(runs: Runs) -> None:
    assert moved(after(runs, 12), 0.25, 10).word is Word.IMPROVED
    verdict = moved(runs, 0.0, 8)
    change = series(verdict, JA).change
    assert verdict.word is Word.REGRESSED and change is not None and change.since == "run-023"


HIGHER, LONGER = ("worth: 0.2", "worth: 0.9"), ("worth: 0.2", "worth: 0.2\n  horizon: 9000")
FEWER = ("evaluate: [en, es, ja, ko]", "evaluate: [en, es, ja]")


@pytest.mark.parametrize("edit", [HIGHER, LONGER, FEWER])
def test_an_edited_study_takes_no_alarm_back(runs: Runs, edit: tuple[str, str]) -> None:
    moved(after(runs, 12), -0.2, where="math/ko")
    runs.study = weekly(edit)
    runs.add()
    verdict = found(runs)
    assert verdict.word is Word.REGRESSED and KO in verdict.sentence
    acknowledge(runs.store, "weekly", [], How.NEW_LEVEL)
    assert found(runs).word is not Word.REGRESSED


def test_an_acknowledged_alarm_stays_in_the_history(runs: Runs) -> None:
    moved(after(runs, 12), -0.2)
    acknowledge(runs.store, "weekly", [], How.REPAIRED, "a broken file")
    kinds = [event.kind for event in found(runs).events]
    assert "alarm" in kinds and "acknowledged" in kinds


def test_nothing_is_unchanged_before_a_run_has_shown_the_repair(runs: Runs) -> None:
    moved(after(runs, 20), -0.2)
    acknowledge(runs.store, "weekly", [], How.REPAIRED)
    verdict = found(runs)
    assert verdict.word is Word.CANNOT_TELL and "the next one tells" in verdict.sentence
    verdict = found(after(runs, 1))
    assert verdict.word is Word.UNCHANGED
    es = series(verdict, "math, es (small, main, n = 20)")
    assert es.visible_drop is not None and es.visible_drop < 0.15, "the fault's runs are set aside for all"


def test_other_test_items_are_a_new_beginning_for_all_comparisons(runs: Runs) -> None:
    after(runs, 12)
    runs.add(items="second")
    verdict = found(runs)
    (note,) = [note for note in verdict.notes if "have no item that all runs share" in note]
    assert "--how new-level --since run-013" in note
    acknowledge(runs.store, "weekly", [], How.NEW_LEVEL, since="run-013")
    for _ in range(12):
        runs.add(items="second")
    assert found(runs).word is Word.UNCHANGED


def test_a_run_that_was_planned_as_another_study_is_not_gone_on_with(runs: Runs) -> None:
    study = begin_run(runs.store, runs.study, "x")
    note_planned(runs.store, study, "x", publish_record(runs.store, declared_record(study, "x")))
    edited = begin_run(runs.store, weekly(("batch_size: 10", "batch_size: 20")), "x")
    key = publish_record(runs.store, declared_record(edited, "x"))
    with pytest.raises(
        UserError, match=r"run x of baseline weekly was planned as weekly-.*, and the study or its data"
    ):
        note_planned(runs.store, edited, "x", key)


def test_two_runs_that_begin_at_once_have_seeds_of_their_own(runs: Runs) -> None:
    assert [begin_run(runs.store, runs.study, run).seeds for run in ("a", "b", "a")] == [(0,), (1,), (0,)]


def test_another_runs_fault_keeps_no_run_from_being_judged(runs: Runs) -> None:
    after(runs, 2)
    study = begin_run(runs.store, runs.study, "broken")
    record = declared_record(study, "broken")
    note_planned(runs.store, study, "broken", publish_record(runs.store, record))
    for cell in record.grid.cells:  # complete, and nothing that it names is there
        with runs.store.writer(record.evaluation_key(cell)) as attempt:
            attempt.metadata["steps"] = "damaged"
    last = runs.add()
    key = next(run.study for run in judge_baseline(runs.store, "weekly").runs if run.id == last)
    assert [run.id for run in conclude(runs.store, key).runs] == ["run-001", "run-002", "broken", last]


def test_a_run_reads_each_of_its_keys_once(runs: Runs) -> None:
    """A bucket answers one request for each: what grows with the number of runs is one reading of them all."""
    after(runs, 3)
    assert runs.store.manifest(place("weekly", "begun", "run-001")) is not None
    assert runs.store.keys(place("weekly", "planned")) == [
        place("weekly", "planned", f"{number:06d}-run-{number:03d}") for number in (1, 2, 3)
    ]
