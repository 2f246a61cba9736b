"""Where transfer works and what English paid, in plain sentences: the answers of findings, counted."""

from collections.abc import Iterator, Sequence

from clt.statistics.analyses.conditions.rule_text import rule_sentence
from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.curve.limits import limit_of
from clt.statistics.rendering.formatting import Digits, words

OTHERS = {  # the answers of findings, as the sentences say them
    "improved": "improved",
    "worsened": "worsened",
    "not resolved": "not resolved",
    "no interval": "without an interval",
    "undefined": "undefined",
}
SHOWN_RULES = 3


def where_transfer_works(statistics: Statistics) -> Iterator[str]:
    """In how many curves trained and held-out languages improved, and the rules that hold across curves."""
    yield from _without_baseline(statistics)
    yield from _at_limits(statistics)
    for question, who in (("unseen_rise", "Held-out languages"), ("seen_rise", "Trained languages")):
        asked = _asked(statistics, question)
        if asked:
            yield f"{who} {_counted(statistics, asked, 'improved')}."
    latin, other = (_asked(statistics, f"unseen_{script}_rise") for script in ("latin", "non_latin"))
    if latin and other:
        yield (
            f"Held-out languages in Latin script improved in {_share(latin, 'improved')}{_rest(latin, 'improved')}, "
            f"in other scripts in {_share(other, 'improved')}{_rest(other, 'improved')}."
        )
    for rule in statistics.conditions.rules[:SHOWN_RULES]:
        yield f"Holds wherever it could be checked: {rule_sentence(rule)}"
    if statistics.conditions.candidates and not statistics.conditions.rules:
        yield f"No rule about where it works holds beyond the noise; {statistics.conditions.candidates} were tried."


def what_english_paid(statistics: Statistics) -> Iterator[str]:
    """In how many curves English worsened, and by how much, task by task."""
    asked = _asked(statistics, "english_cost")
    if not asked:
        return
    yield f"English {_counted(statistics, asked, 'worsened')}."
    digits, curves = Digits.of(statistics.curves), {curve.id: curve for curve in statistics.curves}
    for task, metric in sorted({(curves[f.curve].task, curves[f.curve].metric) for f in asked}):
        here = [f for f in asked if (curves[f.curve].task, curves[f.curve].metric) == (task, metric)]
        changes = [f.change.value for f in here if f.change.value is not None]
        limits = [f.detectable for f in here if f.detectable is not None and f.answer == "not resolved"]
        if changes:
            signed, plain = digits.signed(task, metric), digits.plain(task, metric)
            spread = signed(changes[0]) if len(changes) == 1 else f"{signed(min(changes))} to {signed(max(changes))}"
            could = (
                f"; where not resolved, a change of {plain(max(limits))} would have been found 4 times in 5"
                if limits
                else ""
            )
            yield f"{words(task)} ({words(metric)}): {spread}{could}."


def _without_baseline(statistics: Statistics) -> Iterator[str]:
    """The curves that have nothing to be measured against."""
    main = [curve for curve in statistics.curves if curve.main_metric]
    if bare := [curve for curve in main if all(point.samples_per_language != 0 for point in curve.points)]:
        yield (
            f"No n = 0 in {len(bare)} of {len(main)} curve{'s' if len(main) > 1 else ''}: without English-only "
            "training no change can be measured."
        )


def _at_limits(statistics: Statistics) -> Iterator[str]:
    """The curves that can show nothing, because all their scores are the worst or the best possible."""
    limited = [curve for curve in statistics.curves if curve.main_metric and limit_of(curve)]
    for task, metric, limit in sorted({(curve.task, curve.metric, limit_of(curve)) for curve in limited}):
        count = sum((curve.task, curve.metric, limit_of(curve)) == (task, metric, limit) for curve in limited)
        step = "a likelihood such as bits_per_byte, or a stronger model, would show it" if "floor" in limit else ""
        yield (
            f"{words(task)} ({words(metric)}): {limit} of the metric, in {count} curve{'s' if count > 1 else ''}, so "
            f"whether anything changed cannot be seen{'; ' if step else ''}{step}."
        )


def _asked(statistics: Statistics, question: str) -> list[Finding]:
    return [finding for finding in statistics.findings if finding.question == question]


def _counted(statistics: Statistics, findings: Sequence[Finding], asked: str) -> str:
    """In how many curves the answer is the one asked for, by task, and in how many it is another."""
    answers = [finding.answer for finding in findings]
    task_of = {curve.id: curve.task for curve in statistics.curves}
    tasks = sorted({task_of[finding.curve] for finding in findings})
    by_task = [f"{words(task)} {_share([f for f in findings if task_of[f.curve] == task], asked)}" for task in tasks]
    shown = f" ({', '.join(by_task)})" if len(tasks) > 1 and asked in answers else ""
    others = _others(findings, asked)
    rest = f"; {', '.join(others)}" if others else ""
    which = "curves" if all(curve.main_metric for curve in statistics.curves) else "curves of main metrics"
    if not any(finding.change.low is not None for finding in findings):
        return f"had no interval in any of {len(findings)} {which}, so whether anything {asked} cannot be told"
    return f"{asked} by more than the noise in {_share(findings, asked)} {which}{shown}{rest}"


def _others(findings: Sequence[Finding], asked: str) -> list[str]:
    answers = [finding.answer for finding in findings]
    return [f"{OTHERS[name]} in {answers.count(name)}" for name in OTHERS if name != asked and name in answers]


def _rest(findings: Sequence[Finding], asked: str) -> str:
    """In brackets: in how many curves the answer is another one."""
    others = _others(findings, asked)
    return f" ({', '.join(others)})" if others else ""


def _share(findings: Sequence[Finding], asked: str) -> str:
    return f"{sum(finding.answer == asked for finding in findings)} of {len(findings)}"
