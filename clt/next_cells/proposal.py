"""What `clt next` answers."""

from dataclasses import dataclass

from clt.study import StudyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Cells that go together; points are hundredths of the metric's range, or of the score where it has no largest."""

    kind: str  # "grid", "new n", "further seed" or "single donor"
    model: str
    setting: str
    tasks: tuple[str, ...]
    mixture: str
    sample_sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    cells: tuple[str, ...]
    hours: float
    gain: float  # expected fall of all regrets together, or of the width of the claim's interval
    gain_per_hour: float
    resolves: str  # in a phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is open of one recommendation, or of the claim, in points."""

    model: str
    setting: str
    task: str
    about: str  # what is recommended of what was run, or the mixture of the claim
    now: float  # expected regret, or width of the claim's 95% interval
    after: float  # the same after all steps, as it is expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    study: str
    store: str
    objective: str  # "regret" or "width"
    unit: str  # "GPU hours", or "hours" of a study without a GPU
    hours: float  # that were asked for
    spent: float
    steps: tuple[NextStep, ...]  # the most worth an hour first
    expectations: tuple[Expectation, ...]
    statement: str
    notes: tuple[str, ...]
    # what its study file is made of
    extended: StudyRecord  # all that may be run
    done: frozenset[str]  # keys of the cells with scores
