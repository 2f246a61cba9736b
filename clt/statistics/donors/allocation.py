"""The mixture of a budget that is expected to score best, among all within the rows tried, and what is at stake.

Scores of mixtures are predicted from draws of all levels and effects. The search climbs by adding, dropping and
exchanging rows in ever smaller steps, from the best mixture tried and from English-only training: no mixture that was
tried within the budget is expected to be better. Where English may not fall by more than a margin, every mixture with
more than a 5% probability of it is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.donors.bend import Bend
from clt.statistics.donors.design import Design
from clt.statistics.donors.noise import Response
from clt.statistics.donors.posterior import Posterior

DRAWS, SEED = 1000, 0  # equal posteriors give equal draws
STEPS = (0.2, 0.05, 0.0125)  # of what may be spent
LIKELY = 0.05  # probability that English falls by more than the margin
RIDGE = 1e-9
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """Scores of mixtures in every draw."""

    response: Response
    bends: tuple[Bend, ...]
    bend_of: Array  # (draws,): the index of each draw's bend
    levels: Array  # (draws, L), the mean over studies
    effects: Array  # (draws, U, L)
    design: Design

    @classmethod
    def of(cls, posterior: Posterior, response: Response) -> "Predictor":
        """Draws of a posterior, each component's share of them by its weight."""
        design, generator = posterior.design, np.random.default_rng(SEED)
        ends = np.round(np.cumsum([c.weight for c in posterior.components]) * DRAWS).astype(int)
        drawn = []
        for component, start, end in zip(posterior.components, [0, *ends[:-1]], ends, strict=True):
            ridge = RIDGE * np.diag(component.covariance).max() * np.eye(len(component.mean))
            root = np.linalg.cholesky(component.covariance + ridge)
            half = generator.standard_normal(((end - start + 1) // 2, len(root)))
            mirrored = np.concatenate([half, -half])[: end - start]  # so that chance favours no mixture
            drawn.append(component.mean + mirrored @ root.T)
        values = np.concatenate(drawn).reshape(ends[-1], -1, len(design.languages))
        studies = values.shape[1] - len(design.units)
        return cls(
            response=response,
            bends=tuple(c.bend for c in posterior.components),
            bend_of=np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)),
            levels=values[:, :studies].mean(axis=1),
            effects=values[:, studies:],
            design=design,
        )

    def scores(self, rows: Array) -> Array:
        """Scores (draws, L) of a mixture with `rows` (U,) in each language of every unit."""
        strength = np.stack([self.design.strength(rows, bend) for bend in self.bends])[self.bend_of]
        return self.response.score(self.levels + np.einsum("su,sul->sl", strength, self.effects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a mixture has to do: its targets, what it may cost, and what English may lose."""

    weights: Array  # (L,), sum 1, signed: below 0 where less is better
    most: float  # of the cost; infinite: no limit
    cost: Callable[[Array], float]  # of rows (U,)
    least: Array  # (U,) rows of each unit at least, and at most, as far as was tried
    largest: Array
    english: int | None  # index of English among the languages; None: it is not scored
    margin: float | None  # what English may fall by, in the metric's unit; None: whatever
    sign: float  # 1 where a higher score is better
    base: Array  # (U,) rows of English-only training


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a mixture is expected to do, in every draw."""

    rows: Array  # (U,)
    value: Array  # (draws,): improvement of the weighted targets over English-only training, positive is better
    english: Array  # (draws,): change of the English score
    risk: float  # probability that English falls by more than the margin

    @property
    def is_allowed(self) -> bool:
        return self.risk <= LIKELY


def outlook(predictor: Predictor, terms: Terms, rows: Array) -> Outlook:
    """A mixture's outlook beside English-only training."""
    change = predictor.scores(rows) - predictor.scores(terms.base)
    english = np.zeros(len(change)) if terms.english is None else change[:, terms.english]
    risk = 0.0 if terms.margin is None else float((-terms.sign * english > terms.margin).mean())
    return Outlook(rows=rows, value=change @ terms.weights, english=english, risk=risk)


def best_allocation(predictor: Predictor, terms: Terms, tried: Sequence[Outlook]) -> Outlook:
    """The allowed mixture with the largest expected value that the search finds from the mixtures tried."""
    allowed = [each for each in tried if each.is_allowed]
    starts = sorted(allowed, key=lambda each: -each.value.mean())[:1]
    if terms.cost(terms.base) <= terms.most:
        starts.append(outlook(predictor, terms, terms.base))
    found = [_climbed(predictor, terms, start) for start in starts]
    return max(found, key=lambda each: float(each.value.mean()))


def _climbed(predictor: Predictor, terms: Terms, start: Outlook) -> Outlook:
    best = start
    for step in STEPS:
        while True:
            moved = [outlook(predictor, terms, rows) for rows in _moves(best.rows, terms, step)]
            better = [each for each in moved if each.is_allowed and each.value.mean() > best.value.mean() + 1e-9]
            if not better:
                break
            best = max(better, key=lambda each: float(each.value.mean()))
    return best


def _moves(rows: Array, terms: Terms, step: float) -> list[Array]:
    """Mixtures a step away within the limits: more or less of one unit, or the same cost of one for another."""
    moves = []
    spend = step * (terms.most if np.isfinite(terms.most) else terms.cost(terms.largest))
    price = np.array([terms.cost(rows + unit) - terms.cost(rows) for unit in np.eye(len(rows))])
    for k in range(len(rows)):
        size = step * terms.largest[k] if price[k] <= 0 else min(spend / price[k], step * terms.largest[k])
        for j in range(-1, len(rows)):
            more = rows.copy()
            more[k] = min(rows[k] + size, terms.largest[k])
            if j == k:
                more[k] = max(rows[k] - size, terms.least[k])
            elif j >= 0 and price[j] > 0:
                more[j] = max(rows[j] - (more[k] - rows[k]) * price[k] / price[j], terms.least[j])
            moves.append(np.floor(more))
    return [each for each in moves if terms.cost(each) <= terms.most and (each != rows).any()]


def regrets(outlooks: Sequence[Outlook]) -> tuple[Array, Array]:
    """Of m mixtures: how often each is the best (m,), and what each falls behind the best in every draw (draws, m)."""
    values = np.stack([each.value for each in outlooks], axis=1)
    behind = values.max(axis=1, keepdims=True) - values
    return (behind <= 0).mean(axis=0), behind
