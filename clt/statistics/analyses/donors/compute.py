"""Whose rows help whom: one model of all mixtures of a model, setting and task.

link(score of language l) = level of l + sum over donors d of effect(d, l) g(rows of d) + items + runs; the package
clt.statistics.donors says how each part is taken. Donors are named where their interval excludes 0 although it holds
for all pairs of donor and language of the report at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from clt.statistics.analyses.donors.schema import DonorEffect, Donors
from clt.statistics.donors.check import missed, too_many
from clt.statistics.donors.design import Design, Unit, design_of
from clt.statistics.donors.exchange import exchange_rate
from clt.statistics.donors.naming import pairs_of, simultaneous_factor
from clt.statistics.donors.noise import Response, response_of
from clt.statistics.donors.posterior import Posterior, fit
from clt.statistics.inference.intervals import Z
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.language_rows import Weights
from clt.statistics.values import Estimate, number, undefined

GROUP = ("model", "setting", "task", "metric")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The model of one group of curves."""

    identity: dict[str, str]
    curves: Sequence[CurveData]
    design: Design
    response: Response
    posterior: Posterior

    @property
    def sign(self) -> float:
        """1 where a higher score is better."""
        return 1.0 if self.curves[0].higher_is_better else -1.0

    def misses(self, weights: Mapping[str, float]) -> list[str]:
        """Mixtures whose mean of the languages is outside the fit's predictive interval, by name."""
        shares = np.array([weights.get(code, 0.0) for code in self.design.languages])
        if not shares.any():
            return []
        outside = missed(self.posterior, self.response, shares / shares.sum())
        return [point.name for point, is_outside in zip(self.design.points, outside, strict=True) if is_outside]

    @property
    def mixtures(self) -> int:
        """How many points were trained on more than English alone."""
        return int((self.design.rows != self.design.base).any(axis=1).sum())

    def holds(self, misses: Sequence[str]) -> bool:
        """Whether so few mixtures are missed that the fit may be used."""
        return not too_many(len(misses), self.mixtures)

    @property
    def whole(self) -> float | None:
        """What a share of this metric is of: its range, or English-only training's score in English where it has none.

        None where English is not scored at every point and there is no range.
        """
        link, design = self.response.link, self.design
        if link.is_logit:
            return link.high - link.low
        if design.english not in design.languages:
            return None
        level = self.posterior.levels()[design.languages.index(design.english)]
        return abs(float(self.response.score(level)))


def fits_of(curves: Sequence[CurveData], run_noise: RunNoise, weights: Weights | None = None) -> list[Fit]:
    """One fit for every model, setting, task and metric that trained on other languages than English, sorted.

    Of `run_noise` only repeats are asked: what neighbouring n tell are the residuals of the fit itself. Where neither
    repeats nor the prior nor residuals tell the noise between runs, there is no fit.
    """
    repeated = run_noise.of_repeats()
    groups: dict[tuple[str, ...], list[CurveData]] = {}
    for data in curves:
        if data.sample_sizes:
            groups.setdefault(tuple(data.identity[name] for name in GROUP), []).append(data)
    found = []
    for key, group in sorted(groups.items()):
        design = design_of(group, weights)
        response = None if design is None else response_of(design, repeated)
        if design is not None and response is not None and (response.df or design.has_residuals):
            studies = ", ".join(sorted({data.identity["study"] for data in group}))
            identity = {"study": studies, **dict(zip(GROUP, key, strict=True))}
            posterior = fit(design, response)
            found.append(Fit(identity=identity, curves=group, design=design, response=response, posterior=posterior))
    return found


def donors_of(fits: Sequence[Fit]) -> list[Donors]:
    """The effects of every fit, with intervals that hold for all of them at once."""
    factor = simultaneous_factor([each.posterior for each in fits])
    pairs = sum(len(pairs_of(each.posterior)) for each in fits)
    return [_donors(each, factor, pairs) for each in fits]


def _donors(fitted: Fit, factor: float, pairs: int) -> Donors:
    design = fitted.design
    compared = 10 ** int(np.log10(max(design.largest, 1.0)))
    named = [(unit, code) for unit in design.donors for code in design.languages]
    misses = fitted.misses({code: 1.0 for code in design.languages if code != design.english})
    holds = fitted.holds(misses)
    return Donors(
        **fitted.identity,
        curves=[data.id for data in fitted.curves],
        points=len(design.points),
        rows=int(design.largest),
        rows_compared=compared,
        noise=round(fitted.posterior.noise * fitted.response.unit, 4),
        pairs=pairs,
        effects=[_effect(fitted, unit, code, factor, compared, holds) for unit, code in named],
        missed=misses,
        holds=holds,
        not_identified=[*_left_open(design), *([] if holds else [said_of_misses(fitted, misses, "no donor is named")])],
    )


def said_of_misses(fitted: Fit, misses: Sequence[str], therefore: str) -> str:
    """That a fit does not predict its own mixtures, and what follows."""
    return f"the fit misses {len(misses)} of {fitted.mixtures} mixtures: {therefore}"


def _effect(fitted: Fit, donors: Unit, language: str, factor: float, compared: int, holds: bool) -> DonorEffect:
    own = language in donors
    change = _change(fitted, donors, language, factor)
    outside = change.low is not None and change.high is not None and (change.low > 0 or change.high < 0)
    against = () if own else _reference(fitted, donors, language)
    return DonorEffect(
        donors=list(donors),
        language=language,
        own=own,
        change=change,
        named=holds and outside and not own,
        against=list(against),
        worth=exchange_rate(fitted.posterior, donors, against, language, compared, fitted.sign)
        if against
        else undefined("its own rows" if own else "no other rows to compare with"),
    )


def _change(fitted: Fit, donors: Unit, language: str, factor: float) -> Estimate:
    """Change of a language's score from the English-only level to the largest rows."""
    design, (mean, error) = fitted.design, fitted.posterior.effects()
    unit, code = design.units.index(donors), design.languages.index(language)
    level = fitted.posterior.levels()[code]
    moves = mean[unit, code] + factor * error[unit, code] * np.array([0.0, -1.0, 1.0])
    value, low, high = fitted.response.score(level + moves) - fitted.response.score(np.full(3, level))
    return Estimate(value=number(value), low=number(low), high=number(high), method="posterior, simultaneous")


def _reference(fitted: Fit, donors: Unit, language: str) -> Unit:
    """In whose rows a donor's worth is told: the language's own, else the other donor that is surest to help it."""
    others = [unit for unit in fitted.design.donors if unit != donors]
    own = [unit for unit in others if language in unit]
    if own or not others:
        return own[0] if own else ()
    mean, error = fitted.posterior.effects()
    code = fitted.design.languages.index(language)
    places = {unit: fitted.design.units.index(unit) for unit in others}
    best = max(others, key=lambda unit: float(fitted.sign * mean[places[unit], code] - Z * error[places[unit], code]))
    return best


def _left_open(design: Design) -> Sequence[str]:
    """What the mixtures do not tell, and which would."""
    together = [
        f"not identified: which of {', '.join(unit)}; their rows always rise together, and a mixture with "
        f"{unit[0]} alone would tell it from the others"
        for unit in design.units
        if len(unit) > 1 and unit not in design.moves_with
    ]
    along = [
        f"not identified: {'+'.join(unit)}; its rows go along with those of "
        f"{', '.join('+'.join(other) for other in others) or 'the study'}, and a mixture with {'+'.join(unit)} alone "
        "would tell"
        for unit, others in design.moves_with.items()
    ]
    left_out = [
        f"left out: {curve}; its languages differ in rows, and the table says only how many they have together"
        for curve in design.left_out
    ]
    return list(chain(together, along, left_out))
