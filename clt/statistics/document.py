"""The whole of statistics.json as a pydantic model, made from the analyses; statistics.schema.json is its JSON Schema.

A value that is not defined is null and names its reason; it is never 0 and never NaN. Shares go from 0 to 1. Scores
are in the metric's own unit. Only a gain of R is in percentage points, as the paper prints it.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from clt.statistics.analyses import ANALYSES, Analysis
from clt.statistics.analyses import Statistics as TypedStatistics
from clt.statistics.provenance import Provenance
from clt.statistics.scores.table import MissingCell


@lru_cache
def document_model(analyses: tuple[Analysis[Any], ...]) -> type[TypedStatistics]:
    """The model of statistics.json: the title, the fields of every analysis' part, missing cells and provenance."""
    parts = {
        name: (field.annotation, field) for analysis in analyses for name, field in analysis.part.model_fields.items()
    }
    fields: dict[str, Any] = {
        "title": (str, ...),
        **parts,
        "missing_cells": (list[MissingCell], ...),
        "provenance": (Provenance, ...),
    }
    return create_model("Statistics", __base__=TypedStatistics, __module__=__name__, **fields)


if TYPE_CHECKING:
    Statistics = TypedStatistics
else:
    Statistics = document_model(ANALYSES)


def schema_text() -> str:
    """The JSON Schema of statistics.json; statistics.schema.json holds this text, and a test compares them."""
    schema = Statistics.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "statistics.json"
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":  # `make reference`
    Path(__file__).with_name("statistics.schema.json").write_text(schema_text(), encoding="utf-8")
