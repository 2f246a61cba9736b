"""Gains of several curves taken together: by task, model, setting and set of training languages.

Each curve has the same weight. Curves of one study share items and English-only runs, so they agree more than
independent ones would: the interval says how much gains differ from curve to curve, not what new items would do.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from clt.statistics.analyses.gains.schema import GroupGain
from clt.statistics.curve.schema import Curve, published
from clt.statistics.inference.intervals import t_factor
from clt.statistics.values import DIGITS, Estimate, number
from clt.study import METRICS

BY = ("task", "model", "setting", "train_languages")
MEASURES = ("relative", published("trained"), published("held_out"))


def group_gains(curves: Sequence[Curve]) -> list[GroupGain]:
    """Mean gains of R (in percentage points), S and U (in the metric's unit) of every group; positive is better.

    The gains are cross-fitted; raw, and so biased upwards, only where no curve of the group has scores per item. Each
    metric is averaged for itself. R is also averaged over the tasks' first metrics where these differ (`metric` is then
    empty), without those of which less is better: a ratio of losses is another quantity.
    """
    groups_gains = []
    for by in BY:
        groups: dict[tuple[str, str], list[Curve]] = {}
        for curve in curves:
            groups.setdefault((curve.study, _level(curve, by)), []).append(curve)
        for (study, group), members in sorted(groups.items()):
            for metric, measure, some in _comparable(members):
                gains, fitted = _gains(some, measure)
                if gains:
                    groups_gains.append(
                        GroupGain(
                            study=study,
                            by=by,
                            group=group,
                            measure=measure,
                            metric=metric,
                            curves=len(gains),
                            fitted=fitted,
                            mean=_mean(gains),
                            smallest=min(_values(gains)),
                            largest=max(_values(gains)),
                        )
                    )
    return groups_gains


def _level(curve: Curve, by: str) -> str:
    return "+".join(curve.train_languages) if by == "train_languages" else str(getattr(curve, by))


def _comparable(curves: Sequence[Curve]) -> Iterator[tuple[str, str, list[Curve]]]:
    """Metric, measure and the curves whose gains may be averaged."""
    for metric in sorted({curve.metric for curve in curves}):
        some = [curve for curve in curves if curve.metric == metric]
        # a metric that is not ours may have another scale in every task, such as a table's "score"
        one_unit = metric in METRICS or len({curve.task for curve in some}) == 1
        yield from ((metric, measure, some) for measure in (MEASURES if one_unit else MEASURES[:1]))
    main = [curve for curve in curves if curve.main_metric and curve.higher_is_better]
    if len({curve.metric for curve in main}) > 1:
        yield "", "relative", main


def _gains(curves: Sequence[Curve], measure: str) -> tuple[list[Estimate], bool]:
    """The curves' defined gains and whether they are cross-fitted."""
    raw = [curve.gain if measure == "relative" else curve.gains[measure] for curve in curves]
    fitted = any(curve.items is not None for curve in curves)
    gains: list[Estimate] = [gain.cross_fitted for gain in raw] if fitted else list(raw)
    return [gain for gain in gains if gain.value is not None], fitted


def _values(gains: Sequence[Estimate]) -> list[float]:
    return [gain.value for gain in gains if gain.value is not None]


def _mean(gains: Sequence[Estimate]) -> Estimate:
    """With a t interval over the curves; a single curve keeps its own."""
    if len(gains) == 1:
        only = gains[0]
        return Estimate(value=only.value, low=only.low, high=only.high, method=only.method)
    values = np.array(_values(gains))
    value, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    if error < 10.0**-DIGITS:  # no spread is not certainty
        return Estimate(value=number(value), low=None, high=None, method="none: equal gains")
    half = float(t_factor(len(values) - 1)) * error
    return Estimate(
        value=number(value), low=number(value - half), high=number(value + half), method=f"t over {len(values)} curves"
    )
