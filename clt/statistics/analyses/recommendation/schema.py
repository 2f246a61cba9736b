"""What to train on for a row budget and a set of target languages, in statistics.json."""

from clt.statistics.values import Document, Estimate


class Candidate(Document):
    """One mixture: a point of a curve."""

    curve: str
    train_languages: list[str]
    samples_per_language: int
    rows: int | None  # of a task, English and all others together; null if the English rows are not known
    other_rows: int | None  # rows in other languages than English; null if they are not known
    cost: float | None  # what the budget counts of them: rows, or their prices; null if it is not known


class Recommendation(Document):
    """The mixture that the evidence favours for one model, setting and task.

    Intervals hold for all candidates at once (simultaneous 95%), so choosing the best of them costs nothing more.
    Improvements are positive where the targets get better, whatever the metric's direction; `english` is a change of
    the metric, in its own unit and direction.
    """

    study: str
    model: str
    setting: str
    task: str
    metric: str
    budget: int | None  # rows at most, or what they may cost where there are prices; null: no limit
    budget_counts: str  # "all rows", or "rows in other languages" where English rows are not known
    prices: dict[str, float]  # of one row; 1 where not named; empty: rows are counted
    targets: list[str]
    considered: int  # mixtures within the budget, English-only training not counted
    by_chance: float  # how many of them would be told from English-only training, and better, without any effect
    best: Candidate | None  # largest improvement of the targets' mean over English-only training; resolved ones first
    improvement: Estimate  # of that one
    english: Estimate  # what it does to English: the change of the score
    resolvable: bool | None  # whether the improvement is outside its interval; null where there is none
    cheapest: Candidate | None  # costs least among those that cannot be told from the best and are better, if any is
    cheapest_improvement: Estimate
    not_worse: int  # how many the data cannot tell from the best, itself included
    statement: str


class RecommendationsPart(Document):
    """The recommendations' part of statistics.json."""

    recommendations: list[Recommendation]
