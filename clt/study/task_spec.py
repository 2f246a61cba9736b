"""The `tasks` of a study file: their sources, the prompt, and how answers are scored."""

from collections.abc import Callable
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, field_validator

from clt.languages import language_name
from clt.metrics import METRICS
from clt.study.fields import Spec
from clt.study.languages import ByLanguage, Language
from clt.study.source_spec import Source

Comparison = Literal["id", "text"]
Split = Literal["train", "test", "shots"]
# Names in a template that are no columns, and what they stand for in a language.
OF_THE_LANGUAGE: dict[str, Callable[[str], str]] = {"language": str, "language_name": language_name}
LABELS = ("question_label", "answer_prefix")  # fields of the task that a template may name


class Shots(Spec):
    """Solved examples that stand before every test item of a language: the same ones, in the same order."""

    count: PositiveInt
    """How many. A prompt that is too long loses whole ones, the first first; how many it lost is counted."""
    source: Source | None = None
    """Where they come from; by default the task's training source. Never a test item, by its id or its text."""
    order: Literal["source", "ids"] = "source"
    """Which rows are taken: the first ones of the source, or those whose hashed ids are smallest, so that languages in
    parallel have the same ones.
    """
    languages: Literal["same"] | ByLanguage[Language] = "same"
    """Whose examples a language has: `same`, its own; or a mapping for those that have none: `{ko: en}`."""
    prompt: str | ByLanguage[str] | None = None
    """Template of an example's question; by default the task's `prompt`."""
    answer: str | None = None
    """Template of an example's answer; by default the task's `answer`."""
    format: Literal["plain", "multiturn"] = "plain"
    """`plain`: in front of the question; `multiturn`: turns of a conversation of their own, for a model with `chat`."""

    @field_validator("source", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    def of(self, language: str) -> str:
        """The language whose examples a language has."""
        return language if self.languages == "same" else self.languages.get(language, language)


class Choices(Spec):
    """The answers that an item offers, whose likelihoods are compared."""

    options: tuple[str, ...] = Field(min_length=2)
    """Templates of the row's columns, such as `["{option_a}", "{option_b}"]`, or letters that the prompt explains."""
    right: str
    """Template of which one is right: its number from 1, its letter from A, or its text."""
    right_is: Literal["number", "letter", "text"] | None = None
    """Which of these `right` is, where a row could mean several: a 3 among choices that are numbers."""


class Task(Spec):
    """A training source, a test source, the prompt that both share, and the metrics (the first is the main one)."""

    use: str | None = None
    """A ready task, which gives all fields that are not written here: see below."""
    train: Source
    """Where training rows come from: a source, or the path of one."""
    test: Source
    """Where test items come from: a source, or the path of one."""
    prompt: str | ByLanguage[str]
    """A template of the row's columns, such as `"{question}\\n"`, or one a language; training and evaluation share it.
    `{language}` is the language's code, `{language_name}` its English name.
    """
    answer: str = "{answer}"
    """A template as `prompt`: what the model learns to write, and the reference in evaluation."""
    metrics: tuple[str, ...] = Field(min_length=1)
    """How answers are scored, see below; the first metric is the main one."""
    question_label: str | ByLanguage[str] = ""
    """What stands before a question, without its colon: `Question`. A template may say `{question_label}`. A line that
    begins with it ends a written answer, and what follows it is not read as one.
    """
    answer_prefix: str | ByLanguage[str] = ""
    """How an answer is stated: `The answer is`; beside those that `math_answer` knows. A template may say
    `{answer_prefix}`.
    """
    shots: Shots | None = None
    """Solved examples before each test item; `shots: 8` is `{count: 8}`."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Texts that end a written answer, beside the stop token and the next question's label."""
    choices: Choices | None = None
    """The answers that an item offers, for metrics of choices."""
    constraints: str | None = None
    """Template of the checks that the metric `constraints` makes of an answer: a column with their JSON."""
    max_new_tokens: PositiveInt | None = None
    """Longest answer that is generated; by default `evaluation.max_new_tokens`."""
    languages: tuple[Language, ...] | None = None
    """The languages that this task has, English among them; by default all of the study's."""
    decontamination: tuple[Comparison, ...] = ("id", "text")
    """By what training rows are held against test items, and left out with their translations where they agree: `id`,
    and `text` of the prompt; `[]`: by nothing.
    """

    @field_validator("train", "test", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("shots", mode="before")
    @classmethod
    def _count_alone(cls, value: Any) -> Any:
        return ({"count": value} if value else None) if type(value) is int else value

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in METRICS:
                raise ValueError(f"got {name!r}, expected one of {', '.join(METRICS)}")
        return value

    def source(self, split: Split) -> Source:
        """Where the rows of a split come from; `shots` has one of its own or none."""
        if split == "shots":
            return self.shots.source if self.shots and self.shots.source else self.train
        return self.train if split == "train" else self.test

    @property
    def shots_split(self) -> Split:
        """The split that examples come from: `train` where they are rows as training has them."""
        shots = self.shots
        return "shots" if shots and (shots.source or shots.prompt or shots.answer) else "train"

    def prompt_in(self, language: str, split: Split = "test") -> str:
        """The prompt's template in a language: all that is left in braces are columns."""
        own = self.shots.prompt if split == "shots" and self.shots is not None else None
        return self._in_language(in_language(own or self.prompt, language), language)

    def answer_in(self, language: str, split: Split = "test") -> str:
        """The answer's template in a language."""
        own = self.shots.answer if split == "shots" and self.shots is not None else None
        return self._in_language(own or self.answer, language)

    def expected_in(self, language: str) -> list[str]:
        """The templates of what an item's answers are held against: the answer, or choices and which one is right;
        then the constraints, if the task has any."""
        texts = (self.answer,) if self.choices is None else (*self.choices.options, self.choices.right)
        if self.constraints is not None:
            texts = (*texts, self.constraints)
        return [self._in_language(text, language) for text in texts]

    def stops(self, language: str) -> tuple[str, ...]:
        """The texts that end an answer: the task's own, and the label of a next question with either colon.

        The label of the examples' language, too: a model goes on as they do.
        """
        languages = [language] if self.shots is None else [language, self.shots.of(language)]
        labels = dict.fromkeys(in_language(self.question_label, code) for code in languages)
        marks = (f"\n{label}{colon}" for label in labels if label for colon in (":", " :", "："))
        return (*self.stop, *marks)

    def _in_language(self, template: str, language: str) -> str:
        words = {name: word(language) for name, word in OF_THE_LANGUAGE.items()}
        words |= {name: in_language(getattr(self, name), language) for name in LABELS}
        parts = []
        for text, name, _, _ in Formatter().parse(template):
            parts.append(_escaped(text))
            if name is not None:
                parts.append(_escaped(words[name]) if name in words else f"{{{name}}}")
        return "".join(parts)


def in_language(text: str | dict[str, str], language: str) -> str:
    """A text that may be one a language; empty where a language has none."""
    return text if isinstance(text, str) else text.get(language, "")


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
