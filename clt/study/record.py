"""A planned study: the spec, the facts about its data and models, its grid, and the store key of every step.

The plan step publishes it once under `studies/STUDY_KEY`; the other steps read it from there, and no study file.
A step's key is a hash of everything that determines its output; names, resources and versions stay outside.
"""

from functools import cached_property

from clt.hashing import digest, short_hash
from clt.study.fields import Spec
from clt.study.grid import Cell, Grid
from clt.study.spec import Model, Study

# Raised by hand when a step's results change for the same inputs.
MIXTURE_FORMAT = 1
ITEMS_FORMAT = 1
TRAINING_FORMAT = 1
EVALUATION_FORMAT = 1

ROWS = {"columns", "on_bad_row", "ids", "where"}  # what a source says about its rows, beside where they are


def checkpoint_key(training_key: str, step: int) -> str:
    """Where the weights after `step` optimizer steps of a training are."""
    return f"{training_key}/checkpoints/{step:08d}"


class SourceFacts(Spec):
    """What inspection found behind one task, split and language."""

    checksum: str  # of the rows, or of hub id, config, split and revision; empty if the rows are only declared
    rows: int
    mean_bytes: float  # UTF-8 bytes of prompt and answer a row


class ModelFacts(Spec):
    """What identifies a model's weights and tokenizer, and its size."""

    identity: str  # SHA-256 over the folder's files, or hub id and commit; "declared NAME" if there are no weights
    parameters: int
    bytes: int  # of the weights on disk


class Facts(Spec):
    sources: dict[str, SourceFacts]  # "TASK/train/LANGUAGE" and "TASK/test/LANGUAGE"
    models: dict[str, ModelFacts]

    def source(self, task: str, split: str, language: str) -> SourceFacts:
        return self.sources[f"{task}/{split}/{language}"]


class StudyRecord(Spec):
    study: Study  # paths resolved: absolute, variables replaced
    facts: Facts
    grid: Grid
    repeat: str = ""

    @cached_property
    def key(self) -> str:
        """The study's key: its name and a hash of all that is in the record."""
        return f"{self.study.name}-{short_hash(self.model_dump(mode='json'))}"

    def model(self, cell: Cell) -> Model:
        return self.study.model(cell.model)

    def items_key(self, task: str) -> str:
        """Where the test items of one task are: rendered prompts and references in every evaluated language."""
        spec, study = self.study.tasks[task], self.study
        languages = study.evaluated(task)
        return "items/" + digest(
            {
                "format": ITEMS_FORMAT,
                "sources": {code: self.facts.source(task, "test", code).checksum for code in languages},
                "source": spec.test.model_dump(include=ROWS),
                "prompt": spec.prompt,
                "answer": spec.answer,
                "max_items": study.evaluation.max_items,
            }
        )

    def mixture_key(self, cell: Cell) -> str:
        """Where the cell's training and validation rows are."""
        study = self.study
        return "mixtures/" + digest(
            {
                "format": MIXTURE_FORMAT,
                "sources": {  # of all trained languages: a row is left out in every language if it is in one
                    name: source.checksum
                    for name, source in self.facts.sources.items()
                    if name.startswith(tuple(f"{task}/train/" for task in cell.tasks))
                },
                "tasks": {
                    task: study.tasks[task].model_dump(include={"prompt", "answer"})
                    | study.tasks[task].train.model_dump(include=ROWS)
                    for task in cell.tasks
                },
                "items": [self.items_key(task) for task in cell.tasks],  # decontamination depends on them
                "rows": cell.rows,
                "validation_languages": cell.validation_languages,
                "validation_rows": study.training.validation_rows,
                "seed": cell.seed,
            }
        )

    def training_key(self, cell: Cell) -> str:
        """Where the cell's training result and (below it) its checkpoints are."""
        model = self.model(cell)
        return "trainings/" + digest(
            {
                "format": TRAINING_FORMAT,
                "mixture": self.mixture_key(cell),
                "model": self.facts.models[model.name].identity,
                "method": model.method,
                "lora": model.lora.model_dump() if model.method == "lora" else None,
                "training": self.study.training.model_dump(exclude={"keep_checkpoints"}),
                "seed": cell.seed,
                "repeat": cell.repeat,
            }
        )

    def evaluation_key(self, cell: Cell) -> str:
        """Where the cell's scores are; this artifact's completion is the cell's completion."""
        study = self.study
        model = self.model(cell)
        return "evaluations/" + digest(
            {
                "format": EVALUATION_FORMAT,
                "weights": self.facts.models[model.name].identity if cell.is_base else self.training_key(cell),
                "repeat": cell.repeat,
                "items": [self.items_key(task) for task in cell.tasks],
                "tasks": {
                    task: study.tasks[task].model_dump(include={"metrics", "max_new_tokens"}) for task in cell.tasks
                },
                "evaluation": study.evaluation.model_dump(
                    exclude={"max_items", "checkpoints"} if cell.is_base else {"max_items"}
                ),
                "max_tokens": study.training.max_tokens,
                "precision": study.training.precision,
            }
        )
