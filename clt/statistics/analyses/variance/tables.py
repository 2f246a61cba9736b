"""The analyses of variance as tables."""

from collections.abc import Iterable

from clt.statistics.analyses.variance.schema import VariancePart
from clt.statistics.flat_tables import Flattener, Row


def tables(part: VariancePart, flattener: Flattener) -> dict[str, Iterable[Row]]:
    """Tables of terms, of the analyses within tasks, of fits to left-out levels and of variance components."""
    return {
        "variance": flattener.nested(part.variance, "terms"),
        "variance_within_tasks": flattener.nested(part.variance, "within_tasks"),
        "variance_held_out": flattener.nested(part.variance, "held_out"),
        "random_effects": flattener.nested(part.variance, "random_effects"),
    }
