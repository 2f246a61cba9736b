"""What the first screen can speak of, as contrasts of the curves at hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clt.planning import TARGETS, CurveDesign, FamilyMember, contrast_family
from clt.statistics.inference.contrasts import Term, missing
from clt.statistics.scores.curve_data import CurveData


class MemberKey(NamedTuple):
    """What tells a contrast of the family from all others."""

    kind: str  # change, mixture or comparison; language in a family of one mixture's languages
    measure: str  # as in `contrast_family`
    curves: tuple[str, ...]  # their ids
    n: int  # of a mixture; else 0


@dataclass(frozen=True, slots=True)
class Member:
    """A contrast of the family: the mean over `replicates` of the sum of their terms, in the mean over `codes`."""

    key: MemberKey
    replicates: tuple[tuple[Term, ...], ...]
    codes: tuple[str, ...]

    @property
    def terms(self) -> list[Term]:
        return [Term(t.data, t.point_index, t.weight / len(self.replicates)) for each in self.replicates for t in each]


def design_of(data: CurveData) -> CurveDesign:
    """What decides with which other curves a curve can be compared."""
    identity = data.identity
    return CurveDesign(
        name=data.id,
        task=identity["task"],
        metric=identity["metric"],
        english=data.roles.english,
        model=identity["model"],
        family=data.family or None,
        size=data.size or None,
        setting=identity["setting"],
        languages=tuple(identity["train_languages"].split("+"))[1:],
        held_out=data.roles.held_out,
        mixture=identity["mixture"],
        rows=dict(zip(data.sample_sizes, data.rows, strict=True)),
    )


def members_of(curves: Sequence[CurveData], targets: Mapping[tuple[str, int], tuple[str, ...]]) -> Iterator[Member]:
    """The contrasts of the family that the scores define.

    Args:
        curves: Of main metrics.
        targets: (curve, n) of every mixture that can be recommended -> the languages that it is judged by.
    """
    for planned in contrast_family([design_of(data) for data in curves]):
        member = _member(planned, [curves[position] for position in planned.curves], targets)
        if member.codes and not missing(member.terms, member.codes):
            yield member


def comparison_key(first: CurveData, second: CurveData, measure: str) -> MemberKey:
    """Of the difference between two curves, second - first."""
    return MemberKey("comparison", measure, (first.id, second.id), 0)


def change_key(curve: str, measure: str) -> MemberKey:
    """Of the change from n = 0 to a curve's largest n."""
    return MemberKey("change", measure, (curve,), 0)


def mixture_key(data: CurveData, n: int) -> MemberKey:
    """Of a mixture's improvement over English-only training, for the languages that it is judged by."""
    return MemberKey("mixture", TARGETS, (data.id,), n)


def language_key(data: CurveData, n: int, code: str) -> MemberKey:
    """Of what a mixture changes in one language from English-only training."""
    return MemberKey("language", code, (data.id,), n)


def language_members(data: CurveData, n: int) -> Iterator[Member]:
    """What a mixture changes in each language from English-only training, in the metric's own direction."""
    for code in data.roles.languages:
        member = Member(language_key(data, n, code), (_change(data, n, 1.0),), (code,))
        if not missing(member.terms, member.codes):
            yield member


def _member(
    planned: FamilyMember, curves: Sequence[CurveData], targets: Mapping[tuple[str, int], tuple[str, ...]]
) -> Member:
    data = curves[0]
    if planned.kind == "comparison":
        first, second = curves
        ours, theirs = (curve.roles.groups()[planned.measure] for curve in curves)
        replicates = tuple(
            (Term(first, first.point_index(n), -1.0), Term(second, second.point_index(n), 1.0))
            for n in planned.sample_sizes
        )
        codes = tuple(code for code in ours if code in theirs)
        return Member(comparison_key(first, second, planned.measure), replicates, codes)
    (n,) = planned.sample_sizes
    if planned.kind == "change":
        codes = data.roles.groups()[planned.measure]
        return Member(change_key(data.id, planned.measure), (_change(data, n, 1.0),), codes)
    sign = 1.0 if data.higher_is_better else -1.0
    return Member(mixture_key(data, n), (_change(data, n, sign),), targets.get((data.id, n), ()))


def _change(data: CurveData, n: int, sign: float) -> tuple[Term, Term]:
    return Term(data, data.point_index(n), sign), Term(data, data.point_index(0), -sign)
