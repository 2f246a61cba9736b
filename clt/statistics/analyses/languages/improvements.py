"""How much every language improved from n = 0 to the largest n, over curves that train on the same languages.

More is better whatever the metric: the change of a metric where lower is better has its sign turned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clt.statistics.inference.bootstrap import draw, fewest_clusters, grouped, plain_means, resampled_means
from clt.statistics.inference.correlation import ranks
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageImprovements:
    """Improvement of every non-English language over curves with the same roles."""

    codes: tuple[str, ...]
    value: Array  # (languages,); NaN where a language has no score at an end
    resamples: Array | None  # (resamples, languages); None where a curve has only means
    clusters: int  # fewest items of a curve
    roles: Roles
    curves: int
    measure: str


def over_curves(curves: Sequence[CurveData]) -> LanguageImprovements:
    """Mean improvement over the curves of one task, in the metric's unit; the curves have an n = 0 and a larger n."""
    roles = curves[0].roles
    codes = tuple(code for code in roles.languages[1:] if all(code in data.roles.languages for data in curves))
    with_items = all(data.has_items and len(data.sample.items) > 1 for data in curves)
    return LanguageImprovements(
        codes=codes,
        value=np.mean([_changes(data, codes, resampled=False) for data in curves], axis=0)[0],
        resamples=np.mean([_changes(data, codes, resampled=True) for data in curves], axis=0) if with_items else None,
        clusters=min(fewest_clusters(data.sample) for data in curves),
        roles=roles,
        curves=len(curves),
        measure="mean improvement from n = 0 to the largest n",
    )


def over_tasks(tasks: Sequence[LanguageImprovements]) -> LanguageImprovements:
    """Mean over tasks of the languages' ranks, since tasks have units of their own."""
    codes = tuple(code for code in tasks[0].codes if all(code in improved.codes for improved in tasks))
    where = [[improved.codes.index(code) for code in codes] for improved in tasks]
    resamples = [
        ranks(improved.resamples[:, k])
        for improved, k in zip(tasks, where, strict=True)
        if improved.resamples is not None
    ]
    return LanguageImprovements(
        codes=codes,
        value=np.mean([ranks(improved.value[None, k]) for improved, k in zip(tasks, where, strict=True)], axis=0)[0],
        resamples=np.mean(resamples, axis=0) if len(resamples) == len(tasks) else None,
        clusters=min(improved.clusters for improved in tasks),
        roles=tasks[0].roles,
        curves=sum(improved.curves for improved in tasks),
        measure="mean over tasks of the rank of the improvement from n = 0 to the largest n",
    )


def _changes(data: CurveData, codes: Sequence[str], *, resampled: bool) -> Array:
    """Improvement (resamples or 1, languages) of one curve."""
    assert data.baseline_index is not None, "the caller passes over curves without n = 0"
    ends = [data.baseline_index, data.point_index(data.sample_sizes[-1])]
    whole = data.sample
    # the weights belong to the items: fewer points leave them as they are for the whole curve
    sample = Sample(items=whole.items, scores=whole.scores[:, :, ends], mask=whole.mask, present=whole.present[ends])
    clusters = grouped(sample)
    means = resampled_means(clusters, draw(clusters)) if resampled else plain_means(sample)[None]
    where = [data.roles.languages.index(code) for code in codes]
    sign = 1.0 if data.higher_is_better else -1.0
    return sign * (means[:, 1] - means[:, 0])[:, where]
