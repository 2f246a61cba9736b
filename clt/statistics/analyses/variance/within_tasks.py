"""What single factors carry within one task: where no scale but the task's own is at work.

Judgements, accuracies and ROUGE in one analysis make interactions of their own: a language that is hard in one task is
not as hard in another, and a step of n is not the same number of units. Within a task, on the scale where effects add
up (`inference/link.py`), what is left to interactions is about the languages and models.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clt.statistics.analyses.variance.design import design_of, terms_of
from clt.statistics.analyses.variance.schema import TaskVariance
from clt.statistics.inference.link import Link, link_of
from clt.statistics.scores.curve_data import CurveData


def within_tasks(curves: Sequence[CurveData], frame: pd.DataFrame, setting: str) -> list[TaskVariance]:
    """The analysis of each task's scores, sorted by task; without tasks that have fewer than two factors.

    `frame` holds the `responses` of the curves, which are of one setting and of one metric a task.
    """
    by_task: dict[str, list[CurveData]] = {}
    for data in curves:
        by_task.setdefault(data.identity["task"], []).append(data)
    found = []
    for task, own in sorted(by_task.items()):
        link = _link(own)
        rows = frame[frame["task"] == task]
        design = design_of(rows.assign(linked=link.of(rows["score"].to_numpy(dtype=float))), "linked", setting)
        if len(design.factors) > 1 and np.ptp(design.values) > 0:
            found.append(
                TaskVariance(
                    task=task,
                    metric=own[0].identity["metric"],
                    scale=_name(link),
                    values=len(design.values),
                    balanced=design.balanced,
                    by_order=terms_of(design)[1],
                )
            )
    return found


def _link(curves: Sequence[CurveData]) -> Link:
    """That of all curves of a task; the score itself where they do not have one in common."""
    links = {link_of(data) for data in curves}
    return links.pop() if len(links) == 1 else Link(-np.inf, np.inf)


def _name(link: Link) -> str:
    if not link.is_known:
        return "score"
    return "log-odds" if np.isfinite(link.high) else "logarithm"
