"""Rows of each training language at every n of a curve, and what rows cost."""

from collections.abc import Mapping

from clt.statistics.scores.curve_data import CurveData

Weights = Mapping[tuple[str, str], Mapping[str, float]]  # (study, mixture) -> language -> factor on n, 1 if not there


def language_rows(data: CurveData, weights: Weights) -> dict[int, dict[str, float]] | None:
    """Rows of each trained language but English by n; None where they differ and nothing but their sum is known."""
    trained = data.roles.trained
    factors = weights.get((data.identity["study"], data.identity["mixture"]), {})
    rows = {}
    for n, (_, total) in zip(data.sample_sizes, data.rows, strict=True):
        if n and len(trained) == 1 and total is not None:
            rows[n] = {trained[0]: total}
        elif n and not factors and total not in (None, n * len(trained)):
            return None
        else:
            rows[n] = {code: n * factors.get(code, 1.0) for code in trained}
    return rows


def cost_of(rows: Mapping[str, float], prices: Mapping[str, float]) -> float:
    """What rows by language cost; a row of a language without a price costs 1."""
    return sum(count * prices.get(code, 1.0) for code, count in rows.items())
