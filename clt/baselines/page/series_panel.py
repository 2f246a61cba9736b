"""The upper part of a chart: means by run, the band where 95% of runs were expected, and runs that stood out alone."""

from collections.abc import Callable, Iterator, Sequence

from clt.baselines.document import Series, Verdict
from clt.baselines.page.places import Places
from clt.statistics import Frame, label, length, round_range, ticks_between, words, y_axis

MOST_DOTS = 60  # places; beyond them dots would touch

Scale = Callable[[float], float]
Ends = Sequence[tuple[float, float] | None]  # low and high at each place


def series_panel(series: Series, verdict: Verdict, places: Places, x: list[float], frame: Frame) -> str:
    """SVG elements; older runs, where they share places, as their mean within the smallest and the largest."""
    means = [_mean(_known(series.values, group)) for group in places.groups]
    spread = [_spread(_known(series.values, group)) for group in places.groups]
    expected = [_expected(series, group) for group in places.groups]
    low, high = round_range(end for ends in (*spread, *expected) if ends is not None for end in ends)

    def y(value: float) -> float:
        return frame.height - frame.bottom - (value - low) / (high - low) * (frame.height - frame.bottom - frame.top)

    parts = [*y_axis(ticks_between(low, high, frame.ticks), y, frame)]
    parts += _bands(x, expected, y, "band expected")
    parts += _bands(x[: _older(places)], spread[: _older(places)], y, "band english")
    parts.append(_line(x, means, y))
    if places.count <= MOST_DOTS:
        parts += _dots(x, means, y, verdict)
    parts += _outliers(series, places, x, y)
    parts.append(label(f"mean {words(series.comparison.metric)}", frame.left, 10, "name", size=11))
    return "".join(parts)


def _older(places: Places) -> int:
    """How many places hold more than one run."""
    return sum(len(group) > 1 for group in places.groups)


def _known(values: Sequence[float | None], group: range) -> list[float]:
    return [value for value in values[group.start : group.stop] if value is not None]


def _mean(known: list[float]) -> float | None:
    return sum(known) / len(known) if known else None


def _spread(known: list[float]) -> tuple[float, float] | None:
    return (min(known), max(known)) if known else None


def _expected(series: Series, group: range) -> tuple[float, float] | None:
    low, high = _mean(_known(series.low, group)), _mean(_known(series.high, group))
    return None if low is None or high is None else (low, high)


def _bands(x: Sequence[float], ends: Ends, y: Scale, style: str) -> Iterator[str]:
    """A polygon for every stretch of two and more places with ends, a line for one alone."""
    stretch: list[tuple[float, float, float]] = []
    for place, pair in [*zip(x, ends, strict=True), (0.0, None)]:
        if pair is not None:
            stretch.append((place, *pair))
            continue
        if len(stretch) == 1:
            at, low, high = stretch[0]
            stretch = [(at - 3, low, high), (at + 3, low, high)]
        if stretch:
            there = "L".join(f"{length(at)} {length(y(high))}" for at, _, high in stretch)
            back = "L".join(f"{length(at)} {length(y(low))}" for at, low, _ in reversed(stretch))
            yield f'<path class="{style}" d="M{there}L{back}Z"/>'
        stretch = []


def _line(x: Sequence[float], means: Sequence[float | None], y: Scale) -> str:
    """Through all runs that have a value: one that is missing leaves no gap, as the dots tell which are there."""
    points = [f"{length(at)} {length(y(mean))}" for at, mean in zip(x, means, strict=True) if mean is not None]
    return f'<path class="line means" d="M{"L".join(points)}"/>'


def _dots(x: Sequence[float], means: Sequence[float | None], y: Scale, verdict: Verdict) -> Iterator[str]:
    """Full ones for runs in control, hollow ones for those that later runs are not compared with."""
    for at, mean, run in zip(x, means, verdict.runs, strict=True):
        if mean is not None:
            style = "dot english" if run.used == "in control" else "hollow"
            yield f'<circle class="{style}" cx="{length(at)}" cy="{length(y(mean))}" r="2.6"/>'


def _outliers(series: Series, places: Places, x: Sequence[float], y: Scale) -> Iterator[str]:
    for run, stands in enumerate(series.stands_out):
        value = series.values[run]
        if stands and value is not None:
            at = x[places.of_run(run)]
            yield f'<path class="outlier" d="M{length(at)} {length(y(value) - 6)}l6 6l-6 6l-6 -6z"/>'
