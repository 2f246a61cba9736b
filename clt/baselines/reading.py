"""What every form of a verdict (terminal, page, Markdown, webhook, gauges) takes from it, so that all say the same."""

import re
from collections.abc import Sequence

from clt.baselines.document import Change, Series, Word
from clt.statistics import plain

CHECKSUM = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
CHECKSUM_DIGITS = 8  # that people compare


def changes_of(series: Series) -> list[Change]:
    """All open changes of a comparison, each once, the one that its word is of first."""
    changes = [*([] if series.change is None else [series.change]), *series.others]
    return list({change.id: change for change in changes}.values())


def word_of(series: Series, change: Change) -> Word:
    """Whether a change of the comparison is for the better."""
    better = series.comparison.higher_is_better == (change.size > 0)
    return Word.IMPROVED if better else Word.REGRESSED


def moved_by(change: Change) -> str:
    """Such as "by 0.393 (0.607 to 0.214; 95% 0.366 to 0.419)", after its word: that has the sign, no size has."""
    form = plain(3 if max(abs(change.before), abs(change.after)) <= 2 else 2)
    ends = ""
    if change.low is not None and change.high is not None:
        low, high = (change.low, change.high) if change.size > 0 else (-change.high, -change.low)
        ends = f"; 95% {form(low)} to {form(high)}"
    return f"by {form(abs(change.size))} ({form(change.before)} to {form(change.after)}{ends})"


def acknowledge_command(baseline: str, changes: Sequence[Change]) -> str:
    """What to type once it is known what became of open changes; with the id where there is one alone."""
    which = changes[0].id if len(changes) == 1 else "ID"
    return f"clt baseline acknowledge {baseline} {which} --how new-level|repaired --store STORE"


def resume_command(run: str) -> str:
    """What to type to go on with a run that is not complete."""
    return f"clt baseline run STUDY.yaml --store STORE --run {run}"


def short_checksums(text: str) -> str:
    """A text with the first digits of its SHA-256 checksums in place of all 64."""
    return CHECKSUM.sub(lambda found: found[0][:CHECKSUM_DIGITS], text)


def last_known(values: Sequence[float | None]) -> float | None:
    """The last value of a series' list; None where no run has one."""
    return next((value for value in reversed(values) if value is not None), None)


def evidence_ratio(series: Series) -> float | None:
    """The last evidence as a share of what makes an alarm; None: too few runs."""
    last = last_known(series.evidence)
    return None if last is None else last / series.threshold
