"""A model that rates answers from 1 to 5: the metric `judge`, and how well it agrees with people."""

from clt.evaluation.judge.agreement import Agreement, Estimate
from clt.evaluation.judge.calibration import Calibration, calibrate, read_rated
from clt.evaluation.judge.judgements import check_judge, judge_answers, judge_totals, judged_answers

__all__ = [
    "Agreement",
    "Calibration",
    "Estimate",
    "calibrate",
    "check_judge",
    "judge_answers",
    "judge_totals",
    "judged_answers",
    "read_rated",
]
