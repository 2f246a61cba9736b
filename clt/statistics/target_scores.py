"""Every run's mean over target languages on the scale where effects add up, and how far chance moves it.

A table's curves keep only the seeds that have all of their points. Whoever asks what a single run says, such as
`clt next`, takes the runs themselves: a run's score is the mean over the targets, on the link scale and so that more is
better. Two things make it differ from the truth: its items, which every run shares, and the run. Of the items only
what two runs do not share matters to a difference between them; that part is what their scores do not correlate by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from clt.planning import CLUSTERING, PAIRING
from clt.statistics.inference.link import Link
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.inference.run_noise_prior import PRIOR_DF, prior_covariance
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.table import ScoreTable
from clt.study import METRICS

Array = np.ndarray
OF_LOSSES = 0.25  # of what log-odds move by, that the logarithm of a loss is taken to: no repeats of losses are known
END = 0.05  # of the range; at 0 of 100 right answers the scale's slope would make every effect look like nothing
RUN = ["model", "setting", "mixture", "samples_per_language", "seed", "repeat"]
Run = tuple[dict[str, Any], float, pd.Series]  # RUN by name, the mean, and by how much each item moves it


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScore:
    """One run's mean over the targets."""

    model: str
    setting: str
    mixture: str
    samples_per_language: int
    seed: int
    repeat: str
    value: float  # on the link scale, larger is better


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScores:
    """All runs of one task, and the variances of a run's value, on the link scale."""

    link: Link
    sign: float  # -1 where less is better
    runs: tuple[TargetScore, ...]
    run_variance: float  # between runs that differ in nothing but chance: a further seed averages it out
    item_variance: float  # of what a mixture changes in these items and not in others: a further seed does not

    @property
    def unit(self) -> float:
        """What effects and noise of 1 in log-odds are taken to be on this link scale."""
        return unit_of(self.link)

    def points(self, value: float) -> float:
        """Share of the metric's range that one unit of the link scale is worth at a value of it.

        Nearer than `END` to an end of the range as much as there: a rise leaves it. Without a largest score: share of
        the score.
        """
        if not self.link.is_logit:
            return 1.0
        score = float(self.link.score(np.array(self.sign * value)))
        share = min(max((score - self.link.low) / (self.link.high - self.link.low), END), 1 - END)
        return share * (1 - share)


def scores_of_targets(table: ScoreTable, targets: Mapping[str, Sequence[str]]) -> dict[str, TargetScores]:
    """The runs of every task on its main metric; runs without a score in all of its targets are left out.

    Args:
        table: With scores per item.
        targets: Task to language codes, at least one each.

    Returns:
        Tasks with at least one such run.
    """
    data = list(curves(table.rows))
    noise = find_run_noise(data).of_repeats()  # `clt next` fits curves to the runs: their residuals are its own
    found = {}
    for task, codes in targets.items():
        metric = table.main_metrics[task]
        main = [each for each in data if (each.identity["task"], each.identity["metric"]) == (task, metric)]
        chosen = (table.rows["task"] == task) & (table.rows["metric"] == metric) & table.rows["language"].isin(codes)
        if runs := list(_runs(table.rows[chosen & (table.rows["setting"] != "base")], codes)):
            found[task] = _of_runs(metric, runs, codes, main, noise)
    return found


def unit_of(link: Link) -> float:
    """See `TargetScores.unit`."""
    return 1.0 if link.is_logit else OF_LOSSES


def no_scores(metric: str, targets: int, items: int) -> TargetScores:
    """What is known of a task before anything was run: the variances that the plan assumes too.

    How runs differ in losses no source tells: `OF_LOSSES` of the paper's log-odds are assumed.

    Args:
        metric: The task's first.
        targets: Number of target languages.
        items: Test items a language.
    """
    facts = METRICS[metric]
    link = Link(facts.low, inf if facts.high is None else facts.high)
    item_sd = 2.0 if facts.high is not None else 1.0  # right or wrong at even odds; a loss about as large as its mean
    spread = (1 + (targets - 1) * CLUSTERING) / targets
    return TargetScores(
        link=link,
        sign=1.0 if facts.higher_is_better else -1.0,
        runs=(),
        run_variance=float(prior_covariance(targets).mean()) * unit_of(link) ** 2,
        item_variance=item_sd**2 * (1 - PAIRING) * spread / max(items, 1),
    )


def _of_runs(
    metric: str, runs: Sequence[Run], codes: Sequence[str], data: Sequence[CurveData], noise: RunNoise
) -> TargetScores:
    known = no_scores(metric, len(codes), max(len(influence) for _, _, influence in runs))
    means = np.array([mean for _, mean, _ in runs])
    slopes = known.link.slope(means)
    values = known.sign * known.link.of(means)
    able = [each for each in data if set(codes) <= set(each.roles.languages)]
    return replace(
        known,
        runs=tuple(TargetScore(**name, value=float(value)) for (name, _, _), value in zip(runs, values, strict=True)),
        run_variance=_run_variance(able, codes, noise, known.run_variance, float((slopes**2).mean())),
        item_variance=_item_variance([influence for _, _, influence in runs], slopes, known.item_variance),
    )


def _runs(rows: pd.DataFrame, codes: Sequence[str]) -> Iterator[Run]:
    """What tells a run apart, its mean over the targets, and by how much each item moves that."""
    for key, run in rows.groupby(RUN, observed=True, sort=True):
        by_language = run.groupby("language", observed=True)["score"]
        if len(means := by_language.mean()) < len(codes):
            continue
        moved = (run["score"] - by_language.transform("mean")) / by_language.transform("size") / len(codes)
        influence = moved.groupby(run["item"].astype("object")).sum()
        name: dict[str, Any] = dict(zip(RUN, key, strict=True))
        name |= {column: int(name[column]) for column in ("samples_per_language", "seed")}
        yield name, float(means.mean()), influence


def _run_variance(
    data: Sequence[CurveData], codes: Sequence[str], noise: RunNoise, prior: float, slope_square: float
) -> float:
    """What repeated runs tell beyond their items, and what stands for further ones, each by its degrees of freedom."""
    known = [spread for spread in (noise.pooled_sd_over(each, codes) for each in data) if spread is not None]
    if not known:
        return prior
    best = max(known, key=lambda spread: spread.df)
    variance = max(best.sd**2 - best.item_component**2, 0.0) / slope_square
    return (best.df * variance + PRIOR_DF * prior) / (best.df + PRIOR_DF)


def _item_variance(influences: Sequence[pd.Series], slopes: Array, prior: float) -> float:
    """Mean variance that the items give a run, but for what runs share: their mean correlation."""
    moved = pd.DataFrame(dict(enumerate(influences))).fillna(0.0).to_numpy() / slopes  # axes (items, runs)
    variance = (moved**2).sum(axis=0)
    if len(moved) < 2 or not (variance > 0).all():
        return prior
    count, whole = len(variance), ((moved / np.sqrt(variance)).sum(axis=1) ** 2).sum()
    pairing = (whole - count) / (count * (count - 1)) if count > 1 else PAIRING
    return float(variance.mean() * (1 - np.clip(pairing, 0.0, 0.95)))
