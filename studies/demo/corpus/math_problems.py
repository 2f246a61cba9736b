"""Word problems: somebody has some things, then gets more or has fewer; how many are there?"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import ADDING, CHANGES, PEOPLE, TAKING, THINGS, number_pairs, split_of_form


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One word problem, before it is told in a language."""

    person: str
    thing: str
    change: str
    first: int
    second: int
    opening: int
    ending: int

    @property
    def result(self) -> int:
        """The number of things in the end."""
        return self.first + self.second if self.change in ADDING else self.first - self.second


FORMS = [(opening, change, ending) for opening in range(3) for change in range(len(CHANGES)) for ending in range(3)]


def problems(split: str, count: int, seed: int) -> list[Problem]:
    """`count` different problems of a split (`train`, `dev`, `test`): its number pairs, its templates, its
    people.

    Number pairs are used equally often, as far as `count` allows.
    """
    rng = random.Random(f"math {split} {seed}")
    side = "train" if split == "train" else "evaluation"
    forms = [form for form in FORMS if split_of_form(*form) == side]
    pairs = list(number_pairs(split))
    found: dict[Problem, None] = {}
    while len(found) < count:
        rng.shuffle(pairs)
        for kind, first, second in pairs:
            fitting = [form for form in forms if CHANGES[form[1]] in (ADDING if kind == "add" else TAKING)]
            found[_draw(rng, PEOPLE[split], fitting, first, second)] = None
    return list(found)[:count]


def _draw(
    rng: random.Random, people: Sequence[str], forms: Sequence[tuple[int, int, int]], first: int, second: int
) -> Problem:
    opening, change, ending = rng.choice(forms)
    return Problem(
        person=rng.choice(people),
        thing=rng.choice(THINGS),
        change=CHANGES[change],
        first=first,
        second=second,
        opening=opening,
        ending=ending,
    )


def told_problem(rng: random.Random) -> Problem:
    """A problem for the pre-training text: any numbers and forms, the people of that text."""
    kind, first, second = rng.choice(number_pairs())
    fitting = [form for form in FORMS if CHANGES[form[1]] in (ADDING if kind == "add" else TAKING)]
    return _draw(rng, PEOPLE["pretraining"], fitting, first, second)


def row(problem: Problem, language: Language) -> dict[str, str]:
    """The task's row: `question` and `answer`."""
    question = language.questions[problem.ending]
    beginning = _beginning(problem, language)
    slots = language.story_slots(problem.person, problem.thing, problem.first)
    return {
        "question": language.sentences(*beginning, question.format(**slots)),
        "answer": str(problem.result),
    }


def story(problem: Problem, language: Language) -> str:
    """The same told as a statement, for the pre-training text."""
    slots = language.story_slots(problem.person, problem.thing, problem.result)
    return language.sentences(*_beginning(problem, language), language.closings[problem.ending].format(**slots))


def _beginning(problem: Problem, language: Language) -> tuple[str, str]:
    first = language.story_slots(problem.person, problem.thing, problem.first)
    second = language.story_slots(problem.person, problem.thing, problem.second)
    return (
        language.openings[problem.opening].format(**first),
        language.changes[problem.change].format(**second),
    )
