"""Whose rows help whom, and how to divide a budget of rows, in statistics.json."""

from clt.statistics.values import Document, Estimate


class DonorEffect(Document):
    """What rows of some languages do to one."""

    donors: list[str]  # one, or those whose rows always rise together: only their joint effect can be told
    language: str
    own: bool  # whether it is one of the donors
    change: (
        Estimate  # of its score from English-only training to the largest rows; intervals hold for all pairs at once
    )
    named: bool  # whether the interval excludes 0 and the donors are other languages
    against: list[str]  # in whose rows the worth is; empty: there is nothing to compare with
    worth: Estimate  # rows in each of `against` that `rows_compared` rows in each of the donors are worth


class Donors(Document):
    """Effects of all training languages of one model, setting and task, fitted to all of its mixtures at once."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    curves: list[str]
    points: int  # mixtures with different rows, English-only training included
    rows: int  # that a change is of, in each language of the donors: the most that were tried
    rows_compared: int  # that a worth is of
    noise: float  # standard deviation between runs of one language's score, on the link scale, as fitted
    pairs: int  # of donors and other languages in the whole report: what the intervals are corrected for
    effects: list[DonorEffect]
    missed: list[str]  # mixtures whose mean of all languages but English is outside the fit's predictive interval
    holds: bool  # whether those are few: else no donor is named
    not_identified: list[str]  # what the mixtures leave open, each with the mixture that would tell


class Mixture(Document):
    """A mixture that was tried, or the one that the budget is best divided into, with its prediction."""

    name: str
    tried: bool
    english_rows: int | None  # null if they are not known
    rows: dict[str, int]  # language -> rows
    cost: float
    improvement: Estimate  # of the weighted targets over English-only training; positive is better
    measured: float | None  # the same, as its own runs scored; null where it was not tried
    english: Estimate  # change of the English score
    english_falls: float | None  # probability that English falls by more than the margin; null without a margin
    allowed: bool  # whether that is at most 5%
    probability_best: float | None  # among those that are allowed, if the fit is right; null for the others
    expected_regret: float | None  # what it falls behind the best of them, on average
    regret_95: float | None  # and in 95% of the draws at most


class Allocation(Document):
    """How to divide a budget for one model, setting and task, within the rows that were tried."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    budget: int | None
    budget_counts: str  # "all rows", or "rows in other languages" where English rows are not known
    prices: dict[str, float]  # of one row; 1 where not named
    weights: dict[str, float]  # of the targets
    english_margin: float | None  # share of the metric's range, or of English-only training's score without a range
    english_may_fall: float | None  # the same in the metric's unit
    missed: list[str]  # mixtures whose mean of the targets is outside the fit's predictive interval
    resolvable: bool | None  # the recommendation's, among the mixtures tried; null: there is none
    mixtures: list[Mixture]  # the best first: the recommended one; empty: none, see the statement
    statement: str


class DonorsPart(Document):
    """The donors' part of statistics.json."""

    donors: list[Donors]
    allocations: list[Allocation]
