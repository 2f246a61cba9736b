"""Recurring baselines: the same small study again and again, and whether its numbers have moved by more than chance.

comparisons   what is watched
starting      a run gets its number and its seeds
recording     a complete run becomes one artifact; bits and made_with, what it came from
history       all runs, and means over the items that they share
detection     the arithmetic: evidence, alarms, what could have been seen
judging       a word for each comparison; events and wording, how it is said; verdict, all of it
saying        what people say: the pinned run, an acknowledged change
telling       who is told of a change, and a file for Prometheus
page          history.html, and the verdict as text
sizing        a baseline made of a study
retention     which runs are so old that their weights may go
"""

from clt.baselines.artifacts import How
from clt.baselines.conclude import conclude
from clt.baselines.document import Change, Comparison, Difference, Event, Paired, Run, Series, Verdict, Word
from clt.baselines.retention import old_runs
from clt.baselines.saying import acknowledge, compare, pin
from clt.baselines.sizing import SizedBaseline, baseline_of
from clt.baselines.starting import begin_run, note_planned
from clt.baselines.telling import tell, webhook_faults, write_prometheus
from clt.baselines.verdict import judge_baseline

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "Event",
    "How",
    "Paired",
    "Run",
    "Series",
    "SizedBaseline",
    "Verdict",
    "Word",
    "acknowledge",
    "baseline_of",
    "begin_run",
    "compare",
    "conclude",
    "judge_baseline",
    "note_planned",
    "old_runs",
    "pin",
    "tell",
    "webhook_faults",
    "write_prometheus",
]
