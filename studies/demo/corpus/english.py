"""English words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES, WOMEN

THINGS = {
    "apple": "apples",
    "orange": "oranges",
    "book": "books",
    "pen": "pens",
    "flower": "flowers",
    "ball": "balls",
    "photo": "photos",
    "egg": "eggs",
    "key": "keys",
    "bottle": "bottles",
    "cup": "cups",
    "hat": "hats",
}
NOUNS = {
    "rain": "heavy rain",
    "fire": "large fire",
    "earthquake": "strong earthquake",
    "snow": "heavy snow",
    "school": "new school",
    "bridge": "new bridge",
    "festival": "music festival",
    "strike": "train strike",
    "power cut": "power cut",
    "book fair": "book fair",
    "concert": "free concert",
    "marathon": "marathon",
}
TARGETS = {
    "first": "the first word",
    "second": "the second word",
    "last": "the last word",
    "animal": "the animal",
    "fruit": "the fruit",
    "colour": "the colour",
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem: the person's name and pronouns, the number and the things."""
    pronouns = {"they": "she", "them": "her"} if person in WOMEN else {"they": "he", "them": "him"}
    return {"name": person, "n": str(number), "things": THINGS[thing], **pronouns}


def with_article(event: str) -> str:
    """The event's noun with its indefinite article; rain and snow have none."""
    return NOUNS[event] if event in ("rain", "snow") else f"a {NOUNS[event]}"


ENGLISH = Language(
    code="en",
    space=" ",
    story_slots=story_slots,
    openings=(
        "{name} has {n} {things}.",
        "today {name} has {n} {things}.",
        "{name} has {n} {things} at home.",
    ),
    changes={
        "buy": "{they} buys {n} more.",
        "find": "{they} finds {n} more.",
        "receive": "a friend gives {them} {n} more.",
        "give": "{they} gives {n} to a friend.",
        "lose": "{they} loses {n}.",
        "sell": "{they} sells {n}.",
    },
    questions=(
        "how many {things} does {they} have now?",
        "how many {things} does {name} have in the end?",
        "how many {things} does {name} have after that?",
    ),
    closings=(
        "now {they} has {n} {things}.",
        "in the end {name} has {n} {things}.",
        "after that {name} has {n} {things}.",
    ),
    people={person: person for person in EVERYBODY},
    words={word: word for word in LIST_WORDS},
    comma=", ",
    orders={"write": "write", "name": "name", "choose": "choose"},
    targets=TARGETS,
    frames=(
        "{order} {target} in this list: {list}.",
        "here is a list: {list}. {Order} {target}.",
        "look at these three words: {list}. {Order} {target}.",
    ),
    told_lists=("{name} reads three words: {list}.", "there is a list on the wall: {list}."),
    remark=lambda target, word: f'{TARGETS[target]} is "{word}".',
    places={place: place for place in PLACES},
    days={day: day for day in DAYS},
    events={
        "rain": "it rained heavily",
        "fire": "a large fire broke out",
        "earthquake": "the earth shook strongly",
        "snow": "it snowed a lot",
        "school": "a new school opened its doors",
        "bridge": "a new bridge was opened",
        "festival": "a music festival began",
        "strike": "the train drivers stopped working",
        "power cut": "the lights went out everywhere",
        "book fair": "a book fair opened its doors",
        "concert": "a famous singer sang for free",
        "marathon": "thousands of people ran through the streets",
    },
    leads=(
        "on {day} {event} in {place}.",
        "{event} in {place} on {day}.",
        "according to the radio, {event} in {place} on {day}.",
    ),
    details=(
        "everyone is talking about it.",
        "the mayor spoke on the radio.",
        "many residents took photos.",
        "the streets were full of people.",
        "the newspapers wrote about it.",
        "it was a long day for the city.",
    ),
    headlines={event: f"{noun[0].upper()}{noun[1:]} in {{place}}" for event, noun in NOUNS.items()},
    mentions=(
        lambda event: f"the {NOUNS[event]} was the news of the day.",
        lambda event: f"people spoke of {with_article(event)}.",
    ),
)
