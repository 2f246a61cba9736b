"""Which training language moves which evaluation language."""

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix, TransferMatrixPart
from clt.statistics.rendering.formatting import Form, slug, words
from clt.statistics.rendering.svg import Cell, Drawing, Figure, heat_map


def figures(part: TransferMatrixPart, context: Context) -> list[Figure]:
    """A map for every matrix with several rows, in their order."""
    return [
        (f"matrix-{_slug(one)}", matrix_map(one, context.digits.signed(one.task, one.metric)))
        for one in part.transfer_matrix
        if one.is_drawn
    ]


def matrix_map(matrix: TransferMatrix, signed: Form) -> Drawing:
    """Rows are training languages, columns evaluation languages; outlined where the interval excludes 0."""
    columns = list(matrix.rows[0].effects)
    values = {("+".join(row.train_languages), code): row.effects[code] for row in matrix.rows for code in row.effects}
    largest = max((abs(one.value) for one in values.values() if one.value is not None), default=0.0) or 1.0
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
    known = [(abs(one.value), *key, one.value) for key, one in values.items() if one.value is not None]
    said = ""
    if known:
        _, trained, code, value = max(known)
        said = f" Largest: {trained} on {code}, {signed(value)}."
    text = f"Effect of training languages (rows) on languages (columns): {words(matrix.task)}, {matrix.model}.{said}"
    return heat_map(rows, columns, text=text, corner="trained")


def _slug(matrix: TransferMatrix) -> str:
    return slug(" ".join((matrix.study, matrix.task, matrix.metric, matrix.model, matrix.setting, matrix.mixture)))
