"""The lower part of a chart: the evidence R of a change by run, on a log axis with the threshold of an alarm."""

import math
from collections.abc import Callable

from clt.baselines.document import Series
from clt.baselines.page.places import Places
from clt.statistics import Frame, label, length, y_axis

LEAST = 0.01  # R that is drawn; what is smaller stands at the lower edge
BEYOND = 1000.0  # times the threshold: what is larger stands at the upper edge
LABELS = 4
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def evidence_panel(series: Series, places: Places, x: list[float], frame: Frame) -> str:
    """SVG elements; of runs that share a place the largest R."""
    known = [_largest(series, group) for group in places.groups]
    drawn = [value for value in known if value is not None]
    lowest, highest = _decades(drawn, series.threshold)
    bottom, top = frame.height - frame.bottom, frame.top

    def y(value: float) -> float:
        share = (math.log10(max(value, LEAST)) - lowest) / (highest - lowest)
        return bottom - min(max(share, 0.0), 1.0) * (bottom - top)

    at = y(series.threshold)
    right = frame.width - frame.right
    parts = [*y_axis(_ticks(lowest, highest), y, frame)]
    parts.append(f'<path class="threshold" d="M{frame.left} {length(at)}H{right}"/>')
    parts.append(label(f"alarm from {series.threshold:,.0f}", frame.left + 3, at - 3, "alarm", size=10))
    judged = [place for place, group in enumerate(places.groups) if _has_values(series, group)]
    parts.append(_line([x[place] for place in judged], [known[place] for place in judged], y))
    parts.append(label("evidence R, log scale", frame.left, frame.top - 7, "name", size=11))
    if not drawn:
        middle = (frame.left + right) / 2
        parts.append(label("too few runs yet", middle, (top + bottom) / 2 + 16, anchor="middle"))
    return "".join(parts)


def _largest(series: Series, group: range) -> float | None:
    known = [value for value in series.evidence[group.start : group.stop] if value is not None]
    return max(known, default=None)


def _has_values(series: Series, group: range) -> bool:
    """A run without scores leaves no gap in the line."""
    return any(value is not None for value in series.values[group.start : group.stop])


def _decades(drawn: list[float], threshold: float) -> tuple[int, int]:
    """The powers of ten between which everything is drawn."""
    least = max(min([*drawn, 1.0]), LEAST)
    most = min(max([*drawn, 3 * threshold]), BEYOND * threshold)
    return math.floor(math.log10(least)), math.ceil(math.log10(most))


def _ticks(lowest: int, highest: int) -> dict[float, str]:
    step = max(-(-(highest - lowest) // LABELS), 1)
    powers = [power for power in range(lowest, highest + 1) if power % step == 0]
    return {10.0**power: _power(power) for power in powers}


def _power(power: int) -> str:
    return f"{10**power:g}" if -2 <= power <= 3 else f"10{str(power).translate(SUPERSCRIPTS)}"


def _line(x: list[float], known: list[float | None], y: Callable[[float], float]) -> str:
    """A gap where there is no evidence: before there were enough runs, and where it began again."""
    path, pen = "", "M"
    for at, value in zip(x, known, strict=True):
        if value is None:
            pen = "M"
            continue
        path += f"{pen}{length(at)} {length(y(value))}"
        pen = "L"
    dots = "".join(
        f'<circle class="dot seen" cx="{length(at)}" cy="{length(y(value))}" r="2"/>'
        for at, value, alone in zip(x, known, _alone(known), strict=True)
        if value is not None and alone
    )
    return f'<path class="line evidence" d="{path}"/>{dots}' if path else ""


def _alone(known: list[float | None]) -> list[bool]:
    """Values without a neighbour, of which a line shows nothing."""
    around = [None, *known, None]
    return [around[k] is None and around[k + 2] is None for k in range(len(known))]
