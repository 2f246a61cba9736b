"""Every metric on its cases in cases/NAME.jsonl (score null: cannot be scored), and what holds of all of them."""

import json
import math
from pathlib import Path

import pytest

from clt.metrics import METRICS, MetricKind, TextAnswer, score_answers

CASES = Path(__file__).parent / "cases"
PAPER = ("en", "es", "fr", "ja", "zh", "ar", "ko", "pt")  # a study's languages
ODD = ("", " ", "\n", "\ufffd", "\u200f", "(" * 5000, "1 " * 5000, "9" * 9999, "` \\boxed{ #### $")
GENERATED = [name for name, metric in METRICS.items() if metric.kind == MetricKind.GENERATED_TEXT and not metric.judged]


def cases() -> list:
    return [
        pytest.param(name, case, id=f"{name}-{case['id']}")
        for name in GENERATED
        for case in map(json.loads, (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    ]


def answer(text: str, reference: str = "", language: str = "en", **more: object) -> TextAnswer:
    return TextAnswer(text=text, reference=reference, language=language, languages=(language, *PAPER), **more)


@pytest.mark.parametrize(("name", "case"), cases())
def test_case(name: str, case: dict) -> None:
    (score,) = score_answers(name, [answer(case["prediction"], case["reference"], case["language"])])
    expected = math.nan if case["score"] is None else case["score"]
    assert score == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", GENERATED)
def test_every_docstring_answers_the_five_questions(name: str) -> None:
    text = " ".join(METRICS[name].description.lower().split())
    for question in ("unreadable answer", "empty reference", "missing language", "tokenizer", "number separators"):
        assert question in text


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_in_a_line_what_it_means(name: str) -> None:
    assert METRICS[name].meaning and "|" not in METRICS[name].meaning
    assert METRICS[name].judged == (METRICS[name].score is None)


@pytest.mark.parametrize("name", GENERATED)
@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\ufffd", "\u200f", "(" * 5000, "1 " * 5000, "9" * 9999, "` \\boxed{ #### $"]
)
def test_no_text_is_too_odd_to_be_scored(name: str, text: str) -> None:
    (score,) = score_answers(name, [answer(text, "18")])
    assert math.isnan(score) or METRICS[name].low <= score <= METRICS[name].high


def test_a_language_that_is_not_known_is_unscored() -> None:
    (unknown,) = score_answers("language_fidelity", [answer("Treno partas matene.", language="tlh")])
    assert math.isnan(unknown)
