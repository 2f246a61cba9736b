"""Whether the largest n is enough for the held-out languages, and what doubling it buys, in plain sentences."""

from collections import Counter
from collections.abc import Iterator, Sequence

from clt.statistics.analyses.response_curves.margin import margin_words
from clt.statistics.analyses.response_curves.schema import ResponseCurve
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.inference.run_noise_prior import PRIOR_SOURCE
from clt.statistics.rendering.formatting import many


def what_more_rows_buy(statistics: Statistics) -> Iterator[str]:
    """What the response curves of U say, of those whose rise is told from noise; nothing where there is no curve."""
    every = [response for response in statistics.response_curves if response.group == "unseen"]
    risen = {
        finding.curve
        for finding in statistics.findings
        if finding.question == "unseen_rise" and finding.answer == "improved"
    }
    responses = [response for response in every if response.curve in risen]
    counts, total = Counter(response.answer for response in responses), many(len(every), "curve")
    yield from _rising(counts, total)
    yield from _enough([response.enough for response in responses if response.enough is not None], total)
    if not_told := len(every) - len(responses):
        yield f"In {not_told} of {total} no rise of U is told from noise, so no amount can be named there."
    yield from _doubling(statistics, [response for response in responses if response.doubling_pays is not None])
    borrowed = sum(response.noise == PRIOR_SOURCE for response in every)
    if borrowed:
        yield f"No run was repeated in {borrowed} of {total}: noise between runs is that of {PRIOR_SOURCE}."
    refused = [response for response in responses if response.answer == "undefined"]
    if refused:
        yield f"Nothing is said of more rows in {len(refused)} of {total}: {_reasons(refused)}."


def _rising(counts: Counter[str], total: str) -> Iterator[str]:
    """Where no n is enough, of the curves whose rise is a verdict."""
    still, maybe, rose = counts["still rising"], counts["maybe rising"], counts.total()
    if still or maybe:
        yield (
            f"U rose in {rose} of {total}; at the largest n tried it still rises in {still} and may in {maybe}: "
            "there no n is shown to be enough."
        )


def _enough(named: Sequence[int], total: str) -> Iterator[str]:
    if named:
        first, last = min(named), max(named)
        spread = f"n = {first}" if first == last else f"n = {first} to {last}"
        yield (
            f"In {len(named)} of {total} U had made 95% of its rise to where it levels off by {spread} samples per "
            "language, with a probability of 90% or more each."
        )


def _doubling(statistics: Statistics, responses: Sequence[ResponseCurve]) -> Iterator[str]:
    if not responses:
        return
    of = {response.curve for response in responses}
    pays = sum((response.doubling_pays or 0.0) >= 0.5 for response in responses)
    yield (
        "Doubling the largest n is more likely than not to gain "
        f"{margin_words(curve for curve in statistics.curves if curve.id in of)} or more in {pays} of "
        f"{many(len(responses), 'curve')}; highest probability {max(r.doubling_pays or 0.0 for r in responses):.0%}."
    )


def _reasons(responses: Sequence[ResponseCurve]) -> str:
    """The reasons, those of many curves first."""
    reasons = Counter((response.reason or "").split(":")[0] for response in responses)
    return "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
