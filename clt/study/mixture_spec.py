"""The `languages` and `mixtures` of a study file: what a curve trains on, at which n."""

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from clt.study.fields import Count, Name, Setting, Spec
from clt.study.languages import ByLanguage, Language


class Languages(Spec):
    english: Language = "en"
    """The language that is in every mixture. Languages are written in ISO 639 or BCP 47 (`fr`, `fra`, `pt-BR`); cells,
    scores and reports have the shortest code that means the same.
    """
    train: tuple[Language, ...]
    """Languages that mixtures add to English."""
    evaluate: tuple[Language, ...] = Field(min_length=1)
    """Languages that every cell is evaluated in: English, the trained ones and the held-out ones."""

    @field_validator("train", "evaluate")
    @classmethod
    def _distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if repeated := {code for code in value if value.count(code) > 1}:
            raise ValueError(f"got {', '.join(sorted(repeated))} twice, expected each language once")
        return value

    @model_validator(mode="after")
    def _roles(self) -> Self:
        if self.english in self.train:
            raise ValueError(
                f"train: got {self.english!r}, expected languages other than `english`, which is in every mixture"
            )
        if missing := [code for code in (self.english, *self.train) if code not in self.evaluate]:
            raise ValueError(
                f"evaluate: {', '.join(missing)} missing, expected English and every trained language in it"
            )
        return self


class Mixture(Spec):
    """A family of mixtures: English plus n rows in each language, for every n of samples_per_language."""

    name: Name = "mixture"
    """Name of the curve; unique."""
    design: Literal["additive", "fixed_budget"] = "additive"
    """`additive`: n rows per language are added to the English ones; `fixed_budget`: they replace English rows, so
    that the sum stays.
    """
    english_samples: PositiveInt
    """Design additive: English rows; fixed_budget: all rows."""
    samples_per_language: tuple[Count, ...] = Field(min_length=1)
    """The curve's n: rows in each training language (and of each task)."""
    languages: tuple[Language, ...] | None = None
    """Training languages of this curve; by default `languages.train`."""
    settings: tuple[Setting, ...] | None = None
    """By default the study's."""
    models: tuple[str, ...] | None = None
    """By default all."""
    tasks: tuple[str, ...] | None = None
    """By default all."""
    seeds: tuple[Count, ...] | None = None
    """By default the study's."""
    weights: ByLanguage[PositiveFloat] = Field(default={})
    """Language to factor on n (rounded); 1 where it is not named."""

    def rows(self, samples_per_language: int, language: str) -> int:
        """Rows of one non-English language at a given n, after its weight."""
        return round(samples_per_language * self.weights.get(language, 1.0))

    def replaced(self, samples_per_language: int, languages: tuple[str, ...]) -> int:
        """Rows of all non-English languages together at a given n; `languages` are the study's trained ones."""
        return sum(self.rows(samples_per_language, language) for language in self.languages or languages)

    def limited(self, rows: int, languages: tuple[str, ...]) -> "Mixture":
        """The same mixture with no more than `rows` English rows (fixed_budget: rows in all) and rows a language."""
        english = min(self.english_samples, rows)
        most = rows
        while most and any(self.rows(most, language) > rows for language in self.languages or languages):
            most -= 1
        while most and self.design == "fixed_budget" and self.replaced(most, languages) > english:
            most -= 1
        samples = tuple(dict.fromkeys(min(n, most) for n in self.samples_per_language))
        return self.model_copy(update={"english_samples": english, "samples_per_language": samples})
