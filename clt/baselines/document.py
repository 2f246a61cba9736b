"""verdict.json: what a baseline's runs say, and why."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from clt.statistics import Document

Bits = Literal["same", "different", "not known"]
Used = Literal["in control", "after a change", "set aside", "no"]
FORMAT = 1  # of verdict.json: raised by hand when a reader has to change


class Word(StrEnum):
    """What can be said of a comparison, or of the whole baseline."""

    UNCHANGED = "unchanged"
    IMPROVED = "improved"
    REGRESSED = "regressed"
    CANNOT_TELL = "cannot tell yet"


class Comparison(Document):
    """What is watched: one mean over items in every run."""

    name: str  # unique and for people, such as "math, ja (small, single-task, n = 20)"
    model: str
    setting: str  # single_task, multi_task or base
    mixture: str  # empty for a base model
    samples_per_language: int | None  # None for a base model
    task: str
    metric: str
    languages: list[str]  # whose mean it is; one but for the primary comparison
    higher_is_better: bool
    primary: bool
    anchors: bool  # a judge's ratings of fixed answers: they move with the judge alone
    weight: float  # its share of alpha


class Change(Document):
    """An alarm: the mean has moved by more than chance."""

    id: str  # what `clt baseline acknowledge` takes
    since: str  # the first run after the estimated change
    found: str  # the run at which the evidence reached the threshold
    until: str = ""  # the last run that it was seen in: later ones are nearer to the old level
    before: float  # mean of the runs before it
    after: float
    size: float  # after - before, in the metric's unit
    low: float | None  # 95% interval of the size, given where the change is; None with fewer than two runs after it
    high: float | None


class Paired(Document):
    """The last run beside the pinned one, over the items that both have: never a reason for an alarm."""

    reference: str  # run
    difference: float  # last - reference
    low: float | None  # 95% interval over items; what runs differ by is not in it
    high: float | None
    items: int


class Series(Document):
    """One comparison over all runs; lists have an entry a run, in the order of `Verdict.runs`."""

    comparison: Comparison
    word: Word
    items: int  # common to all runs, by id and content
    values: list[float | None]  # None: no scores
    low: list[float | None]  # where 95% of runs were expected, from the runs in control before; None: too few
    high: list[float | None]
    evidence: list[float | None]  # Shiryaev-Roberts after this run; None: too few runs before
    stands_out: list[bool]  # one run alone that is hardly chance
    threshold: float  # of the evidence
    change: Change | None  # the last open one for the worse, else the last open one
    others: list[Change] = Field(default=[])  # further open ones, oldest first
    visible_drop: float | None  # the smallest lasting drop that would have been found by now; None: too few runs
    paired: Paired | None


class Difference(Document):
    """Something that two runs were made with: packages, images, data, hardware, the study's text."""

    what: str  # such as "training packages.torch"
    before: str  # "nothing" where it was not there
    now: str
    since: str  # the first run with what is there now


class Run(Document):
    id: str
    number: int  # in the order of planning
    study: str  # its study's key
    started: str  # ISO 8601, UTC, by the clock of who planned it
    seeds: list[int]
    state: Literal["complete", "incomplete"]
    used: Used  # what it is taken for
    bits: Bits  # beside the last run with the same seeds and data
    bits_beside: str | None  # that run
    pinned: bool
    note: str  # what is special about it, for people; often empty


class Event(Document):
    run: str
    at: str  # ISO 8601, UTC
    kind: Literal["alarm", "stands out", "acknowledged", "pinned", "differs"]
    text: str  # a sentence
    comparison: str | None = None  # its name; None: of the whole run


class Verdict(Document):
    """The whole of it. Equal runs give an equal verdict, whenever and wherever it is computed."""

    format: int
    baseline: str
    word: Word
    sentence: str  # the verdict for people, a line or two
    runs_missing: int  # until a verdict is possible; 0: it is
    horizon: int
    alpha: float
    first_runs: int
    worth: float
    bits: Bits  # of the last complete run
    bits_beside: str | None
    differences: list[Difference]  # between the last run in control and the last one
    runs: list[Run]
    series: list[Series]  # the primary one first
    events: list[Event]  # oldest first
    notes: list[str]  # what the reader should know, a sentence each
