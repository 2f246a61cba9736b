"""Recurring baselines: the same small study again and again, and whether its numbers have moved by more than chance.

comparisons   what is watched
starting      a run gets its number and its seeds
recording     a complete run becomes one artifact; bits and made_with, what it came from
anchors       answers that a judge rates again in every run
history       all runs, and means over the items that they share
detection     the arithmetic: evidence, alarms, what could have been seen
judging       a word for each comparison, by its open changes; alarms, which stay until somebody acknowledges them
verdict       all of it: run_list, differences, events, and how it is said (wording, reading)
saying        what people say: the pinned run, an acknowledged change
telling       who is told of a change, and a file for Prometheus
page          history.html, and the verdict as text
reading       what page, text, webhooks and gauges say alike
sizing        a baseline made of a study
retention     which runs are so old that their weights may go

Each name is imported at its first use: most who import this package need neither pandas nor jinja2.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clt.baselines.anchors import rate_anchors
    from clt.baselines.artifacts import How, baselines_in
    from clt.baselines.conclusion import conclude
    from clt.baselines.document import Change, Comparison, Difference, Event, Paired, Run, Series, Verdict, Word
    from clt.baselines.page import render_history, verdict_markdown, verdict_text
    from clt.baselines.reading import changes_of, evidence_ratio
    from clt.baselines.retention import old_runs
    from clt.baselines.saying import acknowledge, compare, pin
    from clt.baselines.sizing import SizedBaseline, baseline_of, note_on_items
    from clt.baselines.starting import begin_run, note_planned
    from clt.baselines.telling import SECRETS_VARIABLE, check_prometheus, tell, webhook_faults, write_prometheus
    from clt.baselines.verdict import judge_baseline

_LATE = {
    "Change": "document",
    "Comparison": "document",
    "Difference": "document",
    "Event": "document",
    "How": "artifacts",
    "Paired": "document",
    "Run": "document",
    "SECRETS_VARIABLE": "telling",
    "Series": "document",
    "SizedBaseline": "sizing",
    "Verdict": "document",
    "Word": "document",
    "acknowledge": "saying",
    "baseline_of": "sizing",
    "baselines_in": "artifacts",
    "begin_run": "starting",
    "changes_of": "reading",
    "check_prometheus": "telling",
    "compare": "saying",
    "conclude": "conclusion",
    "evidence_ratio": "reading",
    "judge_baseline": "verdict",
    "note_on_items": "sizing",
    "note_planned": "starting",
    "old_runs": "retention",
    "pin": "saying",
    "rate_anchors": "anchors",
    "render_history": "page",
    "tell": "telling",
    "verdict_markdown": "page",
    "verdict_text": "page",
    "webhook_faults": "telling",
    "write_prometheus": "telling",
}

__all__ = [
    "SECRETS_VARIABLE",
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
    "baselines_in",
    "begin_run",
    "changes_of",
    "check_prometheus",
    "compare",
    "conclude",
    "evidence_ratio",
    "judge_baseline",
    "note_on_items",
    "note_planned",
    "old_runs",
    "pin",
    "rate_anchors",
    "render_history",
    "tell",
    "verdict_markdown",
    "verdict_text",
    "webhook_faults",
    "write_prometheus",
]


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
