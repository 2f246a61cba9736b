"""Run-to-run noise in the intervals of a curve: what items cannot show, and all there is for printed means."""

from dataclasses import replace

import numpy as np

from components.transfer_statistics.curve.estimates import Measured
from components.transfer_statistics.curve.measuring import levels
from components.transfer_statistics.evidence.repeats import Repeats, Spread, joint_error, t_factor
from components.transfer_statistics.scores.curve_data import CurveData

Array = np.ndarray


def with_run_noise(measured: Measured, data: CurveData, repeats: Repeats) -> Measured:
    """The same values with t intervals that cover run-to-run noise, from the repeated runs of the task.

    Scores per item: the variance between runs is added to that of the items, for points, changes and cross-fitted
    gains; raw gains stay as they are. With one run the n of a cross-fitted gain is chosen and measured on the same
    run, and its value is too large by what that run's luck adds. Printed means: the variance between runs alone, and
    the raw gain's interval ignores that its n was chosen. Unchanged where no run was repeated.
    """
    low, high, error, method = (
        {name: array.copy() for name, array in part.items()}
        for part in (measured.low, measured.high, measured.error, measured.method)
    )
    runs = np.sqrt(max(len(data.runs), 1))
    spreads = _spreads(data, repeats)
    for name, value in measured.value.items():
        spread = _spread(name, data, spreads)
        if spread is None:
            continue
        items = measured.error[name] if data.has_items else np.zeros(value.shape)
        between = np.full(value.shape, spread.sd / runs)
        counted = spread.items / runs if data.has_items else 0.0
        joint, df = joint_error(items, between, spread.df, counted=counted)
        noisy = np.isfinite(value) & ((items > 1e-12) | (not data.has_items)) & _is_trained(name, data)
        half = t_factor(df) * joint
        error[name] = np.where(noisy, joint, error[name])
        low[name], high[name] = np.where(noisy, value - half, low[name]), np.where(noisy, value + half, high[name])
        method[name][noisy] = "t: items and runs" if data.has_items else "t: repeated runs"
    return replace(measured, low=low, high=high, error=error, method=method)


def _is_trained(name: str, data: CurveData) -> Array:
    """Which values of a measure rest on training: a base model has no run-to-run noise, nor has n = 0 over n = 0."""
    trained = np.ones(len(data.counts) + data.has_base, dtype=bool)
    kind = name.partition(":")[0]
    if kind in ("gain", "cross_fitted"):
        return trained[:1]
    if data.has_base:
        trained[0] = False
    if kind == "change" and data.zero is not None:
        trained[data.zero] = False
    return trained


def _spreads(data: CurveData, repeats: Repeats) -> dict[str, Spread]:
    """Spread of every measure of a single point, as if each repeated run were a point of the curve."""
    found = repeats.spreads(data, lambda scores: levels(scores, data.roles, np.abs(scores[:, 0]) > 1e-12))
    single = repeats.spread_over(data, data.roles.languages[1:2])  # of any one language
    if single is not None:
        # English is the denominator of R and by far the best language: its noise is its own
        found |= {f"language:{code}": single for code in data.roles.languages[1:]}
    return found


def _spread(name: str, data: CurveData, spreads: dict[str, Spread]) -> Spread | None:
    """Spread of a measure by its name in Measured; None for those that repeats say nothing about."""
    kind, _, rest = name.partition(":")
    if kind == "share" or (kind == "gain" and data.has_items) or (kind == "cross_fitted" and not data.has_items):
        return None
    level = rest if kind in ("change", "gain", "cross_fitted") else name
    found = spreads.get(level)
    if found is None or level == name:
        return found
    in_points = level == "relative" and kind != "change"
    factor = np.sqrt(2) * (100 if in_points else 1)  # a difference of two runs has twice the variance
    parts = {part: factor * getattr(found, part) for part in ("sd", "low", "high", "items")}
    return replace(found, **parts)
