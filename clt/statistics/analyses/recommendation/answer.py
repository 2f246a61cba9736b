"""Which mixture, in plain sentences."""

from collections.abc import Iterator

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import Digits, many, with_interval, words

MOST = 3  # mixtures that are named


def which_mixture(statistics: Statistics) -> Iterator[str]:
    """Where a mixture improves on English-only training, and the cheapest such ones."""
    recommendations = statistics.recommendations
    if not recommendations:
        return
    which = f"{many(len(recommendations), 'combination')} of model, setting and task"
    resolved = [
        recommendation
        for recommendation in recommendations
        if recommendation.cheapest is not None and (recommendation.improvement.low or 0.0) > 0
    ]
    known = sum(recommendation.resolvable is not None for recommendation in recommendations)
    worse = sum(
        recommendation.improvement.high is not None and recommendation.improvement.high < 0
        for recommendation in recommendations
    )
    unknown = (
        f"; in {len(recommendations) - known} there is no interval, so it cannot be told"
        if known < len(recommendations)
        else ""
    )
    chance = sum(recommendation.by_chance for recommendation in recommendations)
    if not known:
        yield f"Cannot be told: in none of {which} is there an interval for the best mixture's improvement."
    elif resolved:
        yield (
            f"In {len(resolved)} of {which} a mixture improves on English-only training, about {chance:.2g} expected "
            f"by chance{unknown}."
        )
    else:
        yield f"Not resolvable: in none of {which} is the best mixture's improvement shown to be above 0{unknown}."
    if worse:
        yield f"In {worse} of {which} even the best mixture is worse for the targets than English-only training."
    digits = Digits.of(statistics.curves)
    for recommendation in resolved[:MOST]:
        cheapest = recommendation.cheapest
        assert cheapest is not None, "chosen above"
        signed = digits.signed(recommendation.task, recommendation.metric)
        yield (
            f"{words(recommendation.task)}, {recommendation.model}, {words(recommendation.setting)}: the cheapest that "
            f"the data cannot tell from the best is {'+'.join(cheapest.train_languages)} at n = "
            f"{cheapest.samples_per_language}, {with_interval(recommendation.cheapest_improvement, signed)}."
        )
