"""What a metric sees of one item, by the kind of the metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import regex

_THOUGHTS = regex.compile(r"<think>.*?(?:</think>|\Z)|\A(?:(?!<think>).)*</think>", regex.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextAnswer:
    """A text that a model wrote after a prompt, and what it is held against.

    What the model thought before it answered is cut off: <think>...</think>, also if the prompt opened it, and up to
    the text's end where it is never closed, as there is no answer then.
    """

    text: str
    reference: str
    language: str  # canonical code, as all codes here
    languages: tuple[str, ...] = ()  # all languages that are evaluated, this one among them
    question: str = ""  # the prompt
    question_label: str = ""  # what the task's prompts set before a question in this language, such as "Question:"
    answer_prefix: str = ""  # what stands before the answer in the task's exemplars, such as "The answer is"
    row: Mapping[str, str] = field(default_factory=dict)  # further columns of the item

    def __post_init__(self) -> None:
        if "think>" in self.text:
            object.__setattr__(self, "text", _THOUGHTS.sub("", self.text))


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelihoodAnswer:
    """How likely a model takes the reference after the prompt."""

    bits: float | None  # -log2 p, summed over the reference's tokens and the stop token; None: it cannot be asked for
    reference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceAnswer:
    """How likely a model takes each of the choices after the prompt."""

    bits: tuple[float | None, ...]  # as in LikelihoodAnswer, one a choice
    choices: tuple[str, ...]
    right: int  # index of the right choice


Answer = TextAnswer | LikelihoodAnswer | ChoiceAnswer
