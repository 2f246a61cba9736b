"""The design of an analysis of variance: responses and the factors' levels of each, and its sums of squares."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from clt.statistics.analyses.variance.schema import VarianceTerm
from clt.statistics.curve.responses import TRAINING_RUN
from clt.statistics.inference.sums_of_squares import cells_of, split
from clt.statistics.values import number

FACTORS = {"task": "task", "model": "model", "language": "language", "n": "samples_per_language"}  # name -> column
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Responses and the levels that each belongs to; only factors with two levels or more."""

    factors: dict[str, list[str]]
    codes: Array  # (values, factors)
    values: Array
    runs: Array  # (values,): which training run, numbered
    shares_runs: bool  # whether one run is evaluated on several tasks
    balanced: bool

    @property
    def levels(self) -> list[int]:
        return [len(levels) for levels in self.factors.values()]


def design_of(frame: pd.DataFrame, response: str, setting: str) -> Design:
    """The design of the rows of `responses` that have a response (the name of its column)."""
    used = frame[frame[response].notna()]
    factors, codes = {}, []
    for name, column in FACTORS.items():
        code, levels = pd.factorize(used[column], sort=True)
        if len(levels) > 1:
            factors[name] = [str(level) for level in levels]
            codes.append(code)
    shares_runs = setting == "multi_task"
    run = ["model" if name == "curve" and shares_runs else name for name in TRAINING_RUN]
    joined = np.stack(codes, axis=1) if codes else np.zeros((len(used), 0), dtype=int)
    values = used[response].to_numpy(dtype=float)
    counts = cells_of(joined, values, [len(levels) for levels in factors.values()])[1] if codes else np.zeros(1)
    return Design(
        factors=factors,
        codes=joined,
        values=values,
        runs=used.groupby(run, sort=False).ngroup().to_numpy(),
        shares_runs=shares_runs,
        balanced=bool((counts == counts.flat[0]).all()),
    )


def terms_of(design: Design) -> tuple[list[VarianceTerm], dict[str, float]]:
    """The table of the analysis, and the share of each order; "residual" is what repeated runs differ by."""
    parts = split(design.codes, design.values, design.levels)
    names = list(design.factors)
    between, within = _residuals(design)
    terms: list[VarianceTerm] = []
    by_order: dict[str, float] = {}
    for term, (squares, df) in parts.terms.items():
        whole = not any(names[k] in _inside_a_run(design) for k in term)
        share = squares / parts.total
        terms.append(
            VarianceTerm(
                factors=[names[k] for k in term],
                df=df,
                sum_of_squares=round(squares, 6),
                share=round(share, 6),
                p=_p(squares, df, *(between if whole else within)),
            )
        )
        by_order[str(len(term))] = by_order.get(str(len(term)), 0.0) + share
    residual = (between[0] + within[0]) / parts.total
    if between[1] + within[1]:
        by_order["residual"] = residual
    return (
        sorted(terms, key=lambda term: (len(term.factors), -term.share, term.factors)),
        {order: round(share, 6) for order, share in by_order.items()},
    )


def _inside_a_run(design: Design) -> set[str]:
    """Factors whose levels one training run has all of: they share its deviation, and are tested inside runs."""
    return {"language", "task"} if design.shares_runs else {"language"}


def _residuals(design: Design) -> tuple[tuple[float, int], tuple[float, int]]:
    """Sum of squares and degrees of freedom of repeated runs: between them, and inside them.

    As in a split-plot design: between runs are the runs' means around their cell's, inside runs the rest.
    """
    cells = np.ravel_multi_index(tuple(design.codes.T), design.levels)
    rest = design.values - _group_means(design.values, cells)
    means = _group_means(rest, design.runs)
    plots = [k for k, name in enumerate(design.factors) if name not in _inside_a_run(design)]
    plot = (
        np.ravel_multi_index(tuple(design.codes[:, plots].T), [design.levels[k] for k in plots])
        if plots
        else np.zeros(len(cells), dtype=int)
    )
    between_df = len(np.unique(design.runs)) - len(np.unique(plot))
    all_df = len(cells) - len(np.unique(cells))
    return (float((means**2).sum()), between_df), (float(((rest - means) ** 2).sum()), all_df - between_df)


def _group_means(values: Array, groups: Array) -> Array:
    """The mean of each value's group, axes (values,)."""
    counts = np.bincount(groups)
    return (np.bincount(groups, weights=values) / np.maximum(counts, 1))[groups]


def _p(squares: float, df: int, residual: float, residual_df: int) -> float | None:
    if not df or not residual_df or not residual > 1e-12:
        return None
    return number(float(fdtrc(df, residual_df, (squares / df) / (residual / residual_df))))
