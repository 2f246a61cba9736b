"""The interface of an engine: tokens of prompts in, texts and why they ended out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Finish = Literal["stop", "length"]  # a stop token or a stop text; max_new_tokens


@dataclass(frozen=True, slots=True)
class Stop:
    """What ends an answer, and is no part of it."""

    tokens: frozenset[int]
    texts: tuple[str, ...] = ()  # where the first of them occurs in the decoded text; no empty ones


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote for one prompt."""

    text: str  # without special tokens, up to what stopped it
    tokens: int  # that were written: a stop token does not count, those of a stop text do
    finish: Finish


class Engine(Protocol):
    """Greedy decoding; the same prompts give the same answers."""

    @property
    def name(self) -> str:
        """As the study and the manifests call it."""

    @property
    def version(self) -> str:
        """Of the program that decodes."""

    def generate(self, prompts: Sequence[Sequence[int]], *, stop: Stop, max_new_tokens: int) -> list[Written]:
        """What follows each prompt.

        Args:
            prompts: Token ids, at least one a prompt.
            stop: What ends an answer before `max_new_tokens`.
            max_new_tokens: Of an answer, 1 or more.

        Returns:
            One for every prompt, in their order.
        """
