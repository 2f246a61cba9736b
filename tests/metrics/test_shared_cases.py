"""Faults that reviews found, where their file lies beside the project."""

import json
from pathlib import Path

import pytest

from clt.metrics import TextAnswer, score_answers

FILE = Path(__file__).resolve().parents[3] / "shared" / "cases" / "answers.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] if FILE.is_file() else []


@pytest.mark.skipif(not CASES, reason="there is no ../shared/cases/answers.jsonl beside the project")
def test_the_cases_of_reviews_are_scored_as_they_expect() -> None:
    failures = []
    for case in CASES:
        answer = TextAnswer(text=case["prediction"], reference=case["reference"], language=case["language"])
        (score,) = score_answers(case["metric"], [answer])
        # Too short for a verdict, or names alone: unscored is no false alarm.
        lenient = case["metric"] == "language_fidelity" and case["expected"] == 1
        if score == 0 if lenient else score != pytest.approx(case["expected"]):
            failures.append((case, score))
    assert failures == []
