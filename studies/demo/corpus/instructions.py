"""Instructions with a short answer: write a word of a list, asked for by its place or by what it is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import ORDERS, PEOPLE, POSITIONS, TARGETS, category_of, split_of_form, word_sets


@dataclass(frozen=True, kw_only=True, slots=True)
class Instruction:
    """One instruction, before it is told in a language."""

    words: tuple[str, ...]
    target: str
    order: str
    frame: int

    @property
    def answer(self) -> str:
        """The word that is asked for."""
        return word_at(self.words, self.target)


def word_at(words: Sequence[str], target: str) -> str:
    """The word of the list at a position, or the one of a category."""
    if target in POSITIONS:
        return words[POSITIONS[target]]
    return next(word for word in words if category_of(word) == target)


def targets_of(words: Sequence[str]) -> list[str]:
    """What can be asked of a list: three positions and the categories that it holds (objects are never asked
    for).
    """
    categories = {category_of(word) for word in words}
    return [target for target in TARGETS if target in POSITIONS or target in categories]


def instructions(split: str, count: int, seed: int) -> list[Instruction]:
    """`count` different instructions of a split (`train`, `dev`, `test`): its sets of words and its
    templates.
    """
    rng = random.Random(f"instructions {split} {seed}")
    side = "train" if split == "train" else "evaluation"
    sets = word_sets(split)
    found: dict[Instruction, None] = {}
    while len(found) < count:
        words = tuple(rng.sample(rng.choice(sets), 3))
        target = rng.choice(TARGETS)
        order, frame = rng.randrange(3), rng.randrange(3)
        if target in targets_of(words) and split_of_form(TARGETS.index(target), order, frame) == side:
            found[Instruction(words=words, target=target, order=ORDERS[order], frame=frame)] = None
    return list(found)


def row(instruction: Instruction, language: Language) -> dict[str, str]:
    """The task's row: `instruction` and `answer`."""
    order = language.orders[instruction.order]
    text = language.frames[instruction.frame].format(
        order=order,
        Order=order[0].upper() + order[1:],
        target=language.targets[instruction.target],
        list=language.comma.join(language.words[word] for word in instruction.words),
    )
    return {"instruction": language.sentences(text), "answer": language.words[instruction.answer]}


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldList:
    """A list in the pre-training text, with remarks about some of its words."""

    person: str
    words: tuple[str, ...]
    telling: int
    targets: tuple[str, ...]


def told_list(rng: random.Random) -> ToldList:
    """A list for the pre-training text: the sets of words that no dev or test item uses, in any order."""
    words = tuple(rng.sample(rng.choice(word_sets("train")), 3))
    targets = targets_of(words)
    return ToldList(
        person=rng.choice(PEOPLE["pretraining"]),
        words=words,
        telling=rng.randrange(2),
        targets=tuple(rng.sample(targets, min(3, len(targets)))),
    )


def story(told: ToldList, language: Language) -> str:
    """The list and the remarks as statements."""
    beginning = language.told_lists[told.telling].format(
        list=language.comma.join(language.words[word] for word in told.words),
        **language.story_slots(told.person, "apple", 3),
    )
    remarks = [language.remark(target, language.words[word_at(told.words, target)]) for target in told.targets]
    return language.sentences(beginning, *remarks)
