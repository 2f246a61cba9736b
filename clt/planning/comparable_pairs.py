"""Which curves can be compared with each other, and at which n: one rule for the plan and for the report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

SETTINGS = ("single_task", "multi_task")  # the order in which they are compared
SAME_SIZE = 1.5  # models whose parameters differ by less are of one size: 7B and 8B, not 7B and 13B
ENGLISH_ROWS, OTHER_ROWS = 0, 1
_SAME_ROWS = {"model": (ENGLISH_ROWS, OTHER_ROWS), "setting": (ENGLISH_ROWS, OTHER_ROWS), "languages": (ENGLISH_ROWS,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveDesign:
    """What decides with which other curves a curve can be compared."""

    name: str = ""  # decides the order where nothing else does
    task: str
    metric: str
    english: str
    model: str
    family: str | None
    size: float | None  # parameters
    setting: str
    languages: tuple[str, ...]  # trained, English not among them
    held_out: tuple[str, ...] = ()  # evaluated, never trained on
    mixture: str
    rows: Mapping[int, tuple[object, object]]  # by n, rising: English rows and all others; None: not known

    def order(self) -> tuple[object, ...]:
        """Single task before multi-task, small before large, few training languages before many, then by name."""
        codes = "+".join((self.english, *self.languages))
        return SETTINGS.index(self.setting), self.size or 0.0, self.model, len(self.languages), codes, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparablePair:
    """Two curves, by their positions, that differ in one thing; the first is the one that comparisons start from."""

    kind: str  # size, family, model, setting, training_languages or mixture
    differs: str  # the field of CurveDesign
    first: int
    second: int
    sample_sizes: tuple[int, ...]  # every n > 0 at which the two are compared


def comparable_pairs(designs: Sequence[CurveDesign]) -> Iterator[ComparablePair]:
    """Pairs of curves of one task and metric that differ in one thing and share an n > 0.

    Models and settings are compared on the same rows of every language; sets of training languages on the same English
    rows (rows that are not known count as the same). Where both settings have a mixture of one name, it is compared
    with itself alone. Two curves that differ in nothing but the study are not compared.

    Args:
        designs: The curves, of one study or of several.

    Yields:
        The pairs, in the order of `itertools.combinations`.
    """
    known = {_counterpart(design, design.setting) for design in designs}
    for positions in combinations(range(len(designs)), 2):
        at, to = sorted(positions, key=lambda position: designs[position].order())
        first, second = designs[at], designs[to]
        differs = _difference(first, second)
        if differs is None or (differs == "setting" and _is_between_mixtures(first, second, known)):
            continue
        shared = tuple(n for n in first.rows if n > 0 and n in second.rows and _same_rows(first, second, n, differs))
        if shared:
            kind = _kind(first, second, differs)
            yield ComparablePair(kind=kind, differs=differs, first=at, second=to, sample_sizes=shared)


def _difference(first: CurveDesign, second: CurveDesign) -> str | None:
    """The one thing that two curves differ in; a mixture's name counts only if nothing else differs."""
    if (first.task, first.metric, first.english) != (second.task, second.metric, second.english):
        return None
    differing = [name for name in ("model", "setting", "languages") if getattr(first, name) != getattr(second, name)]
    if not differing and first.mixture != second.mixture:
        return "mixture"
    return differing[0] if len(differing) == 1 else None


def _counterpart(design: CurveDesign, setting: str) -> tuple[object, ...]:
    """Where a curve's mixture would stand in a setting."""
    return design.task, design.metric, design.model, design.languages, setting, design.mixture


def _is_between_mixtures(first: CurveDesign, second: CurveDesign, known: set[tuple[object, ...]]) -> bool:
    """Whether the mixtures differ, and one of them has a curve of its own in the other's setting."""
    counterparts = {_counterpart(first, second.setting), _counterpart(second, first.setting)}
    return first.mixture != second.mixture and not known.isdisjoint(counterparts)


def _same_rows(first: CurveDesign, second: CurveDesign, n: int, differs: str) -> bool:
    """Whether the curves differ in nothing else at n that is known."""
    pairs = [(first.rows[n][part], second.rows[n][part]) for part in _SAME_ROWS.get(differs, ())]
    return all(None in pair or pair[0] == pair[1] for pair in pairs)


def _kind(first: CurveDesign, second: CurveDesign, differs: str) -> str:
    """A pair of models is of one family or of one size; where it may be neither, only the model is named."""
    if differs != "model":
        return {"languages": "training_languages"}.get(differs, differs)
    if not (first.family and second.family):
        return "model"
    if not (first.size and second.size):
        return "model"
    ratio = max(first.size, second.size) / min(first.size, second.size)
    if first.family == second.family:
        return "size" if ratio > 1 else "model"
    return "family" if ratio < SAME_SIZE else "model"
