"""Which training language moves which evaluation language, in statistics.json."""

from clt.statistics.values import Document, Estimate


class MatrixRow(Document):
    """What training on these languages changes, from n = 0, averaged over every n > 0 that the curves share."""

    train_languages: list[str]  # that always come together in the design: only their joint effect can be told
    effects: dict[str, Estimate]  # evaluation language -> change of its score


class TransferMatrix(Document):
    """Effects of training languages, added up, fitted to curves that differ in their training languages alone."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    mixture: str
    curves: list[str]
    over: list[int]
    rows: list[MatrixRow]  # empty: not identified
    residual: float | None  # largest misfit of the sum of effects; null where there is nothing left to misfit
    statement: str  # what the design identifies, in words

    @property
    def is_drawn(self) -> bool:
        """Whether there are several rows: one alone is told in words."""
        return len(self.rows) > 1


class TransferMatrixPart(Document):
    """The transfer matrices' part of statistics.json."""

    transfer_matrix: list[TransferMatrix]
