"""The largest of many studentized contrasts when nothing changes anywhere: what each of them is held against.

Single-step max-t (Hothorn, Bretz and Westfall 2008, Biometrical Journal 50), with two differences. Contrasts have
degrees of freedom of their own, so each t is first turned into the normal deviate of the same tail (Wallace 1959,
Annals of Mathematical Statistics 30), and the largest deviate is looked at. And contrasts that take the noise of their
runs from one estimate are wrong about it together, so that estimate is drawn once for all of them.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from clt.statistics.family.noise import MemberNoise
from clt.statistics.inference.intervals import LEVEL

DRAWS = 10_000
SEED = 0  # equal contrasts give equal draws
RIDGE = 1e-9  # of a correlation matrix, so that equal contrasts have a Cholesky factor
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class JointNull:
    """The largest deviate of a family under no effect, in draws (draws,), sorted."""

    largest: Array

    def corrected_p(self, t: float, df: float) -> float:
        """Chance that any contrast of the family is as far from 0 as a t with so many degrees of freedom."""
        beyond = len(self.largest) - int(np.searchsorted(self.largest, float(deviate(np.array(t), df)), "left"))
        return (beyond + 1) / (len(self.largest) + 1)

    def factor(self, df: float) -> float:
        """Half of a simultaneous interval in standard errors with so many degrees of freedom."""
        z = float(np.quantile(self.largest, LEVEL))
        if np.isinf(df):
            return z
        return float(np.sqrt(df * np.expm1((z * (8 * df + 3) / (8 * df + 1)) ** 2 / df)))

    def tests(self, df: float) -> float:
        """How many independent tests by Bonferroni the correction is as strict as."""
        return float((1 - LEVEL) / (2 * stdtr(df, -self.factor(df))))


def deviate(t: Array, df: Array | float) -> Array:
    """The normal deviate with the same tail as t, of any shape; within 1% beyond df = 3. Source: Wallace (1959)."""
    with np.errstate(invalid="ignore"):
        found = (8 * np.asarray(df) + 1) / (8 * np.asarray(df) + 3) * np.sqrt(df * np.log1p(t**2 / df))
    return np.where(np.isinf(df), np.abs(t), found)


def joint_null(family: Sequence[MemberNoise], draws: int = DRAWS) -> JointNull:
    """The null distribution of the largest deviate, tasks apart: they share neither items nor run noise."""
    generator = np.random.default_rng(SEED)
    largest = np.zeros(draws)
    factors: dict[Hashable, Array] = {}  # run noise that is estimated once, relative to the truth
    for block in _blocks(family):
        deviates = _null(block, draws, generator, factors)
        np.maximum(largest, deviates.max(axis=1), out=largest)
    return JointNull(np.sort(largest))


def covariance_of(block: Sequence[MemberNoise]) -> Array:
    """Of the errors of contrasts of one task (members, members): shared items and shared runs."""
    items = _loadings([each.items for each in block])
    runs = _loadings([each.run_parts for each in block])
    lengths = np.sqrt((runs**2).sum(axis=1))
    runs *= (np.array([each.run_sd for each in block]) / np.where(lengths > 0, lengths, 1.0))[:, None]
    return np.asarray(items @ items.T + runs @ runs.T)


def _blocks(family: Sequence[MemberNoise]) -> Iterator[list[MemberNoise]]:
    by_task: dict[tuple[str, str], list[MemberNoise]] = {}
    for each in family:
        identity = each.member.replicates[0][0].data.identity
        by_task.setdefault((identity["task"], identity["metric"]), []).append(each)
    yield from (by_task[task] for task in sorted(by_task))


def _null(
    block: Sequence[MemberNoise], draws: int, generator: np.random.Generator, factors: dict[Hashable, Array]
) -> Array:
    """Deviates under no effect (draws, members)."""
    covariance = covariance_of(block)
    spread = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(spread, spread) + RIDGE * np.eye(len(block)))
    t = generator.standard_normal((draws, len(block))) @ root.T
    of_items = _chi_square(generator, min(each.item_df for each in block), draws)
    estimated = np.empty_like(t)
    for k, each in enumerate(block):
        if each.pool not in factors:
            factors[each.pool] = _chi_square(generator, each.run_df, draws)
        beyond = np.maximum(each.run_total**2 * factors[each.pool] - each.item_component**2, 0.0)
        estimated[:, k] = (each.item_sd**2 * of_items + beyond) / each.error**2
    return deviate(t / np.sqrt(estimated), np.array([each.df for each in block]))


def _chi_square(generator: np.random.Generator, df: float, draws: int) -> Array:
    """Estimates of a variance of 1 with so many degrees of freedom (draws,)."""
    return np.ones(draws) if np.isinf(df) else generator.chisquare(df, draws) / df


def _loadings(parts: Sequence[Mapping[Hashable, float]]) -> Array:
    """Mappings from sources of noise as a matrix (members, sources)."""
    columns: dict[Hashable, int] = {}
    for part in parts:
        for name in part:
            columns.setdefault(name, len(columns))
    matrix = np.zeros((len(parts), max(len(columns), 1)))
    for row, part in zip(matrix, parts, strict=True):
        row[[columns[name] for name in part]] = list(part.values())
    return matrix
