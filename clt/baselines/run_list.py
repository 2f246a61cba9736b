"""The runs of a baseline as a verdict lists them: what each is taken for, and whether its bits are the same."""

from collections.abc import Iterator, Sequence

from clt.baselines.artifacts import CompleteRun, PlannedRun
from clt.baselines.document import Bits, Run, Series, Used
from clt.baselines.history import History, pinned_run
from clt.baselines.judging import set_aside
from clt.baselines.reading import changes_of


def list_runs(history: History, series: Sequence[Series]) -> list[Run]:
    """All runs by number, the incomplete ones among them; the lists of `series` are of the complete ones."""
    return sorted([*_complete(history, series), *map(_incomplete, history.incomplete)], key=lambda run: run.number)


def _complete(history: History, series: Sequence[Series]) -> Iterator[Run]:
    pinned = pinned_run(history.notes, history.runs)
    begun = [history.order.get(change.since, 0) for each in series for change in changes_of(each)]
    changed = min(begun, default=len(history.runs))
    aside = {index for each in series for index in set_aside(history, each.comparison)}
    for index, (run, (same, beside)) in enumerate(zip(history.runs, _bits(history.runs), strict=True)):
        used: Used = "set aside" if index in aside else "after a change" if index >= changed else "in control"
        yield Run(
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


def _incomplete(run: PlannedRun) -> Run:
    return Run(
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


def _note(history: History, index: int, series: Sequence[Series]) -> str:
    parts = [f"{each.comparison.name} stands out" for each in series if each.stands_out[index]]
    if index and history.runs[index].started < history.runs[index - 1].started:
        parts.append("its clock is before the one of the run before")
    return "; ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _bits(runs: Sequence[CompleteRun]) -> list[tuple[Bits, str | None]]:
    """Of every complete run: whether its cells have the bits of the last earlier ones made from the same inputs.

    They are the same if those of all cells are; one that differs is enough for the other.
    """
    seen: dict[str, tuple[str, str]] = {}  # inputs -> bits, run
    found: list[tuple[Bits, str | None]] = []
    for run in runs:
        beside = {cell: seen[each.inputs] for cell, each in run.cells.items() if each.inputs in seen}
        unlike = [name for cell, (bits, name) in beside.items() if bits != run.cells[cell].bits]
        trained = [name for cell, (_, name) in beside.items() if run.cells[cell].seed is not None]
        if unlike:
            found.append(("different", unlike[-1]))
        elif len(beside) < len(run.cells):  # a seed for the first time, or other data
            found.append(("not known", None))
        else:
            found.append(("same", next(iter([*trained, *(name for _, name in beside.values())]))))
        seen |= {each.inputs: (each.bits, run.run) for each in run.cells.values()}
    return found
