"""Which training language moves which evaluation language."""

from pathlib import Path

from clt.statistics.analyses.analysis import Analysis, Section
from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.analyses.transfer_matrix.compute import transfer_matrices
from clt.statistics.analyses.transfer_matrix.figure import figures
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrixPart
from clt.statistics.analyses.transfer_matrix.tables import tables
from clt.statistics.analyses.transfer_matrix.view import view

HERE = Path(__file__).parent


def _compute(inputs: Inputs, _: Statistics) -> TransferMatrixPart:
    return TransferMatrixPart(transfer_matrix=transfer_matrices(inputs.main_curves, inputs.run_noise))


TRANSFER_MATRIX = Analysis(
    part=TransferMatrixPart,
    compute=_compute,
    section=Section(
        name="matrix",
        title="Which language moves which",
        needs="a curve with n = 0",
        view=view,
        template=HERE / "section.html",
        place=110,
    ),
    figures=figures,
    tables=tables,
)
