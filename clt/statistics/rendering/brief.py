"""What a reader wants first, in plain language: sentences made from the findings, with their counts.

The page opens with them, and Kubeflow's run page shows the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from statistics import median

from clt.statistics.rendering.rule_text import rule_sentence
from clt.statistics.rendering.wording import Digits, many, percent, upper_first, with_interval, words
from clt.statistics.schema import Finding, Statistics, Variance

OTHERS = {  # the answers of findings, as the sentences say them
    "improved": "improved",
    "worsened": "worsened",
    "not resolved": "not resolved",
    "no interval": "without an interval",
    "undefined": "undefined",
}
SHOWN_RULES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what the scores answer, and the section that shows it."""

    question: str
    sentences: list[str]
    section: str


def brief(statistics: Statistics) -> list[Answer]:
    """The questions that the scores can say something about, in a reader's order."""
    asked: list[tuple[str, Callable[[Statistics], Iterator[str]], str]] = [
        ("Where does transfer work?", _where, "findings"),
        ("How much data is enough?", _enough, "conditions"),
        ("What did English pay?", _english, "findings"),
        ("Which mixture?", _mixture, "recommendation"),
        ("Can single factors explain it?", _factors, "variance"),
        ("Which printed claims hold?", _claims, "claims"),
    ]
    answers = [Answer(question, list(answer(statistics)), section) for question, answer, section in asked]
    return [answer for answer in answers if answer.sentences]


def counts(statistics: Statistics) -> str:
    """What went in, in a line."""
    curves = statistics.curves
    mains = sum(curve.main_metric for curve in curves)
    parts = [
        many(len(curves), "curve") + ("" if mains == len(curves) else f" ({mains} of main metrics)"),
        many(len({curve.model for curve in curves}), "model"),
        many(len({curve.task for curve in curves}), "task"),
        many(len({code for c in curves for code in (*c.train_languages, *c.held_out_languages)}), "language"),
        many(len({run for curve in curves for run in curve.runs}), "seed"),
    ]
    return ", ".join(parts) + "."


def steps_inside(statistics: Statistics) -> str:
    """How many steps along n are inside run-to-run noise; empty where the noise is not known."""
    if not statistics.steps:
        return ""
    inside, steps = (sum(getattr(one, name) for one in statistics.steps) for name in ("inside", "steps"))
    return (
        f"{inside} of {many(steps, 'step')} from one n to the next are no larger than the noise between two runs of "
        "the same training."
    )


def _where(statistics: Statistics) -> Iterator[str]:
    for question, who in (("unseen_rise", "Held-out languages"), ("seen_rise", "Trained languages")):
        found = _asked(statistics, question)
        if found:
            yield f"{who} {_counted(statistics, found, 'improved')}."
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


def _enough(statistics: Statistics) -> Iterator[str]:
    risen = [
        one for one in statistics.conditions.combinations if one.answer == "improved" and one.enough.at is not None
    ]
    if risen:
        needed = sorted(one.enough.at for one in risen if one.enough.at is not None)
        spread = f"n = {needed[0]}" if needed[0] == needed[-1] else f"n = {needed[0]} to {needed[-1]}"
        middle = "" if needed[0] == needed[-1] else f" (median {median(needed):g})"
        yield (
            f"Where held-out languages improved ({many(len(risen), 'combination')}), 95% of the rise was reached at "
            f"{spread}{middle} samples per language."
        )
    elif any(one.unseen_change.low is not None for one in statistics.conditions.combinations):
        yield "In no combination did held-out languages improve by more than their interval, so no amount can be named."
    yield from _plateaus(statistics)
    if statistics.steps:
        yield steps_inside(statistics)


def _plateaus(statistics: Statistics) -> Iterator[str]:
    """Where U has levelled off, where that is not shown, and where nothing can be said for lack of intervals."""
    curves = [curve for curve in statistics.curves if curve.main_metric and curve.held_out_languages]
    which = "" if all(curve.main_metric for curve in statistics.curves) else " of main metrics"
    found = [curve.plateau_at["unseen"] for curve in curves if "unseen" in curve.plateau_at]
    level = sum(one.at is not None for one in found)
    unknown = sum(one.at is None and "needs " in (one.reason or "") for one in found)
    margins = sorted({one.margin for one in found})
    margin = " or ".join(f"{one:g}" for one in margins) + (", by metric" if len(margins) > 1 else "")
    if level:
        yield (
            f"In {level} of {many(len(found), 'curve')}{which} U has levelled off or never rose: from some n on, no "
            f"later point can be better by the margin ({margin}) or more."
        )
    elif unknown < len(found):
        yield (
            f"In none of {many(len(found), 'curve')}{which} is it shown that U had stopped improving by the margin "
            f"({margin}) or more: more data may still help."
        )
    if unknown:
        yield (
            f"Whether U has levelled off cannot be told in {unknown} of {many(len(found), 'curve')}{which}: that needs "
            "two points or more and intervals of the changes between them."
        )


def _english(statistics: Statistics) -> Iterator[str]:
    found = _asked(statistics, "english_cost")
    if not found:
        return
    yield f"English {_counted(statistics, found, 'worsened')}."
    digits, curves = Digits.of(statistics), {curve.id: curve for curve in statistics.curves}
    for task, metric in sorted({(curves[f.curve].task, curves[f.curve].metric) for f in found}):
        here = [f for f in found if (curves[f.curve].task, curves[f.curve].metric) == (task, metric)]
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


def _mixture(statistics: Statistics) -> Iterator[str]:
    found = statistics.recommendations
    if not found:
        return
    which = f"{many(len(found), 'combination')} of model, setting and task"
    resolved = [one for one in found if one.cheapest is not None and (one.improvement.low or 0.0) > 0]
    known = sum(one.resolvable is not None for one in found)
    worse = sum(one.improvement.high is not None and one.improvement.high < 0 for one in found)
    unknown = f"; in {len(found) - known} there is no interval, so it cannot be told" if known < len(found) else ""
    if not known:
        yield f"Cannot be told: in none of {which} is there an interval for the best mixture's improvement."
    elif resolved:
        yield (
            f"In {len(resolved)} of {which} a mixture improves on English-only training by more than its "
            f"noise{unknown}."
        )
    else:
        yield f"Not resolvable: in none of {which} is the best mixture's improvement shown to be above 0{unknown}."
    if worse:
        yield f"In {worse} of {which} even the best mixture is worse for the targets than English-only training."
    digits = Digits.of(statistics)
    for one in resolved[:SHOWN_RULES]:
        assert one.cheapest is not None, "chosen above"
        yield (
            f"{words(one.task)}, {one.model}, {words(one.setting)}: the cheapest that the data cannot tell from the "
            f"best is {'+'.join(one.cheapest.train_languages)} at n = {one.cheapest.samples_per_language}, "
            f"{with_interval(one.cheapest_improvement, digits.signed(one.task, one.metric))}."
        )


def _factors(statistics: Statistics) -> Iterator[str]:
    """Of the analysis with the most tasks, models and languages; the section shows them all."""
    analyses = [one for one in statistics.variance if "1" in one.by_order]
    if not analyses:
        return
    largest = max(analyses, key=lambda one: prod(len(levels) for name, levels in one.factors.items() if name != "n"))
    interactions = sum(share for order, share in largest.by_order.items() if order.isdigit() and order != "1")
    response = "R" if largest.response == "relative" else words(largest.metric)
    yield (
        f"Single factors carry {percent(largest.by_order['1'])} of the variance of {response}, their combinations "
        f"{percent(interactions)}{_unexplained(largest)} ({largest.scope}; {many(largest.values, 'value')})."
    )
    if largest.statement:
        yield upper_first(largest.statement.rstrip(".")) + "."


def _unexplained(analysis: Variance) -> str:
    """What is left of the whole where repeated runs tell it; where they do not, which part holds the noise."""
    if not analysis.balanced:
        return "; the design is not balanced, so these do not add up"
    rest = analysis.by_order.get("residual")
    if rest is not None:
        return f"; the rest, {percent(rest)}, is run-to-run noise or not explained"
    last = max((order for order in analysis.by_order if order.isdigit()), key=int)
    held = percent(analysis.by_order[last])
    return f", of which {held}, the highest order, cannot be told from noise" if last != "1" else ""


def _claims(statistics: Statistics) -> Iterator[str]:
    found = statistics.claims
    if found:
        holds = [claim.holds for claim in found]
        yield (
            f"Of {many(len(found), 'claim')}, the scores reproduce {holds.count(True)} and do not reproduce "
            f"{holds.count(False)}; {holds.count(None)} cannot be checked with them."
        )


def _asked(statistics: Statistics, question: str) -> list[Finding]:
    return [finding for finding in statistics.findings if finding.question == question]


def _counted(statistics: Statistics, found: Sequence[Finding], asked: str) -> str:
    """In how many curves the answer is the one asked for, by task, and in how many it is another."""
    answers = [finding.answer for finding in found]
    task_of = {curve.id: curve.task for curve in statistics.curves}
    tasks = sorted({task_of[finding.curve] for finding in found})
    by_task = [f"{words(task)} {_share([f for f in found if task_of[f.curve] == task], asked)}" for task in tasks]
    shown = f" ({', '.join(by_task)})" if len(tasks) > 1 and asked in answers else ""
    others = _others(found, asked)
    rest = f"; {', '.join(others)}" if others else ""
    which = "curves" if all(curve.main_metric for curve in statistics.curves) else "curves of main metrics"
    if not any(finding.change.low is not None for finding in found):
        return f"had no interval in any of {len(found)} {which}, so whether anything {asked} cannot be told"
    return f"{asked} by more than the noise in {_share(found, asked)} {which}{shown}{rest}"


def _others(found: Sequence[Finding], asked: str) -> list[str]:
    answers = [finding.answer for finding in found]
    return [f"{OTHERS[name]} in {answers.count(name)}" for name in OTHERS if name != asked and name in answers]


def _rest(found: Sequence[Finding], asked: str) -> str:
    """In brackets: in how many curves the answer is another one."""
    others = _others(found, asked)
    return f" ({', '.join(others)})" if others else ""


def _share(found: Sequence[Finding], asked: str) -> str:
    return f"{sum(finding.answer == asked for finding in found)} of {len(found)}"
