"""The study file: what may stand in it, with which defaults, and what it means.

Every class is frozen and refuses unknown keys. `clt.study.load` reads the YAML and turns what pydantic
refuses into a StudyError with file and line; checks that need the data itself are in clt.data.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from clt.errors import UserError
from clt.study.baseline_spec import Baseline
from clt.study.endpoint_spec import Judge
from clt.study.fields import Count, Name, Setting, Spec, TaskName
from clt.study.mixture_spec import Languages, Mixture
from clt.study.model_shape import ModelShape
from clt.study.resources import Limits, ModelResources, Placement, Resources
from clt.study.spelling import keep_spelling
from clt.study.step_spec import Evaluation, Training
from clt.study.task_spec import Task


class Lora(Spec):
    rank: PositiveInt = 16
    """Rank of the update of each weight matrix."""
    alpha: PositiveFloat = 32.0  # a float in Python too: keys hash its JSON
    """The update is scaled by alpha / rank."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the adapter's inputs that are dropped in training."""
    target_modules: str | tuple[str, ...] = "all-linear"
    """Names of the layers that get an adapter, or `all-linear`: all but the output layer."""


class Model(Spec):
    name: Name
    """Name in cells, reports and file names; unique."""
    path: str | None = None
    """A hub id, a folder, s3://BUCKET/PREFIX or `demo:NAME`; without it the study can be planned and not run."""
    revision: str | None = None
    """A hub model's commit; needed for one."""
    family: str | None = None
    """Models of one family are compared by size, models of one size by family."""
    parameters: PositiveInt | None = None
    """Number of parameters; counted in the weights where they are at hand, needed for a hub model not fetched yet."""
    shape: ModelShape | None = None
    """A few numbers of its config.json, for the plan's estimate of memory; read there where it is at hand. Without them
    the memory of a hub model is not known, and nothing is refused for it."""
    method: Literal["full", "lora"] = "full"
    """Train all weights, or a LoRA adapter."""
    lora: Lora = Lora()
    """The adapter; only with `method: lora`."""
    chat: bool = False
    """Prompts as a user's turn in the tokenizer's chat template, in training and in evaluation."""
    system: Annotated[str, Field(min_length=1)] | None = None
    """A system text before the user's turn; only with `chat: true`."""
    bytes_per_token: PositiveFloat = 4.0
    """UTF-8 bytes of the study's texts per token: for the plan's estimates only."""
    trust_remote_code: bool = False
    """Run code that comes with the model: only where you trust its author."""
    resources: ModelResources = ModelResources()
    """What jobs of this model get, in place of the study's `resources.training` and `resources.evaluation`."""


class Study(Spec):
    name: Name
    """Name of the study, in keys and reports."""
    description: str = ""
    """A line for people."""
    models: tuple[Model, ...] = Field(min_length=1)
    """Base models."""
    tasks: dict[TaskName, Task] = Field(min_length=1)
    """Name to task."""
    languages: Languages
    """English, trained and evaluated languages."""
    settings: tuple[Setting, ...] = ("single_task",)
    """`single_task`: each task by itself; `multi_task`: the tasks' sets in one mixture, n per task and language."""
    mixtures: tuple[Mixture, ...] = Field(min_length=1)
    """The curves: families of mixtures over n."""
    seeds: tuple[Count, ...] = Field(default=(0,), min_length=1)
    """Each cell is trained once per seed; a second one tells noise from effects."""
    limits: Limits = Limits()
    """What the study may cost."""
    training: Training
    """How every cell is trained."""
    evaluation: Evaluation = Evaluation()
    """How every cell is evaluated."""
    judge: Judge | None = None
    """A model that rates answers, for the metric `judge`."""
    baseline: Baseline | None = None
    """A recurring baseline: what is an alarm, who is told."""
    resources: Resources = Resources()
    """What jobs get, and how fast accelerators are."""

    @model_validator(mode="before")
    @classmethod
    def _spelling(cls, value: Any) -> Any:
        return keep_spelling(value)

    def model(self, name: str) -> Model:
        return next(model for model in self.models if model.name == name)

    def placement(self, model: str, kind: Literal["training", "evaluation"]) -> Placement:
        """What a job of one model gets."""
        own: Placement | None = getattr(self.model(model).resources, kind)
        return own or (self.resources.training if kind == "training" else self.resources.evaluation)

    def mixture(self, name: str) -> Mixture:
        return next(mixture for mixture in self.mixtures if mixture.name == name)

    @property
    def evaluated_tokens(self) -> int:
        """Most tokens of a prompt and its answer in evaluation."""
        return self.evaluation.max_tokens or self.training.max_tokens

    def evaluated(self, task: str) -> tuple[str, ...]:
        """The languages that a task is evaluated in, in the study's order."""
        return self._of_task(task, self.languages.evaluate)

    def trained(self, task: str) -> tuple[str, ...]:
        """The languages beside English that a task can be trained on, in the study's order."""
        return self._of_task(task, self.languages.train)

    def _of_task(self, task: str, languages: tuple[str, ...]) -> tuple[str, ...]:
        own = self.tasks[task].languages
        return languages if own is None else tuple(code for code in languages if code in own)

    def of_run(self, index: int) -> "Study":
        """The study with the seeds of one run of its baseline (0: the first); itself where a run takes all of them."""
        if self.baseline is None or self.baseline.seeds == "fixed":
            return self
        count = self.baseline.seeds_per_run
        seeds = (self.seeds[(index * count + offset) % len(self.seeds)] for offset in range(count))
        return self.model_copy(update={"seeds": tuple(seeds)})

    def limited(self, rows: int) -> "Study":
        """The pilot of this study: no more than `rows` English rows, rows per language, test items and validation rows.

        Values of n that become equal are one. Optimizer steps shrink with the rows unless the study sets `max_steps`.
        Raises UserError for fewer rows than one.
        """
        if rows < 1:
            raise UserError(f"limit: got {rows}, expected a number of rows, 1 or more")
        mixtures = tuple(mixture.limited(rows, self.languages.train) for mixture in self.mixtures)
        items, validation = self.evaluation.max_items, self.training.validation_rows
        return self.model_copy(
            update={
                "mixtures": mixtures,
                "training": self.training.model_copy(update={"validation_rows": min(validation, rows)}),
                "evaluation": self.evaluation.model_copy(update={"max_items": min(items or rows, rows)}),
            }
        )
