"""Whose rows help whom, and how to divide a budget of rows."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Question, Section
from clt.statistics.analyses.donors.allocate import allocations_of
from clt.statistics.analyses.donors.answer import whose_rows_help
from clt.statistics.analyses.donors.compute import donors_of, fits_of
from clt.statistics.analyses.donors.figure import figures
from clt.statistics.analyses.donors.schema import DonorsPart
from clt.statistics.analyses.donors.tables import tables
from clt.statistics.analyses.donors.view import view
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.recommendation.wanted import checked
from clt.statistics.analyses.statistics import Statistics

HERE = Path(__file__).parent


def _compute(inputs: Inputs, earlier: Statistics) -> DonorsPart:
    request = checked(inputs.request, inputs.main_curves)
    fits = fits_of(inputs.main_curves, inputs.run_noise, inputs.table.weights)
    allocations = allocations_of(fits, request, earlier.recommendations) if request.wants_allocation else []
    return DonorsPart(donors=donors_of(fits), allocations=allocations)


DONORS = Analysis(
    part=DonorsPart,
    compute=_compute,
    questions=(Question("Whose rows help whom?", whose_rows_help, 45),),
    section=Section(
        name="donors",
        title="Whose rows help whom, and how to divide a budget",
        needs="n = 0, two numbers of rows of other languages, and more points than effects for losses without repeats",
        view=view,
        template=HERE / "section.html",
        place=25,
        methods=HERE / "methods.html",
    ),
    figures=figures,
    tables=tables,
)
