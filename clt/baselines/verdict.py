"""The verdict on a baseline: a function of what the store has, and of nothing else."""

from collections.abc import Sequence
from typing import Any

from clt.baselines.detection import FEWEST
from clt.baselines.differences import differences_of
from clt.baselines.document import FORMAT, Run, Series, Verdict, Word
from clt.baselines.events import events_of
from clt.baselines.history import History, read_history
from clt.baselines.judging import judge_series, set_aside
from clt.baselines.run_list import list_runs
from clt.baselines.wording import notes_of, sentence_of
from clt.store import Store, read_record


def judge_baseline(store: Store, name: str) -> Verdict:
    """What the runs of a baseline say.

    Raises:
        StoreError: The store has no such baseline, or something of it is damaged.
    """
    history = read_history(store, name)
    study = read_record(store, history.study_key).study
    baseline = study.baseline
    assert baseline is not None, "a baseline's run is planned from a study with `baseline`"
    series = _without_the_judges(judge_series(history, study) if history.runs else [])
    runs = list_runs(history, series)
    partial = bool(runs) and runs[-1].state == "incomplete"
    word = _word(series, partial=partial)
    missing = max(0, baseline.first_runs + FEWEST - _usable(history, series))
    complete = [run for run in runs if run.state == "complete"]
    differences = list(differences_of(history.runs, complete))
    return Verdict(
        format=FORMAT,
        baseline=name,
        word=word,
        sentence=sentence_of(word, series, runs, missing),
        runs_missing=missing,
        horizon=baseline.horizon,
        alpha=baseline.alpha,
        first_runs=baseline.first_runs,
        worth=baseline.worth,
        bits=complete[-1].bits if complete else "not known",
        bits_beside=complete[-1].bits_beside if complete else None,
        differences=differences,
        runs=runs,
        series=[_with_gaps(each, runs) for each in series] if history.incomplete else series,
        events=events_of(history, series),
        notes=list(notes_of(history, series, runs)),
    )


def _word(series: Sequence[Series], *, partial: bool) -> Word:
    """Of the whole: what has moved anywhere, else the primary one's; a judge's anchors do not count."""
    words = [each.word for each in series if not each.comparison.anchors]
    for moved in (Word.REGRESSED, Word.IMPROVED):
        if moved in words:
            return moved
    return Word.CANNOT_TELL if partial or not words else words[0]


def _without_the_judges(series: list[Series]) -> list[Series]:
    """Where a judge rates fixed answers otherwise than before, what it says of a task's new answers tells nothing."""
    moved = {
        (each.comparison.task, each.comparison.metric) for each in series if each.comparison.anchors and each.change
    }
    return [
        each.model_copy(update={"word": Word.CANNOT_TELL})
        if not each.comparison.anchors and (each.comparison.task, each.comparison.metric) in moved
        else each
        for each in series
    ]


def _usable(history: History, series: Sequence[Series]) -> int:
    """Runs with a score of the primary comparison since it last started anew."""
    if not series:
        return 0
    aside = set_aside(history, series[0].comparison)
    return sum(value is not None and index not in aside for index, value in enumerate(series[0].values))


def _with_gaps(series: Series, runs: Sequence[Run]) -> Series:
    """A series of the complete runs with an entry for every run: nothing where one is incomplete."""

    def spread(known: Sequence[Any], nothing: float | None) -> list[Any]:
        entries = iter(known)
        return [next(entries) if run.state == "complete" else nothing for run in runs]

    lists: dict[str, list[Any]] = {
        name: spread(getattr(series, name), None) for name in ("values", "low", "high", "evidence")
    }
    return series.model_copy(update=lists | {"stands_out": spread(series.stands_out, False)})
