"""Solved examples that have no room before test items, found by the tokenizers that are at hand to the plan."""

from collections import Counter
from collections.abc import Iterator

from clt.data import Catalog, choose_shots
from clt.planning.text_fit import LOOKED_AT, Limits, TokenCounter, token_counter
from clt.study import Study

BETWEEN_TOKENS = 1  # after an example


def example_notes(catalog: Catalog) -> Iterator[str]:
    """One line for each task and model whose test items lose examples, with how many of which languages."""
    study = catalog.study
    for model in study.models:
        if (counter := token_counter(model)) is None:
            continue
        for task in study.tasks:
            lost, bare = _losses(catalog, counter, task)
            for what, found in (("have room for none", bare), ("have no room for some", lost)):
                if found:
                    counts = ", ".join(f"{language} {count}" for language, count in found.items())
                    yield (
                        f"tasks.{task}.shots, model {model.name}: test items {what} of their examples (of at most "
                        f"{LOOKED_AT:,} rows a language: {counts}); raise evaluation.max_tokens, or take fewer"
                    )


def _losses(catalog: Catalog, counter: TokenCounter, task: str) -> tuple[Counter[str], Counter[str]]:
    """Test items by language that lose some of their examples, and all of them."""
    lost, bare = Counter[str](), Counter[str]()
    room = _room(catalog.study, counter, task)
    for language, (split, hashes) in choose_shots(catalog, task).items():
        sizes = [counter.count(prompt + answer) + BETWEEN_TOKENS for _, prompt, answer in split.rendered(hashes)]
        tests = catalog.language_split(task, "test", language)
        for _, prompt, _ in tests.rendered(tests.spread(LOOKED_AT)):
            left = room - counter.count(prompt)
            if left < sizes[-1]:
                bare[language] += 1
            elif left < sum(sizes):
                lost[language] += 1
    return lost, bare


def _room(study: Study, counter: TokenCounter, task: str) -> int:
    """Tokens of a prompt with its examples."""
    return Limits.of(study, task, counter.positions).prompt - counter.around
