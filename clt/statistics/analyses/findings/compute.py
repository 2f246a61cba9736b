"""What a reader asks of every curve first, each answered by an interval at the largest n.

The n is fixed before looking: the answer pays nothing for a choice among points. Each interval stands for itself;
with many curves some exclude 0 by chance, and the report says how many to expect.
"""

import numpy as np

from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.schema import Curve
from clt.statistics.inference.intervals import detectable
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import At, at_point, number


def findings_of(curve: Curve, measured: CurveEstimates, data: CurveData) -> list[Finding]:
    """One finding a question: S, U, U by script, and English, each from n = 0 to the largest n."""
    last = curve.points[-1]
    found = {"english_cost": (curve.english_cost, "english")}
    if last.change is not None:
        at = last.samples_per_language
        found["seen_rise"] = (at_point(last.change.seen, at), "seen")
        found["unseen_rise"] = (at_point(last.change.unseen, at), "unseen")
    for name, script in curve.scripts.items():
        found[f"unseen_{name}_rise"] = (script.unseen_change, f"unseen_{name}")
    index = int(data.has_base) + len(data.counts) - 1
    findings = []
    for question in ("seen_rise", "unseen_rise", "english_cost", "unseen_latin_rise", "unseen_non_latin_rise"):
        if question in found:
            change, group = found[question]
            findings.append(
                Finding(
                    curve=curve.id,
                    question=question,
                    change=change,
                    answer=_answer(change, curve.higher_is_better),
                    detectable=_detectable(measured, f"change:{group}", index) if change.low is not None else None,
                )
            )
    return findings


def _detectable(measured: CurveEstimates, name: str, at: int) -> float | None:
    error = float(measured.error[name][at])
    if not (np.isfinite(error) and error > 0):
        return None
    return number(detectable(error, measured.degrees(name, at)))


def _answer(change: At, higher_is_better: bool) -> str:
    if change.value is None:
        return "undefined"
    if change.low is None or change.high is None:
        return "no interval"
    if change.low > 0 or change.high < 0:
        return "improved" if (change.low > 0) == higher_is_better else "worsened"
    return "not resolved"
