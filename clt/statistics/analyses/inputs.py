"""What every analysis is computed from: the curves of a table of scores, their estimates, and what a reader asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clt.statistics.analyses.claims.claim import Claim
from clt.statistics.analyses.recommendation.mixtures import Competition, competitions, targets_of
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.printed_means import with_printed_means
from clt.statistics.curve.run_noise_intervals import with_run_noise
from clt.statistics.family import Family
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.table import ScoreTable


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """A table of scores as curves with their estimates, and the reader's request and claims."""

    table: ScoreTable
    curves: Sequence[CurveData]  # of every metric
    estimates: Sequence[CurveEstimates]  # of every curve, in the same order
    run_noise: RunNoise
    request: RecommendationRequest
    claims: Sequence[Claim]

    @classmethod
    def of(cls, table: ScoreTable, request: RecommendationRequest, claims: Sequence[Claim]) -> "Inputs":
        """The inputs that a table makes; the estimates of its curves are computed here, once for all analyses."""
        every = list(curves(table.rows))
        noise = find_run_noise(every)
        estimates = [with_printed_means(with_run_noise(measure(data), data, noise), data) for data in every]
        return cls(table=table, curves=every, estimates=estimates, run_noise=noise, request=request, claims=claims)

    @cached_property
    def main_curves(self) -> list[CurveData]:
        """The curves of their task's first metric, on which findings are made."""
        return [data for data in self.curves if self.is_main(data)]

    @cached_property
    def competitions(self) -> list[Competition]:
        """The mixtures that can be recommended, of main metrics; UserError for a language that is not there."""
        return list(competitions(self.main_curves, self.request, self.table.weights))

    @cached_property
    def family(self) -> Family:
        """All contrasts that the first screen can speak of, judged together."""
        return Family.of(self.main_curves, targets_of(self.competitions), self.run_noise)

    def is_main(self, data: CurveData) -> bool:
        return self.table.main_metrics.get(data.identity["task"]) == data.identity["metric"]
