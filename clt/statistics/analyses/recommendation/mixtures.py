"""The mixtures that can be recommended, by what they compete with: those of one model, setting and task."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.analyses.recommendation.wanted import checked
from clt.statistics.family import MemberKey, mixture_key
from clt.statistics.inference.contrasts import Term, missing
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.language_rows import Weights, cost_of, language_rows

GROUP = ("study", "model", "setting", "task", "metric")


@dataclass(frozen=True, slots=True)
class TrainedMixture:
    """One n of a curve."""

    data: CurveData
    n: int

    @property
    def key(self) -> MemberKey:
        """Of its improvement over English-only training, in the family of contrasts."""
        return mixture_key(self.data, self.n)

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
        """Its change from English-only training as a sum, in the metric's own direction."""
        return [Term(self.data, self.data.point_index(self.n), 1.0), Term(self.data, self.data.point_index(0), -1.0)]

    @property
    def name(self) -> str:
        return f"{'+'.join((self.data.roles.english, *self.data.roles.trained))} at n = {self.n}"

    def _rows(self, which: int) -> int | None:
        rows = self.data.rows[self.data.sample_sizes.index(self.n)][which]
        return None if rows is None else int(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    """The mixtures of one model, setting and task, and the languages that they are judged by."""

    identity: dict[str, str]  # GROUP
    targets: tuple[str, ...]
    every: tuple[TrainedMixture, ...]  # that evaluate all targets
    affordable: tuple[TrainedMixture, ...]  # of these, those within the budget
    mixtures: tuple[TrainedMixture, ...]  # of these, those whose scores are there
    bill: "Bill"

    def cost(self, mixture: TrainedMixture) -> tuple[float, float]:
        """What the budget counts, then rows in other languages: at one price, the mixture with fewer is cheaper."""
        return self.bill.of(mixture), _or_infinite(mixture.other_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What the budget counts of a mixture: its rows, or what they cost where there are prices."""

    counts_all: bool  # whether it counts English rows too: they are known everywhere
    prices: Mapping[str, float]
    weights: Weights

    def of(self, mixture: TrainedMixture) -> float:
        """Infinite where rows are not known: they fit no budget.

        Where a table says only how many rows all languages have together, each costs as much as the dearest may.
        """
        if not self.prices:
            return _or_infinite(mixture.rows if self.counts_all else mixture.other_rows)
        if mixture.other_rows is None or (self.counts_all and mixture.english_rows is None):
            return np.inf
        data, trained = mixture.data, mixture.data.roles.trained
        dearest = max(trained, key=lambda code: self.prices.get(code, 1.0))
        rows = (language_rows(data, self.weights) or {}).get(mixture.n, {dearest: mixture.other_rows})
        english = {data.roles.english: mixture.english_rows or 0} if self.counts_all else {}
        return cost_of(english | rows, self.prices)


def competitions(
    curves: Sequence[CurveData], request: RecommendationRequest, weights: Weights | None = None
) -> Iterator[Competition]:
    """One for every model, setting and task that has an English-only run and something to choose from.

    Raises UserError for a language that is asked for and not there, see `checked`.
    """
    request = checked(request, curves)
    groups: dict[tuple[str, ...], list[CurveData]] = {}
    for data in curves:
        if data.baseline_index is not None and len(data.sample_sizes) > 1:
            groups.setdefault(tuple(data.identity[name] for name in GROUP), []).append(data)
    for key, group in sorted(groups.items()):
        yield _competition(dict(zip(GROUP, key, strict=True)), group, request, weights or {})


def targets_of(found: Iterable[Competition]) -> dict[tuple[str, int], tuple[str, ...]]:
    """(curve, n) of every mixture -> the languages that it is judged by, for the family of contrasts.

    Whatever the budget: a reader who tries several of them finds the same verdicts.
    """
    return {(mixture.data.id, mixture.n): competition.targets for competition in found for mixture in competition.every}


def _competition(
    identity: dict[str, str], curves: Sequence[CurveData], request: RecommendationRequest, weights: Weights
) -> Competition:
    targets = request.targets or _evaluated_by_all(curves)
    able = [data for data in curves if set(targets) <= set(_scored(data))]
    every = [TrainedMixture(data, n) for data in able for n in data.sample_sizes if n > 0]
    counts_all = all(mixture.english_rows is not None for mixture in every)
    bill = Bill(counts_all=counts_all, prices=request.prices, weights=weights)
    budget = np.inf if request.budget is None else request.budget
    affordable = [mixture for mixture in every if bill.of(mixture) <= budget]
    return Competition(
        identity=identity,
        targets=targets,
        every=tuple(every),
        affordable=tuple(affordable),
        mixtures=tuple(mixture for mixture in affordable if targets and not missing(mixture.terms, targets)),
        bill=bill,
    )


def _or_infinite(rows: int | None) -> float:
    return np.inf if rows is None else float(rows)


def _evaluated_by_all(curves: Sequence[CurveData]) -> tuple[str, ...]:
    return tuple(code for code in _scored(curves[0])[1:] if all(code in _scored(data) for data in curves))


def _scored(data: CurveData) -> tuple[str, ...]:
    """Languages of a curve that are evaluated, English first; a trained one may not be."""
    return data.roles.english, *data.roles.groups()["non_english"]
