"""The verdict on a baseline: a function of what the store has, and of nothing else."""

from collections.abc import Iterator, Sequence
from typing import Any

from clt.baselines.detection import FEWEST
from clt.baselines.document import FORMAT, Bits, Difference, Run, Series, Used, Verdict, Word
from clt.baselines.events import events_of
from clt.baselines.history import History, pinned_run, read_history
from clt.baselines.judging import judge_series, set_aside
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
    runs = _runs(history, series)
    last = runs[max(range(len(runs)), key=lambda index: runs[index].number)] if runs else None
    partial = last is not None and last.state == "incomplete"
    word = _word(series, partial=partial)
    missing = max(0, baseline.first_runs + FEWEST - _usable(history, series))
    complete = [run for run in runs if run.state == "complete"]
    differences = list(_differences(history, complete))
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
        series=[_with_gaps(each, runs) for each in series],
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
        if each.change and not each.comparison.anchors and (each.comparison.task, each.comparison.metric) in moved
        else each
        for each in series
    ]


def _usable(history: History, series: Sequence[Series]) -> int:
    """Runs with a score of the primary comparison since it last started anew."""
    if not series:
        return 0
    aside = set_aside(history, series[0].comparison)
    return sum(value is not None and index not in aside for index, value in enumerate(series[0].values))


def _runs(history: History, series: Sequence[Series]) -> list[Run]:
    """All runs by number; the incomplete ones among them."""
    pinned = pinned_run(history.notes, history.runs)
    order = {run.run: index for index, run in enumerate(history.runs)}
    changed = min((order[each.change.since] for each in series if each.change), default=len(order))
    aside = {index for each in series for index in set_aside(history, each.comparison)}
    bits = _bits(history)
    found = []
    for index, run in enumerate(history.runs):
        same, beside = bits[index]
        used: Used = "set aside" if index in aside else "after a change" if index >= changed else "in control"
        found.append(
            Run(
                id=run.run,
                number=run.number,
                study=run.study_key,
                started=run.started,
                seeds=run.seeds,
                state="complete",
                used=used,
                bits=same,
                bits_beside=beside,
                pinned=run.run == pinned,
                note=_note(history, index, series),
            )
        )
    found += [
        Run(
            id=run.run,
            number=run.number,
            study=run.study_key,
            started=run.started,
            seeds=run.seeds,
            state="incomplete",
            used="no",
            bits="not known",
            bits_beside=None,
            pinned=False,
            note="cells without scores: no verdict is made of a part",
        )
        for run in history.incomplete
    ]
    return sorted(found, key=lambda run: run.number)


def _with_gaps(series: Series, runs: Sequence[Run]) -> Series:
    """A series of the complete runs with an entry for every run: nothing where one is incomplete."""

    def spread(known: Sequence[Any], nothing: float | None) -> list[Any]:
        entries = iter(known)
        return [next(entries) if run.state == "complete" else nothing for run in runs]

    lists: dict[str, list[Any]] = {
        name: spread(getattr(series, name), None) for name in ("values", "low", "high", "evidence")
    }
    return series.model_copy(update=lists | {"stands_out": spread(series.stands_out, False)})


def _note(history: History, index: int, series: Sequence[Series]) -> str:
    parts = [f"{each.comparison.name} stands out" for each in series if each.stands_out[index]]
    if index and history.runs[index].started < history.runs[index - 1].started:
        parts.append("its clock is before the one of the run before")
    return "; ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _bits(history: History) -> list[tuple[Bits, str | None]]:
    """Of every complete run: whether its cells have the bits of the last earlier ones made from the same inputs."""
    seen: dict[str, tuple[str, str]] = {}  # inputs -> bits, run
    found: list[tuple[Bits, str | None]] = []
    for run in history.runs:
        known = {cell: seen[each.inputs] for cell, each in run.cells.items() if each.inputs in seen}
        same = all(bits == run.cells[cell].bits for cell, (bits, _) in known.items())
        trained = [beside for cell, (_, beside) in known.items() if run.cells[cell].seed is not None]
        beside = next(iter([*trained, *(beside for _, beside in known.values())]), None)
        found.append(("not known" if not known else "same" if same else "different", beside))
        seen |= {each.inputs: (each.bits, run.run) for each in run.cells.values()}
    return found


def _differences(history: History, runs: Sequence[Run]) -> Iterator[Difference]:
    """Between the last run in control (the one before, where all are) and the last one."""
    if len(runs) < 2:
        return
    made = [run.made_with for run in history.runs]
    earlier = [index for index, run in enumerate(runs[:-1]) if run.used == "in control"]
    reference = earlier[-1] if earlier else len(runs) - 2
    there, here = made[reference], made[-1]
    for what in sorted(there.keys() | here.keys()):
        before, now = there.get(what, "nothing"), here.get(what, "nothing")
        if before != now:
            first = len(made) - 1
            while first > reference + 1 and made[first - 1].get(what, "nothing") == now:
                first -= 1
            yield Difference(what=what, before=before, now=now, since=runs[first].id)
