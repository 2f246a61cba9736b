"""Each curve: its figures, its numbers and what it rests on."""

from typing import Any

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.figures import points_of
from clt.statistics.analyses.curves.schema import CurvesPart
from clt.statistics.analyses.noise.schema import Outlier
from clt.statistics.curve.limits import limit_of
from clt.statistics.curve.schema import Curve, Spearman
from clt.statistics.rendering.formatting import many, points, probability, slug, words


def view(part: CurvesPart, context: Context) -> dict[str, Any] | None:
    curves = part.curves
    if not curves:
        return None
    return {
        "tasks": [
            {
                "name": words(task),
                "anchor": f"task-{slug(task)}",
                "curves": [
                    _shown(context, curve)
                    for curve in sorted((c for c in curves if c.task == task), key=lambda c: not c.main_metric)
                ],
            }
            for task in sorted({curve.task for curve in curves})
        ]
    }


def _shown(context: Context, curve: Curve) -> dict[str, Any]:
    figures = context.curve_figures[curve.id]
    outliers = [outlier for outlier in context.statistics.outliers if outlier.curve == curve.id]
    return {
        "curve": curve,
        "name": context.names.short(curve),
        "metric": words(curve.metric),
        "direction": "higher" if curve.higher_is_better else "lower",
        "anchor": context.names.anchors[curve.id],
        "points": points_of(curve),
        "figures": {kind: getattr(figures, kind).inline() for kind in ("means", "relative", "gap")},
        "heat": figures.heat.inline(natural=True),
        "languages": [(code, _role(curve, code), chart.inline()) for code, chart in figures.languages.items()],
        "rests_on": _rests_on(curve),
        "remarks": _remarks(curve, outliers),
        "plain": context.plain(curve.id),
        "signed": context.signed(curve.id),
    }


def _role(curve: Curve, code: str) -> str:
    if code == curve.train_languages[0]:
        return "English"
    return "trained" if code in curve.train_languages else "held out"


def _rests_on(curve: Curve) -> str:
    """How many items, clusters and seeds, and what the intervals cover."""
    items = curve.items
    text = f"Seeds: {', '.join(curve.runs)}. Intervals: {curve.intervals}."
    if limit := limit_of(curve):
        text += f" Here {limit}: no change can be seen."
    if items is None:
        return text
    each = sorted(set(items.used.values()))
    counts = str(each[0]) if len(each) == 1 else f"{each[0]} to {each[-1]}"
    shared = "the same in all languages" if items.shared else f"{items.common} of them in all languages"
    dropped = max(items.available[code] - items.used[code] for code in items.used)
    note = f" (up to {many(dropped, 'scored item')} left out: not at every n and in every run)" if dropped else ""
    return f"{counts} items a language, {shared}{note}; {items.clusters} clusters. {text}"


def _remarks(curve: Curve, outliers: list[Outlier]) -> list[str]:
    """What is worth a sentence below the tables."""
    lines = []
    gain = curve.gain
    if gain.value is not None:
        lines.append(f"Largest gain of R: {points(gain.value)} points at n = {gain.at} (raw: biased upwards).")
    if gain.cross_fitted.value is not None:
        lines.append(f"Cross-fitted gain of R: {points(gain.cross_fitted.value)} points.")
    lines.append(_spearman(curve.spearman))
    for name, symbol in (("seen", "S"), ("unseen", "U")):
        plateau = curve.plateau_at.get(name)
        if plateau is not None and plateau.at is not None:
            lines.append(f"{symbol} is within {plateau.margin:g} of its best from n = {plateau.at} on.")
    for outlier in outliers:
        place = f"{outlier.language} at n = {outlier.samples_per_language}"
        lines.append(f"Outlier: {place}, {outlier.value:.4g} where {outlier.expected:.3g} is expected.")
    lines += repeats_told(curve)
    if curve.left_out_runs:
        lines.append(f"Left out, not complete at every n: seeds {', '.join(curve.left_out_runs)}.")
    return lines


def repeats_told(curve: Curve) -> list[str]:
    """That repeats of one seed are one run, and whether they differ at all."""
    if not curve.repeated_seeds:
        return []
    each = "Repeats of one seed count as one run, their mean: "
    told = [f"{each}{_seeds([one.seed for one in curve.repeated_seeds])}."]
    if equal := [one.seed for one in curve.repeated_seeds if one.different == 1]:
        told.append(f"The repeats of {_seeds(equal)} have the same scores everywhere: nothing was redrawn.")
    return told


def _seeds(names: list[str]) -> str:
    return f"seed{'s' * (len(names) > 1)} {', '.join(names)}"


def _spearman(rho: Spearman) -> str:
    if rho.value is None:
        return f"Spearman of S and U: undefined ({rho.reason})."
    p = f"p {probability(rho.p)} ({rho.method})" if rho.p is not None else f"no p ({rho.reason or rho.method})"
    text = f"Spearman of S and U over {rho.over}: {rho.value:.3f} of {rho.n} pairs, {p}"
    partial = rho.partial
    if partial is not None and partial.value is not None:
        of_partial = f", p {probability(partial.p)}" if partial.p is not None else ""
        text += f"; given n: {partial.value:.3f}{of_partial}"
    return text.replace("-", "−") + "." if rho.value < 0 else text + "."
