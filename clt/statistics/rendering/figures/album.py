"""All figures of a report, drawn once: the page shows them, and the folder figures/ holds them under stable names."""

from dataclasses import dataclass

from clt.statistics.rendering.figures.curves import CurveFigures, curve_figures, means_of
from clt.statistics.rendering.figures.dynamics import dynamics_chart
from clt.statistics.rendering.figures.gains import gain_forest
from clt.statistics.rendering.figures.matrix import matrix_map
from clt.statistics.rendering.figures.variance import variance_bars
from clt.statistics.rendering.svg import Drawing, grid, value_range
from clt.statistics.rendering.svg.line_chart import legend
from clt.statistics.rendering.wording import Digits, Names, slug, words
from clt.statistics.schema import Statistics, TransferMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    curves: dict[str, CurveFigures]  # by the curve's id
    overview: dict[str, Drawing]  # task -> its curves side by side
    gains: Drawing | None
    variance: list[Drawing]  # in the order of statistics.variance
    matrices: dict[int, Drawing]  # position in statistics.transfer_matrix -> drawing; only where rows are several
    dynamics: list[Drawing]  # in the order of statistics.dynamics
    names: dict[str, Drawing]  # all of them: file name without its ending -> drawing

    def files(self) -> dict[str, str]:
        """File name to SVG text."""
        return {f"{name}.svg": drawing.standalone() for name, drawing in sorted(self.names.items())}


def draw(statistics: Statistics) -> Album:
    names, digits = Names.of(statistics), Digits.of(statistics)
    curves = _curves(statistics)
    overview = _overview(statistics, curves, names)
    gains = gain_forest(statistics, names)
    variance = [variance_bars(one) for one in statistics.variance]
    matrices = {
        k: matrix_map(one, digits.signed(one.task, one.metric))
        for k, one in enumerate(statistics.transfer_matrix)
        if len(one.rows) > 1
    }
    dynamics = [
        dynamics_chart(one, f"{names.full(one.curve)}, n = {one.samples_per_language}") for one in statistics.dynamics
    ]
    named = {
        f"{kind}-{names.anchors[id_]}": one for id_, found in curves.items() for kind, one in found.by_kind().items()
    }
    named |= {f"overview-{slug(task)}": one for task, one in overview.items()}
    named |= {"gains": gains} if gains else {}
    for one, drawing in zip(statistics.variance, variance, strict=True):
        named[slug(f"variance {one.study} {one.scope} {one.response} {one.metric}")] = drawing
    named |= {f"matrix-{_matrix_slug(statistics.transfer_matrix[k])}": one for k, one in matrices.items()}
    for found, drawing in zip(statistics.dynamics, dynamics, strict=True):
        named[f"dynamics-{names.anchors[found.curve]}-n{found.samples_per_language}"] = drawing
    return Album(
        curves=curves, overview=overview, gains=gains, variance=variance, matrices=matrices, dynamics=dynamics,
        names=named,
    )  # fmt: skip


def _curves(statistics: Statistics) -> dict[str, CurveFigures]:
    outliers: dict[str, set[tuple[str, int]]] = {}
    for one in statistics.outliers:
        outliers.setdefault(one.curve, set()).add((one.language, one.samples_per_language))
    ranges = {}
    for key in sorted({(curve.task, curve.metric) for curve in statistics.curves}):
        alike = [curve for curve in statistics.curves if (curve.task, curve.metric) == key]
        ranges[key] = value_range([series for curve in alike for series in means_of(curve)])
    return {
        curve.id: curve_figures(curve, ranges[curve.task, curve.metric], outliers.get(curve.id, set()))
        for curve in statistics.curves
    }


def _overview(statistics: Statistics, curves: dict[str, CurveFigures], names: Names) -> dict[str, Drawing]:
    found = {}
    for task in sorted({curve.task for curve in statistics.curves}):
        alike = [curve for curve in statistics.curves if curve.task == task and curve.main_metric]
        if alike:
            keys = legend(means_of(alike[0]), 0)
            panels = [(names.short(curve).replace(" · ", "\n", 1), curves[curve.id].panel) for curve in alike]
            text = f"English, S and U against n in {len(alike)} curves: {words(task)}."
            found[task] = grid(panels, 3, text, keys)
    return found


def _matrix_slug(one: TransferMatrix) -> str:
    return slug(" ".join((one.study, one.task, one.metric, one.model, one.setting, one.mixture)))
