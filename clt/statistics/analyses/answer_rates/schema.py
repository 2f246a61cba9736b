"""How answers came about, in statistics.json."""

from clt.statistics.values import Document


class AnswerRate(Document):
    """Shares of the answers in one language at one point of a curve of a task's first metric."""

    curve: str
    language: str
    samples_per_language: int | None  # null: the base model, without training
    items: int  # answers, of all runs together
    no_answer: float  # empty, or nothing in it that a metric of the task can read
    wrong_language: float
    hit_limit: float  # ended at max_new_tokens
    truncated: float  # their prompt lost its beginning
    lost_examples: float  # their prompt has fewer examples than the study asks for


class AnswerShift(Document):
    """A gain in score that came with a fall in one of the rates by more than half of it."""

    curve: str
    group: str  # seen or unseen
    rate: str  # no_answer or wrong_language
    before: float  # mean over the group's languages at n = 0
    after: float  # at the largest n
    gain: float  # of the score from n = 0 to the largest n, as a share of the metric's range


class AnswerRatesPart(Document):
    """The part of statistics.json about how answers came about."""

    answer_rates: list[AnswerRate]
    answer_shifts: list[AnswerShift]
