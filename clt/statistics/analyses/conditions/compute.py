"""Where transfer is effective: every factor combination by itself, and the rules that hold across them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from clt.statistics.analyses.conditions.rules import Search, find_rules
from clt.statistics.analyses.conditions.schema import Condition, Conditions
from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.analyses.response_curves.schema import ResponseCurve
from clt.statistics.curve.points import NO_BASELINE, NOT_HELD_OUT
from clt.statistics.curve.schema import Curve
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import At, Estimate, at_point, number, undefined

MOST = 0.95  # of U's rise from n = 0 to its maximum
NO_RISE = "U has its best value at n = 0"
NOT_TOLD = "no rise of U is told from noise"
NOT_ENOUGH = {  # by the answer of the response curve
    "still rising": "still rising at the largest n tried",
    "maybe rising": "rose, and may still be rising at the largest n tried",
}


def find_conditions(
    curves: Sequence[CurveData],
    documents: Iterable[Curve],
    findings: Iterable[Finding],
    responses: Iterable[ResponseCurve],
) -> Conditions:
    """Conditions of all curves of main metrics, in their order, and the rules of every study.

    `documents`, `findings` and `responses` are those of statistics.json; documents of curves that are not given are
    passed over.
    Rules of several studies are ranked together; their p-values are corrected within each study, and there for scores
    and losses apart.
    """
    given = {data.id for data in curves}
    rises = {finding.curve: finding for finding in findings if finding.question == "unseen_rise"}
    fitted = {response.curve: response for response in responses if response.group == "unseen"}
    combinations = [
        _combination(curve, rises.get(curve.id), fitted.get(curve.id)) for curve in documents if curve.id in given
    ]
    searched: dict[tuple[str, bool], list[CurveData]] = {}
    for data in curves:  # scores first
        searched.setdefault((data.identity["study"], not data.higher_is_better), []).append(data)
    searches = [find_rules(searched[key]) for key in sorted(searched)]
    rules = [rule for search in searches for rule in search.rules]
    rejected: Counter[str] = Counter()
    for search in searches:
        rejected.update(search.rejected)
    return Conditions(
        combinations=combinations,
        rules=sorted(rules, key=lambda rule: (-abs(rule.effect.value or 0.0), rule.text)),
        candidates=sum(search.candidates for search in searches),
        rejected=dict(sorted(rejected.items())),
        statement=_statement(combinations, searches),
    )


def _combination(curve: Curve, rise: Finding | None, response: ResponseCurve | None) -> Condition:
    return Condition(
        curve=curve.id,
        study=curve.study,
        model=curve.model,
        setting=curve.setting,
        task=curve.task,
        metric=curve.metric,
        train_languages=curve.train_languages,
        enough=_enough(response, rise),
        most_of_tried_rise=_most_of_tried_rise(curve),
        unseen_change=at_point(undefined(NOT_HELD_OUT if not curve.held_out_languages else NO_BASELINE), None)
        if rise is None
        else _as_judged(rise),
        answer="undefined" if rise is None else rise.answer,
    )


def _as_judged(rise: Finding) -> At:
    """The change with the interval of its verdict, where there is one."""
    verdict = rise.verdict
    if verdict is None:
        return rise.change
    method = f"max-t over {verdict.contrasts} contrasts: {verdict.basis}"
    return rise.change.model_copy(update={"low": verdict.low, "high": verdict.high, "method": method})


def _enough(response: ResponseCurve | None, rise: Finding | None) -> At:
    """The n that the response curve of U names, and how probable it is, where the rise itself is a verdict."""
    if response is None:
        return at_point(undefined(NOT_HELD_OUT), None)
    if response.reason is not None:
        return at_point(undefined(response.reason), None)
    if rise is not None and rise.answer != "improved":
        return at_point(undefined(NOT_TOLD), None)
    if response.enough is None:
        return at_point(undefined(NOT_ENOUGH.get(response.answer, response.answer)), None)
    method = "none: the probability that 95% of the rise to the asymptote were made"
    return at_point(Estimate(value=response.enough_probability, low=None, high=None, method=method), response.enough)


def _most_of_tried_rise(curve: Curve) -> At:
    """The smallest n at which U has made 95% of the largest rise tried, and the share that it has made there."""
    levels = {point.samples_per_language: point.unseen.value for point in curve.points}
    if not curve.held_out_languages:
        return at_point(undefined(NOT_HELD_OUT), None)
    if 0 not in levels:
        return at_point(undefined(NO_BASELINE), None)
    if any(value is None for value in levels.values()):
        return at_point(undefined("a language has no score at a point"), None)
    sign = 1.0 if curve.higher_is_better else -1.0
    rises = {n: sign * (value - (levels[0] or 0.0)) for n, value in levels.items() if n and value is not None}
    largest = max(rises.values(), default=0.0)
    if largest <= 1e-12:
        return at_point(undefined(NO_RISE), None)
    at = min(n for n, rise in rises.items() if rise >= MOST * largest - 1e-12)
    share = Estimate(
        value=number(rises[at] / largest), low=None, high=None, method="none: n is chosen among noisy points"
    )
    return at_point(share, at)


def _statement(combinations: Sequence[Condition], searches: Sequence[Search]) -> str:
    listed = sum(len(search.rules) for search in searches)
    tried = sum(search.candidates for search in searches)
    base = "; ".join(search.base for search in searches)
    rules = f"{listed} of {tried} candidate rules hold beyond noise and where something is left out ({base})."
    return f"{_improved(Counter(combination.answer for combination in combinations))} {rules}"


def _improved(answers: Counter[str]) -> str:
    """In how many curves held-out languages improved, of those that can tell."""
    unknown = {"no interval": answers["no interval"], "no defined change from n = 0": answers["undefined"]}
    judged = answers.total() - sum(unknown.values())
    clauses = [f"{count} curve{' has' if count == 1 else 's have'} {what}" for what, count in unknown.items() if count]
    if not judged:
        return "; ".join(["Whether held-out languages improved is not known", *clauses]) + "."
    text = f"Held-out languages improved in {answers['improved']} of {judged} curves"
    text += f" and worsened in {answers['worsened']}" if answers["worsened"] else ""
    return "; ".join([text, *clauses]) + "."
