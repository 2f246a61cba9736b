"""The family of contrasts that the first screen of a report can speak of: one list for the plan and for the report.

All of them are judged together, so that a study without any effect says anything false on its first screen in at most 5
of 100 cases. The plan counts them: the more a study asks, the larger a difference has to be to be found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from clt.planning.comparable_pairs import CurveDesign, comparable_pairs
from clt.study import is_latin

Kind = Literal["change", "mixture", "comparison"]
CHANGED = ("english", "trained", "held_out", "held_out_latin", "held_out_non_latin")  # measures, from n = 0
COMPARED = ("english", "trained", "held_out", "non_english")  # measures of two curves
TARGETS = "targets"  # the languages that a mixture is recommended for


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """A contrast, by the positions of its curves.

    A `change` goes from n = 0 to the largest n. A `mixture` is one n > 0 against n = 0, for the languages that a
    mixture is recommended for. A `comparison` is of two curves, over all `sample_sizes` that they share.
    """

    kind: Kind
    measure: str
    curves: tuple[int, ...]
    sample_sizes: tuple[int, ...]


def contrast_family(designs: Sequence[CurveDesign]) -> Iterator[FamilyMember]:
    """All contrasts that curves of these designs allow: changes, mixtures and comparisons.

    Args:
        designs: The curves of main metrics, of one study or of several.

    Yields:
        Changes and mixtures curve by curve, then comparisons in the order of `comparable_pairs`.
    """
    for position, design in enumerate(designs):
        trained_on = tuple(n for n in design.rows if n > 0)
        if 0 not in design.rows or not trained_on:
            continue
        for measure in CHANGED:
            if languages_of(design, measure):
                yield FamilyMember(kind="change", measure=measure, curves=(position,), sample_sizes=(max(trained_on),))
        for n in trained_on:
            yield FamilyMember(kind="mixture", measure=TARGETS, curves=(position,), sample_sizes=(n,))
    for pair in comparable_pairs(designs):
        first, second = designs[pair.first], designs[pair.second]
        for measure in COMPARED:
            if set(languages_of(first, measure)) & set(languages_of(second, measure)):
                yield FamilyMember(
                    kind="comparison",
                    measure=measure,
                    curves=(pair.first, pair.second),
                    sample_sizes=pair.sample_sizes,
                )


def languages_of(design: CurveDesign, measure: str) -> tuple[str, ...]:
    """The languages whose mean a measure of a curve is."""
    held_out = design.held_out
    return {
        "english": (design.english,),
        "trained": design.languages,
        "held_out": held_out,
        "held_out_latin": tuple(code for code in held_out if is_latin(code)),
        "held_out_non_latin": tuple(code for code in held_out if not is_latin(code)),
        "non_english": (*design.languages, *held_out),
    }[measure]
