"""Which gains may be answering at all, or in the right language, rather than answering better: in plain sentences."""

from collections.abc import Iterator

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import Names, many, percent

SHOWN = 4
GROUPS = {"seen": "S", "unseen": "U"}
WITHOUT = {"no_answer": "without an answer", "wrong_language": "in the wrong language"}
INSTEAD = {"no_answer": "answering at all", "wrong_language": "answering in the right language"}


def not_better_answers(statistics: Statistics) -> Iterator[str]:
    """A sentence a shift, the largest gains first; or that there is none, where the rates are known."""
    shifts = sorted(statistics.answer_shifts, key=lambda shift: -shift.gain)
    names = Names.of(statistics.curves)
    if shifts:
        yield f"In {many(len(shifts), 'gain')} more than half may be answering at all, or in the right language."
    for shift in shifts[:SHOWN]:
        yield (
            f"{names.full(shift.curve)}: {GROUPS[shift.group]} gained {percent(shift.gain)} of the metric's range, and "
            f"answers {WITHOUT[shift.rate]} fell from {percent(shift.before)} to {percent(shift.after)}: more than "
            f"half of the gain may be {INSTEAD[shift.rate]}, not better answers."
        )
    if len(shifts) > SHOWN:
        yield f"So it is with {many(len(shifts) - SHOWN, 'smaller gain')}."
    if statistics.answer_rates and not shifts:
        yield "No gain of S or U came with a fall by more than half of it in the rate of no answer or wrong language."
