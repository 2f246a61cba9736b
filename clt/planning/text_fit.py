"""Texts that will not fit, and text of special tokens, found by the tokenizers that are at hand to the plan.

A token is at least a byte, so only texts of as many bytes as tokens are allowed have to be tokenised. Of each language
so many rows are looked at, evenly spread over the source.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clt.data import Catalog, Split
from clt.study import METRICS, MetricKind, Model, Study, is_hub_id

LOOKED_AT = 1000  # rows of each language of a source


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tokens there is room for."""

    row: int  # a training row: prompt, answer and stop token
    prompt: int  # of a test item that is to be continued
    answer: int  # that is generated

    @classmethod
    def of(cls, study: Study, task: str) -> "Limits":
        longest = study.tasks[task].max_new_tokens or study.evaluation.max_new_tokens
        row = study.training.max_tokens
        answer = max(1, min(longest, row // 2))
        return cls(row, max(1, row - answer), answer)


class TokenCounter:
    """A model's tokenizer, as far as counting needs it."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def exceeds(self, limit: int, *texts: str) -> bool:
        """Whether texts, each tokenised by itself, have more tokens than that."""
        return sum(len(text.encode()) for text in texts) > limit and sum(map(self._count, texts)) > limit

    @cached_property
    def prefix(self) -> int:
        """Tokens that are put before a prompt, such as a BOS token."""
        bare, full = (self._tokenizer.encode("a", add_special_tokens=add).ids for add in (False, True))
        return next(at for at in range(len(full)) if full[at : at + len(bare)] == bare)

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _special(self) -> re.Pattern[str] | None:
        added: Any = self._tokenizer.get_added_tokens_decoder().values()
        texts = [re.escape(token.content) for token in added if token.special]
        return re.compile("|".join(texts)) if texts else None

    def special_texts(self, text: str) -> set[str]:
        """The special tokens that a text spells out."""
        return set(self._special.findall(text)) if self._special else set()


def text_notes(catalog: Catalog, keys: Iterable[tuple[str, Split, str]]) -> Iterator[str]:
    """One line for each kind of fault, model and source, with how many rows of which languages have it.

    Args:
        catalog: The sources of the study.
        keys: Task, split and language of those that the study needs.
    """
    keys, study = list(keys), catalog.study
    for model in study.models:
        if (counter := _counter(model)) is None:
            continue
        found: dict[tuple[str, str, str], Counter[str]] = {}
        for task, split, language in keys:
            for fault in _faults(catalog, counter, task, split, language):
                found.setdefault((task, split, fault), Counter())[language] += 1
        for (name, part, fault), languages in found.items():
            counts = ", ".join(f"{language} {count}" for language, count in languages.items())
            looked_at = f"of at most {LOOKED_AT:,} rows a language"
            yield f"tasks.{name}.{part}, model {model.name}: {fault} ({looked_at}: {counts})"


def _counter(model: Model) -> TokenCounter | None:
    """None where the tokenizer, or what reads it, is not at hand: the mixture's manifest counts without it."""
    if model.path is None or is_hub_id(model.path) or not (Path(model.path) / "tokenizer.json").is_file():
        return None
    try:
        return TokenCounter(Path(model.path))
    except ImportError:
        return None


def _faults(catalog: Catalog, counter: TokenCounter, task: str, split: Split, language: str) -> Iterator[str]:
    source = catalog.language_split(task, split, language)
    limits = Limits.of(catalog.study, task)
    known = {"prompt": counter.special_texts(source.prompt), "answer": counter.special_texts(source.answer)}
    length_fault = _training_fault if split == "train" else _test_fault
    for _, prompt, answer in source.rendered(source.spread(LOOKED_AT)):
        yield from length_fault(catalog.study, counter, limits, task, prompt, answer)
        for part, text in (("prompt", prompt), ("answer", answer)):
            for token in sorted(counter.special_texts(text) - known[part]):
                yield f"the {part} spells out {token}, which the model reads as that token"


def _training_fault(
    study: Study, counter: TokenCounter, limits: Limits, task: str, prompt: str, answer: str
) -> Iterator[str]:
    if counter.exceeds(limits.row - 2, answer):  # the stop token, and one token of prompt
        yield f"the answer has no room in training.max_tokens ({limits.row}): training will refuse it"
    elif counter.exceeds(limits.row - 1 - counter.prefix, prompt, answer):
        yield f"the prompt loses its beginning: with the answer it is longer than training.max_tokens ({limits.row})"


def _test_fault(
    study: Study, counter: TokenCounter, limits: Limits, task: str, prompt: str, answer: str
) -> Iterator[str]:
    if not any(METRICS[metric].kind == MetricKind.GENERATED_TEXT for metric in study.tasks[task].metrics):
        return
    if counter.exceeds(limits.prompt - counter.prefix, prompt):
        yield f"the prompt loses its beginning: it leaves no room for {limits.answer} new tokens in {limits.row}"
    if counter.exceeds(limits.answer, answer):
        yield f"the reference is longer than what is generated ({limits.answer} tokens)"
