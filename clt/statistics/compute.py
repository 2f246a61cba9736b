"""The contents of statistics.json from a table of scores."""

from collections.abc import Sequence
from typing import Any

from clt.statistics.analyses import ANALYSES, Analysis, Inputs, Statistics
from clt.statistics.analyses.claims.claim import Claim
from clt.statistics.analyses.recommendation.request import RecommendationRequest
from clt.statistics.document import document_model
from clt.statistics.provenance import provenance_of
from clt.statistics.scores.table import ScoreTable


def compute_statistics(
    table: ScoreTable,
    request: RecommendationRequest | None = None,
    *,
    claims: Sequence[Claim] = (),
    analyses: tuple[Analysis[Any], ...] = ANALYSES,
) -> Statistics:
    """Every analysis of a table of scores, with uncertainty. Equal tables give equal results but for provenance.

    Args:
        table: Scores of items, or means of them, with what was not there.
        request: What to recommend a mixture for; left out: without a limit, for all languages.
        claims: Printed claims to hold against the numbers.
        analyses: What to compute, each after those whose results it reads.

    Returns:
        The statistics, a pydantic model with the fields of statistics.json.

    Raises:
        DataError: The table holds several scores for one place.
        UserError: A target of the request is not evaluated.
    """
    inputs = Inputs.of(table, request or RecommendationRequest(), claims)
    model = document_model(analyses)
    fields: dict[str, Any] = {
        "title": table.source,
        "missing_cells": list(table.missing),
        "provenance": provenance_of(table),
    }
    for analysis in analyses:
        part = analysis.compute(inputs, model.model_construct(**fields))
        fields |= {name: getattr(part, name) for name in analysis.part.model_fields}
    return model(**fields)
