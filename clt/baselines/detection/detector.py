"""The alarm: Shiryaev-Roberts evidence over all places where a comparison's mean may have moved.

After each run the evidence is the sum, over the places where a shift may have begun, of how much more probable the runs
are with a shift there than without (shift_evidence.py). Each term is an e-process that starts at its place, so the sum
grows by at most 1 a run on average while nothing changes, and P(it reaches c within N runs) <= N / c (Shin, Ramdas and
Rinaldo 2024, E-detectors, arXiv 2203.03532). With c = horizon / (alpha w), the weights w adding up to 1, the
probability of any alarm within the horizon is at most alpha, however the comparisons depend on one another. Pollak and
Siegmund (1991, Annals of Statistics 19) do so where the level is not known to begin with; here the noise is not either.

What is left out or lowered only lowers the sum: a single last run is no evidence (if it was a bad one that goes away,
nothing has changed; it stands out), and of places more than `EVERY_PLACE` runs ago only some are looked at. The proof
is for normal runs; that it holds for long tails as well is for far values being drawn in (clipped_runs.py), by
simulation (docs/performance.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from clt.baselines.detection.change import place_of_change
from clt.baselines.detection.clipped_runs import ClippedRuns
from clt.baselines.detection.own_runs import OwnRuns
from clt.baselines.detection.shift_evidence import shift_evidence

Array = np.ndarray

EVERY_PLACE = 24  # shifts that began so many runs ago or later are looked for at every run, older ones more sparsely
SPARSELY = 1.25  # ratio of one such place to the next
BAND = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What every run says of every comparison: (runs, comparisons), but the last two."""

    t: Array  # the run beside the level before it, in predictive standard deviations; NaN: too few before, or no value
    low: Array  # where 95% of runs are expected, in the metric's unit, from the runs before it and before the change
    high: Array
    evidence: Array  # after the run
    stands_out: Array  # bool: by itself less probable than 1 / threshold, by t, and no part of the change
    in_reference: Array  # bool: has a value, is not excluded, and is before the change
    alarm: Array  # (comparisons,): the first run whose evidence reached the threshold; -1: none
    since: Array  # (comparisons,): the first run after the estimated change; -1: none


def thresholds(weights: Array | Sequence[float], horizon: int, alpha: float) -> Array:
    """The evidence at which each comparison is an alarm.

    Args:
        weights: (comparisons,), above 0, their sum at most 1: each one's share of alpha.
        horizon: Runs that alpha is promised for.
        alpha: Probability of any false alarm within them.
    """
    return horizon / (alpha * np.asarray(weights, dtype=float))


def watch(
    values: Array, *, threshold: Array, first_runs: int, smallest_sd: Array, excluded: Array | None = None
) -> Watched:
    """Watch comparisons from the first run on; to start anew after a change, give the later runs only.

    Args:
        values: (runs, comparisons), in the metric's unit, oldest run first; NaN where a run has none.
        threshold: (comparisons,), of the evidence: `thresholds`.
        first_runs: Runs taken as in control, at least 3: changes are looked for after them.
        smallest_sd: (comparisons,), above 0: runs are never taken to differ by less, in the metric's unit.
        excluded: (runs,) bool: runs that are set aside, as if they had not been.
    """
    assert first_runs >= 3 and np.all(np.asarray(smallest_sd) > 0)
    threshold, smallest_sd = (np.asarray(each, dtype=float) for each in (threshold, smallest_sd))
    own = OwnRuns.of(values, excluded)
    level, sd, evidence = _walk(own.values, own.longest, first_runs, smallest_sd)

    alarm, since = _alarms(own, evidence, threshold, first_runs, smallest_sd)
    number = np.arange(len(values))[:, None]
    reference = np.where(since < 0, own.there.sum(axis=0), since)  # how many runs are in it now,
    before = np.minimum(number, reference)  # and before each run

    spread = np.maximum(np.take_along_axis(sd, before, axis=0), smallest_sd) * np.sqrt(1 + 1 / np.maximum(before, 1))
    level = np.take_along_axis(level, before, axis=0)
    t, df = (own.values - level) / spread, np.maximum(before - 1, 1)
    half = stdtrit(df, (1 + BAND) / 2) * spread
    in_reference = own.there & (number < reference)
    return Watched(
        t=own.by_run(t),
        low=own.by_run(level - half),
        high=own.by_run(level + half),
        evidence=own.by_run(evidence),
        stands_out=own.by_run(in_reference & (2 * stdtr(df, -np.abs(t)) <= 1 / threshold)),
        in_reference=own.by_run(in_reference),
        alarm=own.number(alarm),
        since=own.number(since),
    )


def _walk(values: Array, longest: int, first_runs: int, smallest_sd: Array) -> tuple[Array, Array, Array]:
    """Level and sd of the first n runs in row n, and the evidence after every run; NaN where runs are too few."""
    level, sd = (np.full((len(values) + 1, values.shape[1]), np.nan) for _ in range(2))
    evidence = np.full(values.shape, np.nan)
    clipped = ClippedRuns(values, smallest_sd)
    for runs in range(first_runs, longest + 1):
        clipped.take(runs)
        level[runs], sd[runs] = clipped.mean, clipped.sd
        if runs > first_runs:
            evidence[runs - 1] = evidence_after(clipped, first_runs, smallest_sd)
    return level, sd, evidence


def _alarms(
    own: OwnRuns, evidence: Array, threshold: Array, first_runs: int, smallest_sd: Array
) -> tuple[Array, Array]:
    """The first own run that is an alarm, and the first after the change: (comparisons,) both; -1: none."""
    found = own.there & (evidence >= threshold)  # NaN is not
    quiet = (~np.logical_or.accumulate(found, axis=0)).sum(axis=0)  # runs before the first that is
    alarm = np.where(quiet < len(found), quiet, -1)
    since = np.full_like(alarm, -1)
    for column in np.flatnonzero(alarm >= 0):
        since[column] = place_of_change(own.values[: alarm[column] + 1, column], first_runs, smallest_sd[column])
    return alarm, since


def evidence_after(clipped: ClippedRuns, first_runs: int, smallest_sd: Array) -> Array:
    """Of a change in any comparison (comparisons,), from its runs so far."""
    after = _places(clipped.runs - first_runs)[:, None]
    terms = shift_evidence(*clipped.split(after), clipped.runs, after, smallest_sd)
    terms[0] = np.minimum(terms[0], 1.0)  # a single last run
    return terms.sum(axis=0)


def _places(longest: int) -> Array:
    """How many runs ago, the last one included, a shift may have begun: 1 to `longest`."""
    sparse = EVERY_PLACE * SPARSELY ** np.arange(1, 64)
    places = np.concatenate([np.arange(1, EVERY_PLACE + 1), sparse.astype(int)])
    return places[places <= longest]
