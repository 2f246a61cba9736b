"""The transfer matrices as a table: every effect is a row."""

from collections.abc import Iterable

from clt.statistics.analyses.transfer_matrix.schema import TransferMatrixPart
from clt.statistics.flat_tables import Flattener, Row, facts_of, flatten


def tables(part: TransferMatrixPart, _: Flattener) -> dict[str, Iterable[Row]]:
    """The table `transfer_matrix`."""
    return {
        "transfer_matrix": (
            facts_of(matrix) | {"train_languages": "+".join(row.train_languages), "language": code} | flatten(effect)
            for matrix in part.transfer_matrix
            for row in matrix.rows
            for code, effect in row.effects.items()
        )
    }
