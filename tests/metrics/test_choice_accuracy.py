"""The right choice is the one with the fewest bits, as they are or per byte."""

import math

import pytest

from clt.metrics import ChoiceAnswer, score_answers


@pytest.mark.parametrize(
    ("bits", "choices", "right", "plain", "by_bytes"),
    [
        ((1.0, 2.0, 3.0), ("A", "B", "C"), 0, 1, 1),
        ((1.0, 2.0, 3.0), ("A", "B", "C"), 2, 0, 0),
        ((8.0, 9.0), ("no", "certainly"), 1, 0, 1),
        ((8.0, 9.0), ("はい", "いいえ"), 1, 0, 1),
        ((2.0, 2.0, 5.0), ("A", "B", "C"), 1, 0.5, 0.5),
        ((1.0, None), ("A", "B"), 0, None, None),
        ((1.0,), ("A",), 0, None, None),
        ((1.0, 2.0), ("A", ""), 0, 1, None),
    ],
)
def test_choice(bits: tuple, choices: tuple, right: int, plain: float | None, by_bytes: float | None) -> None:
    answer = ChoiceAnswer(bits=bits, choices=choices, right=right)
    for name, expected in (("choice_accuracy", plain), ("choice_accuracy_bytes", by_bytes)):
        (score,) = score_answers(name, [answer])
        assert score == pytest.approx(math.nan if expected is None else expected, nan_ok=True)
