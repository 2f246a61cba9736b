"""The text that the base models read: stories, lists and news as plain statements, in all eight languages.

It holds the knowledge that the tasks need (words, number facts, which word is an animal) and none of their
forms: no question, no order, no bare answer, no headline. A quarter of the documents tell the same thing twice,
in two languages, as bilingual pages do; a tenth are bare sums.
"""

import random
from collections.abc import Iterator

from clt.studies.demo.corpus import headlines, instructions, math_problems
from clt.studies.demo.corpus.languages import LANGUAGES
from clt.studies.demo.corpus.values import number_pairs

SHARE_OF_SUMS = 0.10
SHARE_OF_BILINGUAL = 0.25
SHARES = {"math": 0.45, "instructions": 0.30, "headlines": 0.25}


def documents(count: int, seed: int) -> Iterator[str]:
    """`count` documents; the first n are the same for every `count`."""
    rng = random.Random(f"pretraining {seed}")
    for _ in range(count):
        if rng.random() < SHARE_OF_SUMS:
            yield _sums(rng)
            continue
        codes = rng.sample(list(LANGUAGES), 2 if rng.random() < SHARE_OF_BILINGUAL else 1)
        yield "\n".join(_tell_in_turn(rng, codes))


def _sums(rng: random.Random) -> str:
    signs = {"add": "+", "take": "-"}
    lines = []
    for kind, first, second in rng.sample(number_pairs(), 6):
        lines.append(f"{first} {signs[kind]} {second} = {first + second if kind == 'add' else first - second}")
    return "\n".join(lines)


def _tell_in_turn(rng: random.Random, codes: list[str]) -> list[str]:
    kind = rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    languages = [LANGUAGES[code] for code in codes]
    if kind == "math":
        problem = math_problems.told_problem(rng)
        return [math_problems.story(problem, language) for language in languages]
    if kind == "instructions":
        told = instructions.told_list(rng)
        return [instructions.story(told, language) for language in languages]
    item, mention = headlines.told_item(rng), rng.randrange(2)
    return [headlines.story(item, language, mention) for language in languages]
