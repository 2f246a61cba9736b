"""The files of the curves' figures: those of every curve, and all curves of a task side by side."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.curves.figures import means_of
from clt.statistics.analyses.curves.schema import CurvesPart
from clt.statistics.rendering.formatting import slug, words
from clt.statistics.rendering.svg import Figure, grid
from clt.statistics.rendering.svg.line_chart import legend


def figures(part: CurvesPart, context: Context) -> list[Figure]:
    """What becomes a file."""
    return [
        *(
            (f"{kind}-{context.names.anchors[id_]}", drawing)
            for id_, drawn in context.curve_figures.items()
            for kind, drawing in drawn.by_kind().items()
        ),
        *_overview(part, context),
    ]


def _overview(part: CurvesPart, context: Context) -> list[Figure]:
    """One figure a task: its curves of the main metric, small and on one scale."""
    drawn = []
    for task in sorted({curve.task for curve in part.curves}):
        alike = [curve for curve in part.curves if curve.task == task and curve.main_metric]
        if alike:
            keys = legend(means_of(alike[0]), 0)
            panels = [
                (context.names.short(curve).replace(" · ", "\n", 1), context.curve_figures[curve.id].panel)
                for curve in alike
            ]
            text = f"English, S and U against n (log scale from 0) in {len(alike)} curves: {words(task)}."
            drawn.append((f"overview-{slug(task)}", grid(panels, 3, text, keys)))
    return drawn
