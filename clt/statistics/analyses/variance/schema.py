"""What the scores depend on, in statistics.json: factors alone against their interactions."""

from clt.statistics.values import Document, Estimate


class VarianceTerm(Document):
    """One term of the analysis of variance: a factor, or an interaction of several ("task:language")."""

    factors: list[str]
    df: int
    sum_of_squares: float
    share: float  # of the total sum of squares, 0 to 1
    p: float | None  # F test against the residual; null where nothing is left to test against


class HeldOutFit(Document):
    """How well scores of a left-out level are predicted, as R² against the training mean; may be negative."""

    left_out: str  # factor whose levels are left out one by one: model, task, language or n
    folds: int
    main_effects: float | None
    interactions: float | None  # main effects and all two-way interactions that the other levels identify
    difference: Estimate  # interactions - main effects; interval over folds


class RandomEffect(Document):
    """Standard deviation between the levels of something drawn at random."""

    name: str  # run, item, item:run (what a run's answers to one item share), item:language or residual
    levels: int
    sd: float
    share: float  # of the sum of all variance components


class TaskVariance(Document):
    """The same factors within one task, on a scale where effects add up."""

    task: str
    metric: str
    scale: str  # log-odds, or logarithm where the metric has no best; score where its range is not known
    values: int
    balanced: bool
    by_order: dict[str, float]  # as in Variance


class Variance(Document):
    """One analysis: the same settings and training languages, one metric or the metric-free R."""

    study: str
    scope: str  # in words: which curves
    response: str  # relative (R of each language, a share) or score
    metric: str  # empty where several metrics are compared by their R
    factors: dict[str, list[str]]  # factor -> its levels
    values: int
    balanced: bool  # one value, or equally many, in every cell; only then do the shares add up
    terms: list[VarianceTerm]  # by order, then by share; with one value a cell the highest order is the residual
    # "1" (main effects), "2", ... -> share of the total sum of squares; "residual": what repeated runs differ by
    by_order: dict[str, float]
    within_tasks: list[TaskVariance]  # on their own: scores of several tasks in one analysis make interactions
    held_out: list[HeldOutFit]
    permutation_p: float | None  # interactions fit no better than with whole groups of responses exchanged
    random_effects: list[RandomEffect]  # empty: the input holds neither items nor repeated runs
    random_effects_method: str
    statement: str


class VariancePart(Document):
    """The part of statistics.json on what scores depend on."""

    variance: list[Variance]
