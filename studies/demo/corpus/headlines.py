"""Short news items and their headlines: what happened, where."""

import random
from dataclasses import dataclass

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, news, split_of_form

DETAILS = 6
NO_DETAIL = 6
"""In the place of the second detail: the item has two sentences, not three."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One news item, before it is told in a language."""

    event: str
    place: str
    day: str
    lead: int
    details: tuple[int, int]


FORMS = [
    (lead, first, second)
    for lead in range(3)
    for first in range(DETAILS)
    for second in range(DETAILS + 1)
    if first != second
]


def items(split: str, count: int, seed: int) -> list[Item]:
    """`count` different items of a split (`train`, `dev`, `test`): its events in places and its templates.

    Every event in a place is used equally often, as far as `count` allows.
    """
    rng = random.Random(f"headlines {split} {seed}")
    side = "train" if split == "train" else "evaluation"
    forms = [form for form in FORMS if split_of_form(*form) == side]
    pairs = list(news(split))
    found: dict[Item, None] = {}
    while len(found) < count:
        rng.shuffle(pairs)
        for event, place in pairs:
            found[_draw(rng, event, place, rng.choice(forms))] = None
    return list(found)[:count]


def _draw(rng: random.Random, event: str, place: str, form: tuple[int, int, int]) -> Item:
    lead, first, second = form
    return Item(event=event, place=place, day=rng.choice(DAYS), lead=lead, details=(first, second))


def told_item(rng: random.Random) -> Item:
    """An item for the pre-training text: the events in places that no dev or test item uses."""
    event, place = rng.choice(news("train"))
    return _draw(rng, event, place, rng.choice(FORMS))


def row(item: Item, language: Language) -> dict[str, str]:
    """The task's row: `article` and `headline`."""
    return {
        "article": language.sentences(_lead(item, language), *_details(item, language)),
        "headline": language.headlines[item.event].format(place=language.places[item.place]),
    }


def story(item: Item, language: Language, mention: int) -> str:
    """The news with a sentence that calls the event by its noun, for the pre-training text; no headline."""
    return language.sentences(
        _lead(item, language), language.mentions[mention](item.event), *_details(item, language)[:1]
    )


def _lead(item: Item, language: Language) -> str:
    return language.leads[item.lead].format(
        day=language.days[item.day], place=language.places[item.place], event=language.events[item.event]
    )


def _details(item: Item, language: Language) -> list[str]:
    return [language.details[number] for number in item.details if number != NO_DETAIL]
