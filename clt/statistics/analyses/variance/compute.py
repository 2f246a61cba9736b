"""What the scores depend on: isolated factors, or their interactions as well.

One analysis for every study, setting and set of training languages, over task x model x language x n.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from clt.statistics.analyses.variance.components import METHOD, pooled_components
from clt.statistics.analyses.variance.schema import HeldOutFit, Variance, VarianceTerm
from clt.statistics.curve.responses import TRAINING_RUN, has_one_scale, responses
from clt.statistics.inference.cross_validation import cross_validate, permutation_p
from clt.statistics.inference.sums_of_squares import cells_of, split
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import number

GROUP = ("study", "setting", "mixture", "train_languages")
FACTORS = {"task": "task", "model": "model", "language": "language", "n": "samples_per_language"}  # name -> column
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
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


def variances(curves: Sequence[CurveData]) -> list[Variance]:
    """One analysis per group of curves (of main metrics), sorted; without groups that have fewer than two factors.

    The response is each language's R (score / English score of the same run) where several metrics meet, the score
    where there is one metric; languages other than English. Every run is a value: repeated runs give a residual.
    """
    groups: dict[tuple[object, ...], list[CurveData]] = {}
    for data in curves:
        groups.setdefault((*(data.identity[name] for name in GROUP), data.higher_is_better), []).append(data)
    analyses = [_analysis(group) for _, group in sorted(groups.items())]
    return [analysis for analysis in analyses if analysis is not None]


def _analysis(curves: Sequence[CurveData]) -> Variance | None:
    metrics = sorted({data.identity["metric"] for data in curves})
    response = "score" if has_one_scale(curves) else "relative"
    design = _design(responses(curves), response, curves[0].identity["setting"])
    if len(design.factors) < 2 or not np.ptp(design.values) > 0:
        return None
    terms, by_order = _terms(design)
    names = list(design.factors)
    folds = [
        HeldOutFit(
            left_out=name,
            folds=validated.folds,
            main_effects=number(validated.main_effects),
            interactions=number(validated.interactions),
            difference=validated.difference,
        )
        for k, name in enumerate(names)
        for validated in [cross_validate(design.codes, design.values, design.levels, k)]
    ]
    p = _permutation_p(design)
    effects = pooled_components(curves, relative=response == "relative")
    identity = curves[0].identity
    return Variance(
        study=identity["study"],
        scope=_scope(identity),
        response=response,
        metric=metrics[0] if response == "score" else "",
        factors=design.factors,
        values=len(design.values),
        balanced=design.balanced,
        terms=terms,
        by_order=by_order,
        held_out=folds,
        permutation_p=None if p is None else number(p),
        random_effects=effects,
        random_effects_method=METHOD if effects else "",
        statement=_statement(by_order, folds, p),
    )


def _design(frame: pd.DataFrame, response: str, setting: str) -> _Design:
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
    return _Design(
        factors=factors,
        codes=joined,
        values=values,
        runs=used.groupby(run, sort=False).ngroup().to_numpy(),
        shares_runs=shares_runs,
        balanced=bool((counts == counts.flat[0]).all()),
    )


def _terms(design: _Design) -> tuple[list[VarianceTerm], dict[str, float]]:
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


def _inside_a_run(design: _Design) -> set[str]:
    """Factors whose levels one training run has all of: they share its deviation, and are tested inside runs."""
    return {"language", "task"} if design.shares_runs else {"language"}


def _residuals(design: _Design) -> tuple[tuple[float, int], tuple[float, int]]:
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


def _permutation_p(design: _Design) -> float | None:
    """None also where the curves of a model come from the same runs: exchanging them would tear these apart."""
    names = list(design.factors)
    if not design.balanced or design.shares_runs or not {"task", "model"} <= set(names):
        return None
    table, _ = cells_of(design.codes, design.values, design.levels)
    return permutation_p(table, names.index("task"), names.index("model"))


def _scope(identity: dict[str, str]) -> str:
    setting = (
        identity["setting"].replace("_", " ").replace("single task", "single-task").replace("multi task", "multi-task")
    )
    mixture = f", mixture {identity['mixture']}" if identity["mixture"] else ""
    return f"{setting} curves trained on {identity['train_languages']}{mixture}; languages other than English"


def _statement(by_order: dict[str, float], folds: Sequence[HeldOutFit], p: float | None) -> str:
    return " ".join(_sentences(by_order, folds, p))


def _sentences(by_order: dict[str, float], folds: Sequence[HeldOutFit], p: float | None) -> Iterator[str]:
    yield (
        f"Isolated factors make up {100 * by_order['1']:.0f}% of the sum of squares, "
        f"interactions of two {100 * by_order.get('2', 0):.0f}%."
    )
    better = [fold.left_out for fold in folds if fold.difference.low is not None and fold.difference.low > 0]
    worse = [fold.left_out for fold in folds if fold.difference.high is not None and fold.difference.high < 0]
    if better:
        yield f"Interactions predict better than isolated factors for a new {', '.join(better)}."
    if worse:
        yield f"They predict worse for a new {', '.join(worse)}."
    if not better and not worse:
        yield "On left-out levels the two cannot be told apart."
    if p is not None:
        yield f"With whole curves exchanged interactions fit as well with p = {p:.2g}."
