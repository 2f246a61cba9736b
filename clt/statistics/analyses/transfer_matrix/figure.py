"""Which training language moves which evaluation language."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix, TransferMatrixPart
from clt.statistics.rendering.formatting import Form, slug, words
from clt.statistics.rendering.svg import Cell, Drawing, Figure, heat_map


def figures(part: TransferMatrixPart, context: Context) -> list[Figure]:
    """A map for every matrix with several rows, in their order."""
    return [
        (f"matrix-{_slug(matrix)}", matrix_map(matrix, context.digits.signed(matrix.task, matrix.metric)))
        for matrix in part.transfer_matrix
        if matrix.is_drawn
    ]


def matrix_map(matrix: TransferMatrix, signed: Form) -> Drawing:
    """Rows are training languages, columns evaluation languages; outlined where the interval excludes 0."""
    columns = list(matrix.rows[0].effects)
    values = {("+".join(row.train_languages), code): row.effects[code] for row in matrix.rows for code in row.effects}
    largest = max((abs(effect.value) for effect in values.values() if effect.value is not None), default=0.0) or 1.0
    rows = []
    for row in matrix.rows:
        name = "+".join(row.train_languages)
        cells = []
        for code in columns:
            effect = values[name, code]
            resolved = effect.low is not None and effect.high is not None and (effect.low > 0 or effect.high < 0)
            cells.append(
                Cell(
                    text="n/a" if effect.value is None else signed(effect.value),
                    strength=None if effect.value is None else effect.value / largest,
                    underlined=resolved,
                )
            )
        rows.append((name, cells))
    known = [(abs(effect.value), *key, effect.value) for key, effect in values.items() if effect.value is not None]
    said = ""
    if known:
        _, trained, code, value = max(known)
        said = f" Largest: {trained} on {code}, {signed(value)}."
    text = f"Effect of training languages (rows) on languages (columns): {words(matrix.task)}, {matrix.model}.{said}"
    return heat_map(rows, columns, text=text, corner="trained")


def _slug(matrix: TransferMatrix) -> str:
    return slug(" ".join((matrix.study, matrix.task, matrix.metric, matrix.model, matrix.setting, matrix.mixture)))
