"""Which mixture, in plain sentences."""

from collections.abc import Iterator

from clt.statistics.analyses.statistics import Statistics
from clt.statistics.rendering.formatting import Digits, many, with_interval, words

MOST = 3  # mixtures that are named


def which_mixture(statistics: Statistics) -> Iterator[str]:
    """Where a mixture improves on English-only training, and the cheapest such ones."""
    found = statistics.recommendations
    if not found:
        return
    which = f"{many(len(found), 'combination')} of model, setting and task"
    resolved = [one for one in found if one.cheapest is not None and (one.improvement.low or 0.0) > 0]
    known = sum(one.resolvable is not None for one in found)
    worse = sum(one.improvement.high is not None and one.improvement.high < 0 for one in found)
    unknown = f"; in {len(found) - known} there is no interval, so it cannot be told" if known < len(found) else ""
    if not known:
        yield f"Cannot be told: in none of {which} is there an interval for the best mixture's improvement."
    elif resolved:
        yield (
            f"In {len(resolved)} of {which} a mixture improves on English-only training by more than its "
            f"noise{unknown}."
        )
    else:
        yield f"Not resolvable: in none of {which} is the best mixture's improvement shown to be above 0{unknown}."
    if worse:
        yield f"In {worse} of {which} even the best mixture is worse for the targets than English-only training."
    digits = Digits.of(statistics.curves)
    for one in resolved[:MOST]:
        assert one.cheapest is not None, "chosen above"
        yield (
            f"{words(one.task)}, {one.model}, {words(one.setting)}: the cheapest that the data cannot tell from the "
            f"best is {'+'.join(one.cheapest.train_languages)} at n = {one.cheapest.samples_per_language}, "
            f"{with_interval(one.cheapest_improvement, digits.signed(one.task, one.metric))}."
        )
