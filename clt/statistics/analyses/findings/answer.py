"""Where transfer works and what English paid, in plain sentences: verdicts that hold together, counted."""

from collections.abc import Iterator, Sequence

from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.curve.limits import limit_of
from clt.statistics.curve.schema import Curve
from clt.statistics.family import ITEMS_ALONE, NEIGHBOURING, PAPER, Verdict, by_chance
from clt.statistics.rendering.formatting import Digits, many, words

OTHERS = {  # the answers of findings, as the sentences say them
    "improved": "improved",
    "worsened": "worsened",
    "not resolved": "not resolved",
    "no interval": "without an interval",
    "undefined": "undefined",
}


def where_transfer_works(statistics: Statistics) -> Iterator[str]:
    """In how many curves held-out and trained languages improved, what that rests on, and rules across curves."""
    asked = {"Held-out": _asked(statistics, "unseen_rise"), "Trained": _asked(statistics, "seen_rise")}
    for who, findings in asked.items():
        if findings:
            yield f"{who} languages {_counted(statistics, findings, 'improved')}."
    yield from _without_baseline(statistics)
    yield from _at_limits(statistics)
    yield from _rests_on(statistics)
    latin, other = (_asked(statistics, f"unseen_{script}_rise") for script in ("latin", "non_latin"))
    if latin and other:
        yield (
            f"Held-out languages in Latin script improved in {_share(latin, 'improved')}{_rest(latin, 'improved')}, "
            f"in other scripts in {_share(other, 'improved')}{_rest(other, 'improved')}."
        )
    if tried := statistics.conditions.candidates:
        passed = len(statistics.conditions.rules)
        yield (
            f"Of {many(tried, 'rule')} about where it works {passed or 'none'} passed every check; rules are corrected "
            "by themselves, not with the verdicts."
        )


def what_english_paid(statistics: Statistics) -> Iterator[str]:
    """In how many curves English worsened, in how many it surely kept its score, and the changes task by task."""
    asked = _asked(statistics, "english_cost")
    if not asked:
        return
    curves = {curve.id: curve for curve in statistics.curves}
    if any(finding.verdict for finding in asked):
        kept = sum(_is_kept(finding, curves[finding.curve]) for finding in asked)
        yield (
            f"English worsened in {_share(asked, 'worsened')} curves, "
            f"{by_chance(_verdicts(asked))}; it is shown to keep within the margin in {kept}."
        )
        yield f"The margin is {_margins([curves[finding.curve] for finding in asked])}."
    else:
        yield f"English {_counted(statistics, asked, 'worsened')}."
    digits = Digits.of(statistics.curves)
    for task, metric in sorted({(curves[f.curve].task, curves[f.curve].metric) for f in asked}):
        here = [f for f in asked if (curves[f.curve].task, curves[f.curve].metric) == (task, metric)]
        changes = [f.change.value for f in here if f.change.value is not None]
        limits = [f.verdict.detectable for f in here if f.verdict and f.verdict.detectable is not None]
        if changes:
            signed, plain = digits.signed(task, metric), digits.plain(task, metric)
            spread = signed(changes[0]) if len(changes) == 1 else f"{signed(min(changes))} to {signed(max(changes))}"
            could = f"; a change of {plain(max(limits))} would have been found 4 times in 5" if limits else ""
            yield f"{words(task)} ({words(metric)}): English changed by {spread}{could}."


def _is_kept(finding: Finding, curve: Curve) -> bool:
    """Whether English fell by less than the margin, by the interval that holds for the whole page (non-inferiority)."""
    verdict, margin = finding.verdict, _margin(curve)
    if verdict is None or verdict.low is None or verdict.high is None or not margin > 0:
        return False
    return verdict.low > -margin if curve.higher_is_better else verdict.high < margin


def _margin(curve: Curve) -> float:
    return max((plateau.margin for plateau in curve.plateau_at.values()), default=0.0)


def _margins(curves: Sequence[Curve]) -> str:
    """2% of every metric's range, in the metric's unit."""
    metrics: dict[str, list[float]] = {}
    for curve in curves:
        metrics.setdefault(curve.task, []).append(_margin(curve))
    texts = {
        task: f"{min(found):.2g}" if max(found) - min(found) < 1e-9 else f"{min(found):.2g} to {max(found):.2g}"
        for task, found in sorted(metrics.items())
    }
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{text} in {words(task)}" for task, text in texts.items())


def _rests_on(statistics: Statistics) -> Iterator[str]:
    """What noise the verdicts allow for, and what would overturn them where no run is repeated."""
    verdicts = [finding.verdict for finding in statistics.findings if finding.verdict is not None]
    if not verdicts:
        return
    yield (
        f"Verdicts hold together, over {many(verdicts[0].contrasts, 'contrast')}: in at most 5 of 100 studies without "
        "any effect is any of them false."
    )
    if any(NEIGHBOURING in verdict.basis for verdict in verdicts):
        yield (
            "Too few runs are repeated to tell how much runs differ: those at neighbouring n tell it too, by how far "
            "they lie off the line between the n before and after."
        )
    if any(PAPER in verdict.basis for verdict in verdicts):
        yield (
            "Too few runs are at hand to tell how much runs differ: they are taken to differ as the paper's repeated "
            "runs do (6 degrees of freedom); repeat some to replace that."
        )
    if any(verdict.basis == ITEMS_ALONE for verdict in verdicts):
        yield "Where nothing tells how much runs differ, verdicts rest on items alone: another seed may change them."
    if bounds := [verdict.overturned_by for verdict in verdicts if verdict.overturned_by is not None]:
        spread = f"{min(bounds):.2g}" if len(bounds) == 1 else f"{min(bounds):.2g} to {max(bounds):.2g}"
        yield f"They would be overturned if single runs differ by a standard deviation of more than {spread}."


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
    if not any(finding.verdict for finding in findings):
        return f"had no interval in any of {len(findings)} curves, so whether anything {asked} cannot be told"
    answers = [finding.answer for finding in findings]
    task_of = {curve.id: curve.task for curve in statistics.curves}
    tasks = sorted({task_of[finding.curve] for finding in findings})
    by_task = [f"{words(task)} {_share([f for f in findings if task_of[f.curve] == task], asked)}" for task in tasks]
    shown = f" ({', '.join(by_task)})" if len(tasks) > 1 and asked in answers else ""
    others = _others(findings, asked)
    rest = f"; {', '.join(others)}" if others else ""
    return f"{asked} in {_share(findings, asked)} curves{shown}, {by_chance(_verdicts(findings))}{rest}"


def _verdicts(findings: Sequence[Finding]) -> list[Verdict]:
    return [finding.verdict for finding in findings if finding.verdict is not None]


def _others(findings: Sequence[Finding], asked: str) -> list[str]:
    answers = [finding.answer for finding in findings]
    return [f"{OTHERS[name]} in {answers.count(name)}" for name in OTHERS if name != asked and name in answers]


def _rest(findings: Sequence[Finding], asked: str) -> str:
    """In brackets: in how many curves the answer is another one."""
    others = _others(findings, asked)
    return f" ({', '.join(others)})" if others else ""


def _share(findings: Sequence[Finding], asked: str) -> str:
    return f"{sum(finding.answer == asked for finding in findings)} of {len(findings)}"
