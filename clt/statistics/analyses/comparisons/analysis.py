"""Curves that differ in one thing: settings, sizes, families, training languages, mixtures."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.comparisons.compute import compare
from clt.statistics.analyses.comparisons.schema import ComparisonsPart
from clt.statistics.analyses.comparisons.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> ComparisonsPart:
    return ComparisonsPart(comparisons=compare(inputs.main_curves, inputs.family, inputs.run_noise))


COMPARISONS = Analysis(
    part=ComparisonsPart,
    compute=_compute,
    section=Section(
        name="comparisons",
        title="Comparisons",
        needs="two curves that differ in one thing",
        view=view,
        template=HERE / "section.html",
        place=70,
    ),
)
