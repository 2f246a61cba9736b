"""How curves and numbers are written: the same everywhere on the page and in the figures."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from clt.statistics.curve.schema import Curve
from clt.statistics.values import Estimate

Form = Callable[[float], str]
LONGEST_SLUG = 100  # a file name has 255 bytes, and the figure's kind and n stand around the slug


@dataclass(frozen=True)
class Names:
    """Names of curves that leave out what every curve of the report has in common."""

    varying: frozenset[str]
    curves: dict[str, Curve]
    anchors: dict[str, str]  # a curve's id to what names it in links and files

    @classmethod
    def of(cls, curves: Sequence[Curve]) -> "Names":
        varying = {
            name
            for name in ("study", "model", "setting", "mixture", "train_languages")
            if len({str(getattr(curve, name)) for curve in curves}) > 1
        }
        if "mixture" in varying and not _mixtures_tell(curves, varying):
            varying.discard("mixture")
        return cls(frozenset(varying), {curve.id: curve for curve in curves}, _anchors([curve.id for curve in curves]))

    def short(self, curve: Curve | str) -> str:
        """Model, setting, training languages: what tells the curve from the others of its task and metric."""
        curve = self.curves[curve] if isinstance(curve, str) else curve
        parts = [curve.model, words(curve.setting) if "setting" in self.varying else ""]
        if "train_languages" in self.varying:
            parts.append(" ".join(curve.train_languages))
        parts += [getattr(curve, name) for name in ("mixture", "study") if name in self.varying]
        return " · ".join(part for part in parts if part)

    def full(self, curve: Curve | str) -> str:
        """With task and metric, for where curves of several tasks stand together."""
        curve = self.curves[curve] if isinstance(curve, str) else curve
        metric = "" if curve.main_metric else f" ({words(curve.metric)})"
        return f"{words(curve.task)}{metric} · {self.short(curve)}"


def _anchors(ids: Iterable[str]) -> dict[str, str]:
    """A slug an id; ids that differ only in punctuation get a number."""
    anchors: dict[str, str] = {}
    for curve_id in ids:
        name, count = slug(curve_id), 2
        while name in anchors.values():
            name, count = f"{slug(curve_id)}-{count}", count + 1
        anchors[curve_id] = name
    return anchors


def _mixtures_tell(curves: Iterable[Curve], varying: set[str]) -> bool:
    """Whether the mixtures' names are needed to tell curves apart."""
    others = ["task", "metric", "model", "setting", "train_languages", *(["study"] if "study" in varying else [])]
    seen = [tuple(str(getattr(curve, name)) for name in others) for curve in curves]
    return len(set(seen)) < len(seen)


@dataclass(frozen=True)
class Digits:
    """Decimals of scores: three where scores stay below 2, two where they do not, such as points of 1 to 5."""

    digits: dict[tuple[str, str], int]

    @classmethod
    def of(cls, curves: Sequence[Curve]) -> "Digits":
        largest: dict[tuple[str, str], float] = {}
        for curve in curves:
            values = [e.value for p in curve.points for e in p.per_language.values() if e.value is not None]
            key = (curve.task, curve.metric)
            largest[key] = max([largest.get(key, 0.0), *values])
        return cls({key: 3 if value <= 2 else 2 for key, value in largest.items()})

    def plain(self, task: str, metric: str) -> Form:
        return plain(self.digits.get((task, metric), 3))

    def signed(self, task: str, metric: str) -> Form:
        return signed(self.digits.get((task, metric), 3))


def plain(digits: int) -> Form:
    """A number with so many decimals and a true minus sign."""
    return lambda value: f"{_rounded(value, digits):.{digits}f}".replace("-", "−")


def signed(digits: int) -> Form:
    return lambda value: f"{_rounded(value, digits):+.{digits}f}".replace("-", "−")


def percent(value: float) -> str:
    return f"{_rounded(100 * value, 1):.1f}%".replace("-", "−")


def probability(value: float | None) -> str:
    """A p-value: never 0, since no finite number of scores makes one."""
    return "n/a" if value is None else "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def points(value: float) -> str:
    """Percentage points."""
    return f"{_rounded(value, 1):+.1f}".replace("-", "−")


def with_interval(estimate: Estimate, form: Form) -> str:
    """As text: the value and its ends, or why there is none."""
    if estimate.value is None:
        return f"undefined ({estimate.reason})" if estimate.reason else "undefined"
    if estimate.low is None or estimate.high is None:
        return form(estimate.value)
    return f"{form(estimate.value)} ({form(estimate.low)} to {form(estimate.high)})"


def samples(n: int | None) -> str:
    """An n on an axis."""
    if n is None:
        return "base"
    return f"{n // 1000}k" if n >= 1000 and n % 1000 == 0 else f"{n / 1000:g}k" if n >= 1000 else str(n)


def many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Such as 2.5 h, 40 min or 7 s."""
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def words(name: str) -> str:
    return name.replace("_", " ")


def slug(text: str) -> str:
    """For anchors and file names; a long one is cut, and a hash of the whole text keeps it apart from others."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(name) <= LONGEST_SLUG:
        return name
    return f"{name[:LONGEST_SLUG].rstrip('-')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rounded(value: float, digits: int) -> float:
    """Rounded, and never minus zero."""
    return round(value, digits) + 0.0
