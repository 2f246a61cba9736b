"""What a reader asks of every curve first, at the largest n: fixed before looking, so nothing is chosen among points.

An answer stands only if it holds together with all others of the page (clt/statistics/family).
"""

from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.curve.schema import Curve
from clt.statistics.family import Family, Verdict, change_key, resolved
from clt.statistics.values import At, at_point

QUESTIONS = ("seen_rise", "unseen_rise", "english_cost", "unseen_latin_rise", "unseen_non_latin_rise")  # in order


def findings_of(curve: Curve, family: Family) -> list[Finding]:
    """One finding a question: S, U, U by script, and English, each from n = 0 to the largest n."""
    last = curve.points[-1]
    changes = {"english_cost": (curve.english_cost, "english")}
    if last.change is not None:
        n = last.samples_per_language
        changes["seen_rise"] = (at_point(last.change.seen, n), "trained")
        changes["unseen_rise"] = (at_point(last.change.unseen, n), "held_out")
    for name, script in curve.scripts.items():
        changes[f"unseen_{name}_rise"] = (script.unseen_change, f"held_out_{name}")
    findings = []
    for question in QUESTIONS:
        if question in changes:
            change, measure = changes[question]
            verdict = family.verdict(change_key(curve.id, measure))
            answer = _answer(change, verdict, higher_is_better=curve.higher_is_better)
            findings.append(Finding(curve=curve.id, question=question, change=change, answer=answer, verdict=verdict))
    return findings


def _answer(change: At, verdict: Verdict | None, *, higher_is_better: bool) -> str:
    if change.value is None:
        return "undefined"
    if verdict is None or change.low is None:
        return "no interval"
    if not resolved(verdict):
        return "not resolved"
    return "improved" if (change.value > 0) == higher_is_better else "worsened"
