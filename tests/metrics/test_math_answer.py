"""Which number of an answer is its answer, on a labelled set of our own, and what the rules promise."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from clt.metrics import METRICS, TextAnswer, has_answer, read_number, score_answers, stated_answer

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "labelled_maths.jsonl").read_text(encoding="utf-8").splitlines()
]


def scored(name: str, case: dict) -> float:
    answer = TextAnswer(text=case["prediction"], reference=case["reference"], language=case["language"])
    return score_answers(name, [answer])[0]


def test_labelled_answers_are_scored_rightly_and_hardly_a_wrong_one_passes() -> None:
    failures = [case for case in LABELLED if scored("math_answer", case) != case["expected"]]
    assert len(LABELLED) >= 300 and len({case["language"] for case in LABELLED}) >= 12
    assert len(failures) <= 0.02 * len(LABELLED), failures
    wrong = [case for case in LABELLED if case["expected"] == 0]
    passed = [case for case in failures if case["expected"] == 0]
    assert len(passed) <= 0.005 * len(wrong), passed


def test_the_last_number_alone_misses_most_answers_that_go_on() -> None:
    """Why math_answer_last is for comparisons only."""
    going_on = [case for case in LABELLED if case["kind"] in ("stated", "boxed", "run-on") and case["expected"]]
    assert sum(scored("math_answer_last", case) for case in going_on) < 0.2 * len(going_on)


@pytest.mark.parametrize("language", ["en", "es", "zh", "sw"])
def test_the_tasks_own_label_and_prefix_count(language: str) -> None:
    text = "Schluss damit 36 und 5 dazu\n\nNUN ZU 7 Hunden"
    assert stated_answer(text, language) == "7"
    assert stated_answer(text, language, question_label="Nun zu") == "5"
    assert stated_answer(text, language, question_label="Nun zu", answer_prefix="Schluss damit") == "36"


@pytest.mark.parametrize("case", LABELLED[::7], ids=lambda case: f"{case['language']}-{case['kind']}")
def test_what_is_extracted_can_be_read_again(case: dict) -> None:
    token = stated_answer(case["prediction"], case["language"])
    if token is not None:
        assert stated_answer(token, case["language"]) == token
        assert isinstance(read_number(token, case["language"]), Fraction)


def test_an_answer_without_a_number_is_none_whatever_stands_in_the_next_question() -> None:
    for text, there in (("I do not know.", False), ("No idea.\n\nQuestion: 3 + 4?", False), ("It is 7.", True)):
        assert has_answer("math_answer", TextAnswer(text=text, reference="7", language="en")) is there
    assert has_answer("rouge_l", TextAnswer(text="", reference="", language="en")) is None
    assert METRICS["math_answer_last"].reads
