"""Whose rows help whom, in plain sentences: the donors that may be named, and what is left open."""

from collections.abc import Iterator

from clt.statistics.analyses.donors.schema import DonorEffect, Donors
from clt.statistics.analyses.statistics import Statistics
from clt.statistics.donors.exchange import MORE
from clt.statistics.rendering.formatting import Digits, many, with_interval, words

MOST = 2  # sentences on single donors


def whose_rows_help(statistics: Statistics) -> Iterator[str]:
    """How many pairs of donor and language are told from none, the largest of them, and what nobody can tell."""
    if not statistics.donors:
        return
    named = [(one, effect) for one in statistics.donors for effect in one.effects if effect.named]
    pairs = statistics.donors[0].pairs
    if pairs:
        count = f"{len(named) or 'None'} of {many(pairs, 'effect')} of training languages on another language"
        yield f"{count} can be told from none; without any effect fewer than 1 report in 20 would name one."
    digits = Digits.of(statistics.curves)
    for one, effect in sorted(named, key=lambda pair: _closest_to_none(pair[1]), reverse=True)[:MOST]:
        yield _sentence(one, effect, digits)
    if open_designs := sum(
        any(what.startswith("not identified") for what in one.not_identified) for one in statistics.donors
    ):
        yield (
            f"Which single language helps is not identified in {open_designs} of "
            f"{many(len(statistics.donors), 'combination')} of task, model and setting: the mixtures train on several "
            "together."
        )


def worth_of(one: Donors, effect: DonorEffect) -> str:
    """What the donors' rows are worth, in words; empty where that is not known."""
    worth = effect.worth
    whose = "of its own" if effect.against == [effect.language] else f"of {_each(effect.against)}"
    if worth.reason == MORE:
        return f"to {effect.language}, {one.rows_compared:,} rows of {_each(effect.donors)} are worth {MORE} {whose}"
    if worth.value is None or worth.low is None:
        return ""
    upper = f"{worth.high:,.0f}" if worth.high is not None else "beyond what was tried"
    return (
        f"to {effect.language}, {one.rows_compared:,} rows of {_each(effect.donors)} are worth {worth.value:,.0f} "
        f"({worth.low:,.0f} to {upper}) {whose}"
    )


def _sentence(one: Donors, effect: DonorEffect, digits: Digits) -> str:
    change = with_interval(effect.change, digits.signed(one.task, one.metric))
    worth = worth_of(one, effect)
    return (
        f"{words(one.task)}, {one.model}, {words(one.setting)}: {one.rows:,} rows of {_each(effect.donors)} move "
        f"{effect.language} by {change}{'; ' + worth if worth else ''}."
    )


def _closest_to_none(effect: DonorEffect) -> float:
    return min(abs(effect.change.low or 0.0), abs(effect.change.high or 0.0))


def _each(codes: list[str]) -> str:
    return codes[0] if len(codes) == 1 else f"each of {', '.join(codes)}"
