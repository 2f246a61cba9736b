"""Checks of form hold in any script, and rows that cannot be checked are named."""

import json
import math
from pathlib import Path

import pytest

from clt.metrics import TextAnswer, constraint_problem, score_answers
from clt.metrics.checks import CHECKS


def score(text: str, language: str, *checks: dict) -> float:
    row = {"constraints": json.dumps(checks)} if checks else {}
    return score_answers("constraints", [TextAnswer(text=text, reference="", language=language, row=row)])[0]


@pytest.mark.parametrize(
    ("language", "text", "check", "met"),
    [
        ("en", "one two three", {"check": "words", "at_most": 3}, True),
        ("zh", "今天下雨", {"check": "words", "at_least": 5}, False),
        ("th", "น้ำท่วม", {"check": "characters", "at_least": 4, "at_most": 4}, True),
        ("hi", "क्षमा करें", {"check": "characters", "at_most": 3}, False),
        ("ar", "سطر\n\nسطر آخر\n", {"check": "lines", "at_least": 2, "at_most": 2}, True),
        ("ko", "하나\n\n둘\n  \n셋", {"check": "paragraphs", "at_least": 3}, True),
        ("ja", "・一つ\n・二つ", {"check": "list_items", "at_least": 2}, True),
        ("ar", "١. أول\n٢. ثان", {"check": "list_items", "at_least": 2, "at_most": 2}, True),
        ("zh", "（１）第一\n普通", {"check": "list_items", "at_least": 2}, False),
        ("ru", "# Раздел\nтекст", {"check": "headings"}, True),
        ("de", "ein **Wort** und *noch eins*", {"check": "highlights", "at_least": 2}, True),
        ("pt", "Caro [nome],", {"check": "placeholders"}, True),
        ("tr", "İSTANBUL güzel", {"check": "contains", "text": "istanbul"}, True),
        ("th", "นํ้าใส", {"check": "contains", "text": "น้ำ"}, True),
        ("fr", "très très", {"check": "contains", "text": "TRÈS", "at_least": 3}, False),
        ("es", "nada", {"check": "contains", "text": "todo", "at_least": 0, "at_most": 0}, True),
        ("bn", "  উত্তর: ১২", {"check": "starts_with", "text": "উত্তর: 12"}, True),
        ("ja", "以上です。\n", {"check": "ends_with", "text": "です。"}, True),
        ("ur", "ایک، دو", {"check": "no_comma"}, False),
        ("ja", "一、二", {"check": "no_comma"}, False),
        ("it", "senza virgole", {"check": "no_comma"}, True),
        ("ja", "「はい」", {"check": "quoted"}, True),
        ("de", "„Ja“", {"check": "quoted"}, True),
        ("en", 'yes, "no"', {"check": "quoted"}, False),
        ("vi", '```json\n{"câu": 1}\n```', {"check": "json"}, True),
        ("sw", "{jibu: 1}", {"check": "json"}, False),
        ("ko", "기차는 아침에 떠납니다.", {"check": "in_language"}, True),
        ("ko", "The train leaves in the morning.", {"check": "in_language"}, False),
    ],
)
def test_a_check_holds_in_any_script(language: str, text: str, check: dict, met: bool) -> None:
    assert constraint_problem(json.dumps([check])) is None
    assert score(text, language, check) == met


def test_the_score_is_the_share_of_checks_met_and_an_empty_text_meets_none() -> None:
    checks = {"check": "no_comma"}, {"check": "words", "at_most": 2}, {"check": "json"}, {"check": "lines"}
    assert score("a b", "en", *checks) == 0.75
    assert score("a b", "en", *checks, {"check": "quoted"}) == 0.6
    assert score(" ", "en", *checks) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "got '', expected a JSON list"),
        ("{}", "expected a JSON list"),
        ("[]", "expected a JSON list"),
        ('[{"check": "rhymes"}]', "got 'rhymes', expected one of words, characters"),
        ('[{"check": "words", "most": 3}]', "words: got the argument 'most', expected one of at_least, at_most"),
        ('[{"check": "words", "at_most": "3"}]', "words: at_most: got '3', expected a whole number"),
        ('[{"check": "contains"}]', "contains: expected the argument 'text'"),
        ('[{"check": "no_comma", "text": "a"}]', "no_comma: got the argument 'text', expected none"),
    ],
)
def test_a_row_that_cannot_be_checked_is_named_and_unscored(text: str, problem: str) -> None:
    assert problem in (constraint_problem(text) or "")
    answer = TextAnswer(text="a", reference="", language="en", row={"constraints": text})
    assert math.isnan(score_answers("constraints", [answer])[0])


def test_every_check_says_what_it_does_and_stands_on_the_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert all(check.__doc__ and f"`{name}`" in page for name, check in CHECKS.items()) and len(CHECKS) >= 12
