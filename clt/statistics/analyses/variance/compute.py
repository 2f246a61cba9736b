"""What the scores depend on: isolated factors, or their interactions as well.

One analysis for every study, setting and set of training languages, over task x model x language x n.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from clt.statistics.analyses.variance.components import METHOD, pooled_components
from clt.statistics.analyses.variance.design import Design, design_of, terms_of
from clt.statistics.analyses.variance.schema import HeldOutFit, Variance
from clt.statistics.analyses.variance.within_tasks import within_tasks
from clt.statistics.curve.responses import has_one_scale, responses
from clt.statistics.inference.cross_validation import cross_validate, permutation_p
from clt.statistics.inference.sums_of_squares import cells_of
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import number

GROUP = ("study", "setting", "mixture", "train_languages")


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
    frame, setting = responses(curves), curves[0].identity["setting"]
    design = design_of(frame, response, setting)
    if len(design.factors) < 2 or not np.ptp(design.values) > 0:
        return None
    terms, by_order = terms_of(design)
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
        within_tasks=within_tasks(curves, frame, setting),
        held_out=folds,
        permutation_p=None if p is None else number(p),
        random_effects=effects,
        random_effects_method=METHOD if effects else "",
        statement=_statement(by_order, folds, p),
    )


def _permutation_p(design: Design) -> float | None:
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
