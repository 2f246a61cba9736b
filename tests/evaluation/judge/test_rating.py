"""A rating is read where a reply leaves no doubt, and nowhere else."""

import pytest

from clt.evaluation.judge.rating import read_rating


@pytest.mark.parametrize(
    ("reply", "rating"),
    [
        ('{"reason": "Correct and fluent.", "rating": 5}', 5),
        ('{"rating": "4", "reason": "ok"}', 4),
        ('{"rating": 2.0}', 2),
        ('Here it is:\n```json\n{\n "rating": 3,\n "reason": "two\nlines {}"\n}\n```\nAnything else?', 3),
        ('{"reason": "the user wrote {x}", "rating": 1} {"rating": 1}', 1),
        ('{"reason": "he wrote \\"rating: 5\\" and {\\"rating\\": 5} himself", "rating": 2}', 2),
        ('{"result": {"rating": 4}}', 4),
        ('{"rating": 4}\nRating: 4', 4),
        ('{"reason": "she said "good"", "rating": 3}', 3),
        ('{"rating": 3, "reason": "cut in the mid', 3),
        ('Of {this}: {"rating": 4}', 4),
        ('<think>maybe {"rating": 5}, no</think>{"rating": 2}', 2),
        ("Rating: 4", 4),
        ("**Rating:** 4/5\nGood.", 4),
        ('"rating": 3, "reason": "the braces are gone"', 3),
        ("My rating is 2 out of 5.", 2),
        ("评分 (rating)：4, rating：4", 4),
        ("3", 3),
        (" **5**. ", 5),
    ],
)
def test_a_rating_is_found_in_every_form_that_leaves_no_doubt(reply: str, rating: int) -> None:
    assert read_rating(reply) == rating


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "The answer is helpful and well written, I would call it a solid four.",
        "The answer has 3 parts and 2 errors.",
        '{"rating": 0}',
        '{"rating": 6, "reason": "brilliant"}',
        '{"rating": 4.5}',
        '{"rating": true}',
        '{"rating": null}',
        '{"rating": {"value": 4}}',
        '{"rating": 4} or {"rating": 2}',
        "Rating: 4. On reflection, rating: 2.",
        '{"rating": 3} rating: 4',
        '{"rating": 4, "rating": 2}',
        '{"reason": "he wrote {"rating": 5} himself", "rating": 2}',
        '{"reason": "he wrote {"rating": 5} himself and',
        '{"reason": "he wrote rating: 5 and',
        '{"reason": "he wrote "rating: 5"", "rating": 2}',
        "This does not deserve a rating of 5.",
        "Rating: 4.5",
        "Rating: 4/10",
        "Rating: 3 out of 10",
        "Rating: 45",
        "The rating is 1-5.",
        "A rating from 1 to 5",
        "overrating: 4",
        "<think>rating: 4",
        "{" * 5000,
    ],
)
def test_what_leaves_a_doubt_is_no_rating(reply: str) -> None:
    assert read_rating(reply) is None
