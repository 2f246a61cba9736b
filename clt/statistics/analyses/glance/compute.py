"""Every language's change from English-only training to the mixture that is recommended.

All changes that are shown are judged together, and at least as strictly as all that the first screen says: where both
speak of one number they agree. A language is marked only in a mixture that is told from English-only training itself.
"""

from collections.abc import Sequence

from clt.statistics.analyses.glance.schema import Glance, GlanceLanguage
from clt.statistics.analyses.recommendation.schema import Candidate, Recommendation
from clt.statistics.family import Family, language_key, language_members, resolved
from clt.statistics.inference.bootstrap import plain_means
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number, undefined
from clt.study import METRICS


def glance_of(
    curves: Sequence[CurveData], recommendations: Sequence[Recommendation], page: Family, run_noise: RunNoise
) -> list[Glance]:
    """One for every recommendation that names a mixture; `page` is the family of all that the first screen says."""
    by_id = {data.id: data for data in curves}
    named = [
        (recommendation, mixture, by_id[mixture.curve])
        for recommendation in recommendations
        if (mixture := recommendation.cheapest) is not None
    ]
    if not named:
        return []
    members = [member for _, mixture, data in named for member in language_members(data, mixture.samples_per_language)]
    family = Family.of_members(members, run_noise).beside(page)
    return [_glance(recommendation, mixture, data, family) for recommendation, mixture, data in named]


def _glance(recommendation: Recommendation, mixture: Candidate, data: CurveData, family: Family) -> Glance:
    n = mixture.samples_per_language
    stands = (recommendation.cheapest_improvement.low or 0.0) > 0
    facts = METRICS.get(recommendation.metric)
    return Glance(
        study=recommendation.study,
        model=recommendation.model,
        setting=recommendation.setting,
        task=recommendation.task,
        metric=recommendation.metric,
        higher_is_better=data.higher_is_better,
        curve=data.id,
        train_languages=mixture.train_languages,
        samples_per_language=n,
        resolved=stands,
        range=None if facts is None or facts.high is None else facts.high - facts.low,
        languages=[_language(data, n, code, family, mixture_stands=stands) for code in data.roles.languages],
    )


def _language(data: CurveData, n: int, code: str, family: Family, *, mixture_stands: bool) -> GlanceLanguage:
    exposure = "english" if code == data.roles.english else "seen" if code in data.roles.trained else "unseen"
    verdict = family.verdict(language_key(data, n, code))
    if verdict is None:
        change = _plain_change(data, n, code)
    else:
        method = f"max-t, beside all contrasts of the page: {verdict.basis}"
        change = Estimate(value=verdict.value, low=verdict.low, high=verdict.high, method=method)
    return GlanceLanguage(
        language=code, exposure=exposure, change=change, resolved=mixture_stands and resolved(verdict)
    )


def _plain_change(data: CurveData, n: int, code: str) -> Estimate:
    means = plain_means(data.sample)[:, data.roles.languages.index(code)]
    value = number(means[data.point_index(n)] - means[data.point_index(0)])
    if value is None:
        return undefined("no score")
    return Estimate(value=value, low=None, high=None, method="none: nothing tells the noise")
