"""Scores of models as they are, without training."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.base_models.schema import BaseModelsPart
from clt.statistics.analyses.base_models.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.curve.document import base_document
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.printed_means import with_printed_means
from clt.statistics.scores.curve_data import base_only

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> BaseModelsPart:
    bases = base_only(inputs.table.rows)
    return BaseModelsPart(bases=[base_document(data, with_printed_means(measure(data), data)) for data in bases])


BASE_MODELS = Analysis(
    part=BaseModelsPart,
    compute=_compute,
    section=Section(
        name="bases",
        title="Base models, without training",
        needs="scores of untrained models",
        view=view,
        template=HERE / "section.html",
        place=130,
    ),
    tables=lambda part, flattener: {},  # the curves' table of points holds them
)
