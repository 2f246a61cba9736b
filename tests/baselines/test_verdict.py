"""What is said of a baseline's runs: by word, comparison and run."""

from datetime import datetime, tzinfo
from types import ModuleType

import pytest

from clt.baselines import (
    How,
    Verdict,
    Word,
    acknowledge,
    begin_run,
    compare,
    conclude,
    judge_baseline,
    note_planned,
    pin,
)
from clt.baselines.document import Series
from clt.errors import StoreError, StudyError, UserError
from clt.planning import declared_record
from clt.store import open_store, publish_record
from tests.baselines.recorded_runs import RUN_SD, Runs, weekly

JA = "math, ja (small, main, n = 20)"
PRIMARY = "math, trained (small, main, n = 20), math_answer"


def judged(runs: Runs) -> Verdict:
    return judge_baseline(runs.store, runs.study.name)


def series(verdict: Verdict, name: str) -> Series:
    return next(each for each in verdict.series if each.comparison.name == name)


def after(runs: Runs, count: int) -> Runs:
    for _ in range(count):
        runs.add()
    return runs


def test_too_few_runs_say_how_many_are_missing(runs: Runs) -> None:
    after(runs, 3)
    verdict = judged(runs)
    assert (verdict.word, verdict.runs_missing) == (Word.CANNOT_TELL, 7)
    assert "7 more runs" in verdict.sentence
    assert {each.change for each in verdict.series} == {None}


def test_runs_that_differ_by_chance_are_unchanged_and_say_what_would_have_been_seen(runs: Runs) -> None:
    verdict = judged(after(runs, 12))
    primary = verdict.series[0]
    assert verdict.word is Word.UNCHANGED and primary.comparison.name == PRIMARY
    assert primary.visible_drop is not None and 2 * RUN_SD < primary.visible_drop <= verdict.worth
    assert f"{primary.visible_drop:.3f}" in verdict.sentence
    assert all(run.used == "in control" for run in verdict.runs)


def test_a_lasting_drop_in_one_language_is_regressed_and_named_with_its_size_and_its_run(runs: Runs) -> None:
    after(runs, 12)
    for _ in range(6):
        runs.add({"math/ja": -0.2})
    verdict = judged(runs)
    change = series(verdict, JA).change
    assert verdict.word is Word.REGRESSED and change is not None
    assert change.since == "run-013" and change.size == pytest.approx(-0.2, abs=0.05)
    assert change.low is not None and change.high is not None and change.low < -0.2 < change.high
    assert JA in verdict.sentence and "run-013" in verdict.sentence
    assert series(verdict, "math, es (small, main, n = 20)").word is not Word.REGRESSED
    assert [run.used for run in verdict.runs[10:14]] == ["in control", "in control", "after a change", "after a change"]


def test_a_lasting_rise_is_improved(runs: Runs) -> None:
    after(runs, 12)
    for _ in range(4):
        runs.add({"math/es": 0.2, "math/ja": 0.2})
    assert judged(runs).word is Word.IMPROVED


def test_one_bad_run_cannot_be_told_from_a_change_until_the_next_one(runs: Runs) -> None:
    after(runs, 12)
    runs.add({"math/ja": -0.4, "math/es": -0.4})
    verdict = judged(runs)
    assert verdict.word is Word.CANNOT_TELL and series(verdict, PRIMARY).stands_out[-1]
    assert "the next one tells" in verdict.sentence
    after(runs, 5)  # so many until a drop that is worth an alarm would be seen again
    verdict = judged(runs)
    assert verdict.word is Word.UNCHANGED
    assert any(event.kind == "stands out" and event.run == "run-013" for event in verdict.events)


def test_a_base_model_that_moves_in_its_last_bits_has_not_changed(runs: Runs) -> None:
    """Its runs do not differ at all, so any difference would be infinitely many standard deviations."""
    after(runs, 8)
    for _ in range(4):
        runs.add({"base": 0.01})
    verdict = judged(runs)
    assert {each.word for each in verdict.series if each.comparison.setting == "base"} == {Word.UNCHANGED}


def test_a_new_level_starts_anew_and_a_repaired_fault_is_set_aside(runs: Runs) -> None:
    after(runs, 12)
    for _ in range(5):
        runs.add({"math/ja": -0.2})
    acknowledge(runs.store, "weekly", [], How.REPAIRED, "a broken file")
    verdict = judged(after(runs, 2))
    assert verdict.word is Word.UNCHANGED
    assert [run.used for run in verdict.runs[11:18]] == ["in control", *["set aside"] * 5, "in control"]
    for _ in range(5):
        runs.add({"math/ja": -0.2})
    assert judged(runs).word is Word.REGRESSED
    acknowledge(runs.store, "weekly", [], How.NEW_LEVEL)
    verdict = judged(runs)
    assert verdict.word is not Word.REGRESSED
    assert series(verdict, JA).values[:19] == [None] * 19
    said = next(event.text for event in verdict.events if event.kind == "acknowledged")
    assert said.endswith(": a broken file")


def test_what_differs_is_told_with_the_run_since_which_it_does(runs: Runs) -> None:
    after(runs, 12)
    for torch in ("2.15", "2.16", "2.16", "2.16"):
        runs.add({"math/ja": -0.2}, made_with={"training packages.torch": torch, "model small": "i"})
    difference = next(each for each in judged(runs).differences if each.what == "training packages.torch")
    assert (difference.before, difference.now, difference.since) == ("2.15", "2.16", "run-014")


def test_bits_are_held_against_the_last_run_with_the_same_seeds(runs: Runs) -> None:
    after(runs, 5)
    verdict = judged(runs)
    assert (verdict.bits, verdict.bits_beside) == ("same", "run-001")  # four seeds
    runs.add(bits="other")
    verdict = judged(runs)
    assert (verdict.bits, verdict.bits_beside) == ("different", "run-002")
    assert verdict.word is Word.CANNOT_TELL or verdict.word is Word.UNCHANGED


def test_items_whose_content_changed_are_not_compared(runs: Runs) -> None:
    after(runs, 8)
    runs.add(items="second")
    verdict = judged(runs)
    assert all(each.items == 0 for each in verdict.series)
    assert any("test items changed" in note for note in verdict.notes)
    assert verdict.word is Word.CANNOT_TELL


def test_a_run_that_died_half_way_gives_no_verdict_of_a_part(runs: Runs) -> None:
    after(runs, 12)
    study = begin_run(runs.store, runs.study, "died")
    key = publish_record(runs.store, declared_record(study, "died"))
    note_planned(runs.store, study, "died", key)
    verdict = conclude(runs.store, key)
    assert verdict.word is Word.CANNOT_TELL and verdict.runs[-1].state == "incomplete"
    assert "died" in verdict.sentence and "no verdict is made of a part" in verdict.sentence
    after(runs, 1)
    assert judged(runs).word is Word.UNCHANGED


def test_the_same_run_begun_twice_has_one_number_and_one_set_of_seeds(runs: Runs) -> None:
    runs.add(run="one")
    runs.add(run="one")
    runs.add(run="two")
    assert [(run.id, run.number, run.seeds) for run in judged(runs).runs] == [("one", 1, [0]), ("two", 2, [1])]


def test_a_run_that_ends_after_later_ones_stands_where_it_was_begun(runs: Runs) -> None:
    study = begin_run(runs.store, runs.study, "late")
    note_planned(runs.store, study, "late", publish_record(runs.store, declared_record(study, "late")))
    after(runs, 2)
    runs.add(run="late")
    verdict = judged(runs)
    assert [(run.id, run.number, run.seeds) for run in verdict.runs] == [
        ("late", 1, [0]),
        ("run-001", 2, [1]),
        ("run-002", 3, [2]),
    ]
    assert all(value is not None for value in verdict.series[0].values)


def test_a_clock_that_jumps_back_changes_no_order_and_is_said(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls(2026 - runs.count, 1, 1, tzinfo=tz)  # a year earlier with every run

    monkeypatch.setattr("clt.baselines.starting.datetime", Clock)
    after(runs, 3)
    listed = judged(runs).runs
    assert [run.number for run in listed] == [1, 2, 3] and listed[0].started > listed[2].started
    assert "its clock is before the one of the run before" in listed[2].note


def test_another_primary_comparison_is_another_baseline(runs: Runs) -> None:
    runs.add()
    runs.study = weekly(("{task: math, languages: trained}", "{task: talk, languages: trained}"))
    with pytest.raises(StudyError, match=r"baseline\.primary.*talk, trained.*math, trained.*another name"):
        runs.add()


def test_a_run_that_died_half_way_leaves_the_values_of_the_others_in_their_places(runs: Runs) -> None:
    """They moved one run back: a value of run 4 stood at the dead run 3."""
    after(runs, 2)
    key = judged(runs).runs[0].study
    note_planned(runs.store, begin_run(runs.store, runs.study, "dead"), "dead", key)
    before = series(judged(runs), JA).values
    after(runs, 6)
    verdict = judged(runs)
    assert [run.state for run in verdict.runs] == ["complete"] * 2 + ["incomplete"] + ["complete"] * 6
    for each in verdict.series:
        for listed in (each.values, each.low, each.high, each.evidence, each.stands_out):
            assert len(listed) == len(verdict.runs)
    values = series(verdict, JA).values
    assert values[:2] == before[:2] and before[2] is None
    assert [index for index, value in enumerate(values) if value is None] == [2]


def test_the_pinned_run_is_what_the_last_one_stands_beside(runs: Runs) -> None:
    after(runs, 7)
    runs.add({"math/ja": 0.1})
    pin(runs.store, "weekly", "run-003")
    paired = series(judged(runs), JA).paired
    assert paired is not None and paired.reference == "run-003" and paired.items == 40
    assert paired.difference == pytest.approx(0.1, abs=6 * RUN_SD)
    assert [run.id for run in judged(runs).runs if run.pinned] == ["run-003"]
    differences = dict(compare(runs.store, "weekly", "run-008", "run-003"))
    assert differences[JA].difference == pytest.approx(paired.difference)


def test_a_run_of_another_study_is_no_reference(runs: Runs) -> None:
    runs.add()
    runs.study = weekly(("evaluate: [en, es, ja, ko]", "evaluate: [en, es, ja, pt]"))
    runs.add(made_with={"study languages.evaluate": "['en', 'es', 'ja', 'pt']"})
    with pytest.raises(
        UserError, match=r"run-001 is of another study.*pt.*\n.*study languages\.evaluate: nothing there"
    ):
        pin(runs.store, "weekly", "run-001")


def test_unknown_names_are_refused_with_the_known_ones(runs: Runs) -> None:
    runs.add()
    with pytest.raises(StoreError, match=r"got 'monthly', expected a baseline of the store .*: weekly"):
        judge_baseline(runs.store, "monthly")
    with pytest.raises(UserError, match=r"got 'run-9', expected a complete run of baseline weekly: run-001"):
        pin(runs.store, "weekly", "run-9")
    with pytest.raises(UserError, match=r"got 'abc', expected an open change of baseline weekly: there is none"):
        acknowledge(runs.store, "weekly", ["abc"], How.REPAIRED)


def test_the_verdict_is_a_function_of_the_store(runs: Runs) -> None:
    after(runs, 8)
    assert judged(runs) == judge_baseline(open_store(runs.store.uri), "weekly")


def test_every_exported_name_is_there_however_often_it_is_asked_for() -> None:
    """One that was named like its file was a module the second time."""
    import clt.baselines

    for _ in range(2):
        for name in clt.baselines.__all__:
            assert not isinstance(getattr(clt.baselines, name), ModuleType), name
