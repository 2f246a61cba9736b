"""Texts that will not fit, and text of special tokens, found by the tokenizers that are at hand to the plan.

A token is at least a byte, so only texts of as many bytes as tokens are allowed have to be tokenised. Of each language
so many rows are looked at, evenly spread over the source.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from clt.data import Catalog
from clt.models import load_tokenizer, make_encoder
from clt.study import METRICS, MetricKind, Model, Split, Study, is_hub_id

LOOKED_AT = 1000  # rows of each language of a source


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tokens there is room for."""

    row: int  # a training row: prompt, answer and stop token
    prompt: int  # of a test item that is to be continued
    answer: int  # that is generated

    @classmethod
    def of(cls, study: Study, task: str, positions: int | None) -> "Limits":
        """For a model that has so many positions; None: that is not known."""
        longest = study.tasks[task].max_new_tokens or study.evaluation.max_new_tokens
        room = study.evaluated_tokens if positions is None else min(study.evaluated_tokens, positions)
        answer = max(1, min(longest, room // 2))
        return cls(study.training.max_tokens, max(1, room - answer), answer)


class TokenCounter:
    """A model's tokenizer, as far as counting needs it; with `template_tokens`, those that stand around a prompt."""

    def __init__(self, folder: Path, template_tokens: int | None = None) -> None:
        from tokenizers import Tokenizer

        self._template_tokens = template_tokens
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = folder / "config.json"
        known = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
        found = known.get("max_position_embeddings")
        self.positions = found if isinstance(found, int) else None  # of the model; None: not known

    def exceeds(self, limit: int, *texts: str) -> bool:
        """Whether texts, each tokenised by itself, have more tokens than that."""
        return sum(len(text.encode()) for text in texts) > limit and sum(map(self.count, texts)) > limit

    @property
    def least_prompt(self) -> int:
        """Tokens that a prompt has to have room for: one of its own, and the chat template's."""
        return 1 + (self._template_tokens or 0)

    @cached_property
    def around(self) -> int:
        """Tokens that are put around a prompt, such as a BOS token, or the chat template's."""
        if self._template_tokens is not None:
            return self._template_tokens
        bare, full = (self._tokenizer.encode("a", add_special_tokens=add).ids for add in (False, True))
        return next(at for at in range(len(full)) if full[at : at + len(bare)] == bare)

    def count(self, text: str) -> int:
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
        if (counter := token_counter(model)) is None:
            continue
        found: dict[tuple[str, str, str], Counter[str]] = {}
        for task, split, language in keys:
            for fault in _faults(catalog, counter, task, split, language):
                found.setdefault((task, split, fault), Counter())[language] += 1
        for (name, part, fault), languages in found.items():
            counts = ", ".join(f"{language} {count}" for language, count in languages.items())
            looked_at = f"of at most {LOOKED_AT:,} rows a language"
            yield f"tasks.{name}.{part}, model {model.name}: {fault} ({looked_at}: {counts})"


def token_counter(model: Model) -> TokenCounter | None:
    """A local model's; None where the tokenizer, or what reads it, is not at hand: mixtures are counted without it."""
    if model.path is None or is_hub_id(model.path) or not (Path(model.path) / "tokenizer.json").is_file():
        return None
    try:
        return TokenCounter(Path(model.path), _template_tokens(model) if model.chat else None)
    except ImportError:
        return None


def _template_tokens(model: Model) -> int:
    return make_encoder(load_tokenizer(model.path or "", model), model).least_prompt - 1


_Faults: TypeAlias = Callable[[Study, TokenCounter, Limits, str, str, str], Iterator[str]]


def _faults(catalog: Catalog, counter: TokenCounter, task: str, split: Split, language: str) -> Iterator[str]:
    source = catalog.language_split(task, split, language)
    limits = Limits.of(catalog.study, task, counter.positions)
    known = {"prompt": counter.special_texts(source.prompt), "answer": counter.special_texts(source.answer)}
    length_faults: dict[Split, _Faults] = {"train": _training_fault, "test": _test_fault, "shots": _no_fault}
    for _, prompt, answer in source.rendered(source.spread(LOOKED_AT)):
        yield from length_faults[split](catalog.study, counter, limits, task, prompt, answer)
        for part, text in (("prompt", prompt), ("answer", answer)):
            for token in sorted(counter.special_texts(text) - known[part]):
                yield f"the {part} spells out {token}, which the model reads as that token"


def _training_fault(
    study: Study, counter: TokenCounter, limits: Limits, task: str, prompt: str, answer: str
) -> Iterator[str]:
    if counter.exceeds(limits.row - 1 - counter.least_prompt, answer):  # 1: the stop token
        yield f"the answer has no room in training.max_tokens ({limits.row}): training will refuse it"
    elif counter.exceeds(limits.row - 1 - counter.around, prompt, answer):
        yield f"the prompt loses its beginning: with the answer it is longer than training.max_tokens ({limits.row})"


def _no_fault(*_: object) -> Iterator[str]:
    """Examples that there is no room for are left out as wholes, and counted."""
    yield from ()


def _test_fault(
    study: Study, counter: TokenCounter, limits: Limits, task: str, prompt: str, answer: str
) -> Iterator[str]:
    if not any(METRICS[metric].kind == MetricKind.GENERATED_TEXT for metric in study.tasks[task].metrics):
        return
    if counter.exceeds(limits.prompt - counter.around, prompt):
        room = limits.prompt + limits.answer
        yield f"the prompt loses its beginning: it leaves no room for {limits.answer} new tokens in {room}"
    if counter.exceeds(limits.answer, answer):
        yield f"the reference is longer than what is generated ({limits.answer} tokens)"
