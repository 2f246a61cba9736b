"""What a reader asks of every curve first, each answered by an interval at the largest n.

The n is fixed before looking: the answer pays nothing for a choice among points. Each interval stands for itself;
with many curves some exclude 0 by chance, and the report says how many to expect.
"""

import numpy as np

from clt.statistics.analyses.findings.schema import Finding
from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.schema import Curve
from clt.statistics.inference.intervals import detectable
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import At, at_point, number

QUESTIONS = ("seen_rise", "unseen_rise", "english_cost", "unseen_latin_rise", "unseen_non_latin_rise")  # in order


def findings_of(curve: Curve, measured: CurveEstimates, data: CurveData) -> list[Finding]:
    """One finding a question: S, U, U by script, and English, each from n = 0 to the largest n."""
    last = curve.points[-1]
    changes = {"english_cost": (curve.english_cost, "english")}
    if last.change is not None:
        n = last.samples_per_language
        changes["seen_rise"] = (at_point(last.change.seen, n), "trained")
        changes["unseen_rise"] = (at_point(last.change.unseen, n), "held_out")
    for name, script in curve.scripts.items():
        changes[f"unseen_{name}_rise"] = (script.unseen_change, f"held_out_{name}")
    index = int(data.has_base) + len(data.sample_sizes) - 1
    return [
        Finding(
            curve=curve.id,
            question=question,
            change=change,
            answer=_answer(change, curve.higher_is_better),
            detectable=None if change.low is None else _detectable(measured, Measure(Kind.CHANGE, group), index),
        )
        for question in QUESTIONS
        if question in changes
        for change, group in [changes[question]]
    ]


def _detectable(measured: CurveEstimates, change: Measure, index: int) -> float | None:
    error = float(measured.error[change][index])
    if not (np.isfinite(error) and error > 0):
        return None
    return number(detectable(error, measured.degrees(change, index)))


def _answer(change: At, higher_is_better: bool) -> str:
    if change.value is None:
        return "undefined"
    if change.low is None or change.high is None:
        return "no interval"
    if change.low > 0 or change.high < 0:
        return "improved" if (change.low > 0) == higher_is_better else "worsened"
    return "not resolved"
