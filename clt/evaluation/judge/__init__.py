"""A model that rates answers from 1 to 5: the metric `judge`, and how well it agrees with people."""

from clt.evaluation.judge.agreement import Agreement, Estimate
from clt.evaluation.judge.calibration import Calibration, calibrate, read_rated
from clt.evaluation.judge.judgements import check_judge, judge_answers, judge_totals, judged_answers
from clt.evaluation.judge.rate import Answered, Ratings, rate

__all__ = [
    "Agreement",
    "Answered",
    "Calibration",
    "Estimate",
    "Ratings",
    "calibrate",
    "check_judge",
    "judge_answers",
    "judge_totals",
    "judged_answers",
    "rate",
    "read_rated",
]
