"""The study file: what may stand in it, with which defaults, and what it means.

Every class is frozen and refuses unknown keys. `clt.study.load` reads the YAML and turns what pydantic
refuses into a StudyError with file and line; checks that need the data itself are in data_mixing.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from clt.study.fields import Count, Name, Setting, Spec, TaskName
from clt.study.languages import is_known
from clt.study.metrics import METRICS
from clt.study.resources import Limits, ModelResources, Placement, Resources


def _language(code: str) -> str:
    if not is_known(code):
        raise ValueError(f"got {code!r}, expected a lower-case ISO 639 language code such as 'pt'")
    return code


class Source(Spec):
    """Where a task's rows come from: a jsonl file a language, a data set for `datasets`, or only a number of rows."""

    path: str | None = None  # jsonl with {language}; "demo:..." and ${VARIABLE} are understood
    hub: str | None = None  # a hub data set id or a local folder that `datasets` loads; {language} is replaced
    config: str | None = None  # hub only; {language} is replaced
    split: str = "train"  # hub only; {language} is replaced
    revision: str | None = None  # hub only: the commit, so that the same study means the same rows
    files: str | None = None  # hub only: read these files (a pattern; {language} is replaced) as the split "train"
    where: dict[str, str] = Field(default={})  # hub only: column -> pattern of the rows to take; {language} and *
    ids: Literal["column", "row"] = "column"  # row: the row's number, where ids are missing or differ between languages
    columns: dict[str, str] = Field(default={})  # our name -> the source's column; others map to themselves
    languages: dict[str, str] = Field(default={})  # language code -> what this source calls it, where it differs
    rows: Count | dict[str, Count] | None = None  # declared rows (a language), for planning without the data
    bytes_per_row: PositiveInt | None = None  # prompt and answer, UTF-8; declared, for planning without the data
    on_bad_row: Literal["error", "skip"] = "error"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.path and self.hub:
            raise ValueError("got both `path` and `hub`, expected one of them")
        if not (self.path or self.hub) and self.rows is None:
            raise ValueError("got no `path`, `hub` or `rows`, expected one of them")
        return self

    @property
    def at_hand(self) -> bool:
        """Whether there is data behind it, or only a declared number of rows."""
        return bool(self.path or self.hub)

    def named(self, language: str) -> str:
        """What this source calls a language."""
        return self.languages.get(language, language)


class Task(Spec):
    """A training source, a test source, the prompt that both share, and the metrics (the first is the main one)."""

    train: Source
    test: Source
    prompt: str  # a template of the row's columns, such as "{question}\n"; the same in training and evaluation
    answer: str = "{answer}"  # a template of the row's columns: what the model learns to write
    metrics: tuple[str, ...] = Field(min_length=1)
    max_new_tokens: PositiveInt | None = None  # None: evaluation.max_new_tokens

    @field_validator("train", "test", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in METRICS:
                raise ValueError(f"got {name!r}, expected one of {', '.join(METRICS)}")
        return value


class Lora(Spec):
    rank: PositiveInt = 16
    alpha: PositiveFloat = 32.0  # a float in Python too: keys hash its JSON
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    target_modules: str | tuple[str, ...] = "all-linear"


class Model(Spec):
    name: Name
    path: str | None = None  # hub id, folder or demo:NAME; None: known only by its size, the study can only be planned
    revision: str | None = None  # the commit of a hub model
    family: str | None = None
    parameters: PositiveInt | None = None  # None: counted in the weights, where they are at hand
    method: Literal["full", "lora"] = "full"
    lora: Lora = Lora()  # only with method: lora
    bytes_per_token: PositiveFloat = 4.0  # of the study's texts, for estimates only
    trust_remote_code: bool = False  # run code that comes with the model: only where you trust its author
    resources: ModelResources = ModelResources()


class Languages(Spec):
    english: str = "en"
    train: tuple[str, ...]
    evaluate: tuple[str, ...] = Field(min_length=1)

    @field_validator("english")
    @classmethod
    def _known(cls, value: str) -> str:
        return _language(value)

    @field_validator("train", "evaluate")
    @classmethod
    def _known_and_distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            _language(code)
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
    design: Literal["additive", "fixed_budget"] = "additive"
    english_samples: (
        PositiveInt  # additive: English rows; fixed_budget: all rows, of which n per language replace English
    )
    samples_per_language: tuple[Count, ...] = Field(min_length=1)
    languages: tuple[str, ...] | None = None  # None: languages.train
    settings: tuple[Setting, ...] | None = None  # None: the study's
    models: tuple[str, ...] | None = None  # None: all
    tasks: tuple[str, ...] | None = None  # None: all
    seeds: tuple[Count, ...] | None = None  # None: the study's
    weights: dict[str, PositiveFloat] = Field(default={})  # language -> factor on n (rounded), 1 where it is not named

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


class Training(Spec):
    epochs: PositiveFloat | None = None
    max_steps: PositiveInt | None = None
    batch_size: PositiveInt = 64  # rows per optimizer step, over all processes
    micro_batch_size: PositiveInt | None = None  # rows per forward pass and process; None: all, on a CPU small pieces
    learning_rate: PositiveFloat = 1e-5
    schedule: Literal["constant", "cosine"] = "constant"
    warmup_steps: Count = 0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    max_grad_norm: PositiveFloat = 1.0
    max_tokens: PositiveInt = (
        2048  # longer rows lose the beginning of their prompt; rows whose answer alone is longer are refused
    )
    precision: Literal["float32", "bfloat16"] = "float32"
    checkpoint_every: PositiveInt = 50  # optimizer steps
    validation_rows: Annotated[int, Field(ge=1)] = 32  # per task and language, never trained on, the same for every n
    keep_checkpoints: Literal["selected", "all"] = "selected"  # whose weights stay once the scores are complete
    cpu_threads: PositiveInt = 1

    @model_validator(mode="after")
    def _length(self) -> Self:
        if (self.epochs is None) == (self.max_steps is None):
            raise ValueError("expected exactly one of `epochs` and `max_steps`")
        return self


class Every(Spec):
    every: PositiveInt  # each k-th checkpoint, and the selected one


class Evaluation(Spec):
    checkpoints: Literal["selected", "all"] | Every = "selected"
    max_items: PositiveInt | None = None  # per task and language: the first ones that all languages share
    max_new_tokens: PositiveInt = 256
    batch_size: PositiveInt = 32
    cpu_threads: PositiveInt = 1


class Study(Spec):
    name: Name
    description: str = ""
    models: tuple[Model, ...] = Field(min_length=1)
    tasks: dict[TaskName, Task] = Field(min_length=1)
    languages: Languages
    settings: tuple[Setting, ...] = ("single_task",)
    mixtures: tuple[Mixture, ...] = Field(min_length=1)
    seeds: tuple[Count, ...] = Field(default=(0,), min_length=1)
    limits: Limits = Limits()
    training: Training
    evaluation: Evaluation = Evaluation()
    resources: Resources = Resources()

    def model(self, name: str) -> Model:
        return next(model for model in self.models if model.name == name)

    def placement(self, model: str, kind: Literal["training", "evaluation"]) -> Placement:
        """What a job of one model gets."""
        own: Placement | None = getattr(self.model(model).resources, kind)
        return own or (self.resources.training if kind == "training" else self.resources.evaluation)

    def mixture(self, name: str) -> Mixture:
        return next(mixture for mixture in self.mixtures if mixture.name == name)

    def limited(self, rows: int) -> "Study":
        """The pilot of this study: no more than `rows` English rows, rows per language, test items and validation rows.

        Values of n that become equal are one. Optimizer steps shrink with the rows unless the study sets `max_steps`.
        """
        mixtures = tuple(mixture.limited(rows, self.languages.train) for mixture in self.mixtures)
        items, validation = self.evaluation.max_items, self.training.validation_rows
        return self.model_copy(
            update={
                "mixtures": mixtures,
                "training": self.training.model_copy(update={"validation_rows": min(validation, rows)}),
                "evaluation": self.evaluation.model_copy(update={"max_items": min(items or rows, rows)}),
            }
        )
