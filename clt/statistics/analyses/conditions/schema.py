"""Under which conditions transfer is effective, in statistics.json."""

from clt.statistics.values import At, Document, Estimate

PERCENTAGE_POINTS_OF_R = "percentage points of R"  # unit of a rule's effect; else it is the metric's name


class Condition(Document):
    """One factor combination (a curve): how much data transfer needs, and whether it beats English-only training."""

    curve: str
    study: str
    model: str
    setting: str
    task: str
    metric: str
    train_languages: list[str]
    # smallest n tried at which U has made 95% of its rise to the asymptote of its response curve; null with a reason,
    # such as "still rising"; value is the probability that it has
    enough: At
    # smallest n with 95% of the largest rise tried, which some n always has; value is the share made
    most_of_tried_rise: At
    unseen_change: At  # U(n) - U(0) at the largest n
    answer: str  # improved, worsened, not resolved, no interval or undefined


class Rule(Document):
    """A condition that held wherever it could be checked: ranked by effect, never listed on the fit alone."""

    text: str  # a sentence
    factors: dict[str, str]  # factor -> level: task, model, setting, script, family, role, n, ...
    measure: str  # language: the change of every language other than English from n = 0
    cells: int  # values that the rule covers
    others: int  # values that it is compared with
    # one factor: change of the covered - change of the others, compared at equal other factors; two factors: what they
    # bring together beyond what each brings (difference of differences); positive is better
    effect: Estimate
    unit: str  # percentage points of R, or the metric's name
    p: float | None
    corrected_p: float | None
    correction: str
    replicated: dict[str, str]  # what was left out (model, task, language; seed: one by itself) -> "3 of 3"


class Conditions(Document):
    """All combinations, the rules that replicate, and how many candidates were tried for them."""

    combinations: list[Condition]
    rules: list[Rule]
    candidates: int
    rejected: dict[str, int]  # reason -> candidates
    statement: str


class ConditionsPart(Document):
    """The conditions' part of statistics.json."""

    conditions: Conditions
