"""Mixtures that can be recommended, and how much each improves languages over English-only training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.inference.contrasts import NO_SPREAD, RunError, Term, item_sum, mean_sum, run_error, trained_points
from clt.statistics.inference.run_noise import RunNoise, joint_error
from clt.statistics.inference.simultaneous import maybe_best, two_sided_factor
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class TrainedMixture:
    """One n of a curve."""

    data: CurveData
    n: int

    @property
    def english_rows(self) -> int | None:
        return self._rows(0)

    @property
    def other_rows(self) -> int | None:
        return self._rows(1)

    @property
    def rows(self) -> int | None:
        english, other = self.english_rows, self.other_rows
        return None if english is None or other is None else english + other

    @property
    def terms(self) -> list[Term]:
        """Its improvement over English-only training as a sum; positive is better."""
        sign = 1.0 if self.data.higher_is_better else -1.0
        return [Term(self.data, self.data.point_index(self.n), sign), Term(self.data, self.data.point_index(0), -sign)]

    @property
    def name(self) -> str:
        return f"{'+'.join((self.data.roles.english, *self.data.roles.trained))} at n = {self.n}"

    def _rows(self, which: int) -> int | None:
        rows = self.data.rows[self.data.sample_sizes.index(self.n)][which]
        return None if rows is None else int(rows)


@dataclass(frozen=True, slots=True)
class MixtureImprovements:
    """Improvement over English-only training of every mixture, axes (mixtures,), and its noise."""

    value: Array
    covariance: Array | None  # (mixtures, mixtures); None: no interval
    df: float
    method: str

    def estimates(self) -> list[Estimate]:
        """Every improvement with its simultaneous interval."""
        half = np.full(len(self.value), np.nan)
        if self.covariance is not None:
            half = two_sided_factor(self.covariance, self.df) * np.sqrt(np.diag(self.covariance))
        return [
            Estimate(value=number(value), low=number(value - width), high=number(value + width), method=self.method)
            for value, width in zip(self.value, half, strict=True)
        ]

    def maybe_best(self) -> list[int]:
        """Mixtures that the data cannot tell from the best one; none of them where there is no interval."""
        if self.covariance is None:
            return []
        return [int(index) for index in np.flatnonzero(maybe_best(self.value, self.covariance, self.df))]


def improvements_of(
    mixtures: Sequence[TrainedMixture], codes: Sequence[str], run_noise: RunNoise
) -> MixtureImprovements:
    """Improvements of the mean over some languages, and the covariance of their errors.

    Items: every curve's own items, paired where two curves have the same one. Runs: independent but for English-only
    runs, which all mixtures of a curve share, and curves with one another if it is the same run.
    """
    runs, run_covariance, beyond_items = _run_noise(mixtures, codes, run_noise)
    run_errors, run_df = np.array([each.error for each in runs]), min(each.df for each in runs)
    if not all(each.data.has_items for each in mixtures):
        value = np.array([mean_sum(each.terms, codes) for each in mixtures])
        if not (run_errors > NO_SPREAD).all():
            return MixtureImprovements(value, None, np.inf, "none: only means, no repeated runs")
        return MixtureImprovements(value, run_covariance, run_df, "simultaneous t: repeated runs")
    sums = [item_sum(each.terms, codes) for each in mixtures]
    value = np.array([each.value for each in sums])
    items = sorted({name for each in sums for name in each.items})
    influence = np.zeros((len(items), len(sums)))
    for k, each in enumerate(sums):
        influence[np.searchsorted(np.array(items), each.items), k] = each.unbiased
    covariance = influence.T @ influence
    item_error = np.sqrt(np.diag(covariance))
    if not (item_error > NO_SPREAD).all():
        return MixtureImprovements(value, None, np.inf, "none: every item says the same")
    method = "simultaneous t: items"
    item_components = np.zeros(len(sums))
    if (run_errors > NO_SPREAD).any():
        covariance, method = covariance + beyond_items, f"{method} and runs"
        item_components = np.sqrt(np.maximum(np.diag(run_covariance - beyond_items), 0.0))
    item_df = min(each.fewest for each in sums) - 1
    df = joint_error(item_error, run_errors, run_df, item_component=item_components, item_df=item_df)[1].min()
    return MixtureImprovements(value, covariance, float(df), method)


def _run_noise(
    mixtures: Sequence[TrainedMixture], codes: Sequence[str], run_noise: RunNoise
) -> tuple[list[RunError], Array, Array]:
    """Run-to-run noise of every improvement, its covariance, and what of that the items do not account for; 0 without
    repeated runs."""
    parts = [trained_points(mixture.terms) for mixture in mixtures]
    points = {key: point for part in parts for key, point in part.items()}
    pooled = run_noise.pooled_sd_of_each([point.data for point in points.values()], codes)
    known = dict(zip(points, pooled, strict=True)) if pooled else {}
    errors = [run_error(list(part.values()), [known[key] for key in part] if known else []) for part in parts]
    weights = np.array([[part[key].weight if key in part else 0.0 for key in known] for part in parts])
    counts = np.array([points[key].runs for key in known])
    variance = np.array([spread.sd**2 for _, spread in known.values()])
    beyond_items = np.array([max(spread.sd**2 - spread.item_component**2, 0.0) for _, spread in known.values()])
    return errors, (weights * (variance / counts)) @ weights.T, (weights * (beyond_items / counts)) @ weights.T
