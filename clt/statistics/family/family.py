"""All that the first screen can speak of, judged together: one verdict a contrast, and no other anywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from clt.statistics.family.joint import JointNull, covariance_of, joint_null
from clt.statistics.family.member import Member, MemberKey, members_of
from clt.statistics.family.noise import MemberNoise, Slopes, noise_of
from clt.statistics.family.verdict import Verdict
from clt.statistics.inference.intervals import LEVEL, detectable
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import number

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Family:
    """The contrasts by their keys, and the null distribution of the largest of them."""

    noises: Mapping[MemberKey, MemberNoise]
    null: JointNull

    @classmethod
    def of(
        cls, curves: Sequence[CurveData], targets: Mapping[tuple[str, int], tuple[str, ...]], run_noise: RunNoise
    ) -> "Family":
        """That of a page: all that curves of main metrics allow; `targets` as for `members_of`."""
        return cls.of_members(members_of(curves, targets), run_noise)

    @classmethod
    def of_members(cls, members: Iterable[Member], run_noise: RunNoise) -> "Family":
        """That of any contrasts."""
        slopes = Slopes()
        found = (noise_of(member, run_noise, slopes) for member in members)
        known = sorted((noise for noise in found if noise is not None), key=lambda noise: noise.member.key)
        # in an order that the curves' does not change
        return cls({noise.member.key: noise for noise in known}, joint_null(known))

    def beside(self, page: "Family") -> "Family":
        """The same contrasts, judged as strictly as those of the page at least: one of both has one verdict."""
        largest = np.maximum(self.null.largest, page.null.largest)
        return replace(self, null=JointNull(largest))

    def __len__(self) -> int:
        return len(self.noises)

    def verdict(self, key: MemberKey) -> Verdict | None:
        """The verdict on a contrast; None where it has no noise that is known."""
        noise = self.noises.get(key)
        if noise is None:
            return None
        t, half = abs(noise.value) / noise.error, self.null.factor(noise.df) * noise.error
        return Verdict(
            value=number(noise.value),
            low=number(noise.value - half),
            high=number(noise.value + half),
            p=_digits(2 * float(stdtr(noise.df, -t))),
            corrected_p=_digits(self.null.corrected_p(t, noise.df)),
            by_chance=_digits(2 * float(stdtr(noise.df, -self.null.factor(noise.df)))),
            contrasts=len(self),
            basis=noise.basis,
            detectable=number(detectable(noise.error, noise.df, self.null.tests(noise.df))),
            overturned_by=self._overturned_by(noise),
        )

    def covariance(self, keys: Sequence[MemberKey]) -> tuple[Array, Array, float]:
        """Values (members,), covariance (members, members) and fewest degrees of freedom of contrasts of one task."""
        block = [self.noises[key] for key in keys]
        return np.array([each.value for each in block]), covariance_of(block), min(each.df for each in block)

    def _overturned_by(self, noise: MemberNoise) -> float | None:
        """How far single runs would have to spread for a resolved contrast to be so no more."""
        bearable = (abs(noise.value) / self.null.factor(noise.df)) ** 2
        if noise.is_repeated or bearable <= noise.error**2:
            return None
        return number(float(np.sqrt(bearable - noise.item_sd**2)) / noise.one_run)


def _digits(p: float) -> float:
    return float(f"{p:.4g}")


def resolved(verdict: Verdict | None) -> bool:
    """Whether the contrast is told from 0 after the correction."""
    return verdict is not None and verdict.corrected_p is not None and verdict.corrected_p <= 1 - LEVEL


def by_chance(verdicts: Iterable[Verdict]) -> str:
    """How many of some contrasts would be resolved one way, say improved, if there were no effect at all."""
    return f"about {sum(verdict.by_chance for verdict in verdicts) / 2:.2g} expected by chance"
