"""Noise between runs that differ in nothing but chance, the steps inside it, and outliers."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.noise.compute import noise_of, steps_inside
from clt.statistics.analyses.noise.outliers import find_outliers
from clt.statistics.analyses.noise.schema import NoisePart
from clt.statistics.analyses.noise.view import view
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> NoisePart:
    return NoisePart(
        noise=noise_of(inputs.curves, inputs.run_noise),
        steps=steps_inside(inputs.main_curves, inputs.run_noise),
        outliers=find_outliers(inputs.curves),
    )


NOISE = Analysis(
    part=NoisePart,
    compute=_compute,
    section=Section(
        name="outliers",
        title="Outliers and noise",
        needs="repeated runs",
        view=view,
        template=HERE / "section.html",
        place=90,
    ),
)
