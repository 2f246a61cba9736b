"""A planned study: the spec, the facts about its data and models, its grid, and the store key of every step.

The plan step publishes it once under `studies/STUDY_KEY`; the other steps read it from there, and no study file.
A step's key is a hash of its identity: everything that determines its output, by name, so that two plans can say in
what they differ. Names, resources and versions stay outside.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import Field

from clt.hashing import digest, short_hash
from clt.metrics import METRICS, MetricKind
from clt.study.facts import DrawFacts, Facts, draw_name
from clt.study.fields import Spec
from clt.study.grid import Cell, Grid, task_rows, task_validation
from clt.study.judge_identity import is_judged, judge_identity
from clt.study.spec import Model, Study
from clt.study.task_spec import in_language
from clt.study.undrawn import undrawn_rows, unseen_items

# Raised by hand when a step's results change for the same inputs.
MIXTURE_FORMAT = 2
ITEMS_FORMAT = 2
TRAINING_FORMAT = 3
ANSWERS_FORMAT = 2
EVALUATION_FORMAT = 3
FORMATS = {
    "items": ITEMS_FORMAT,
    "mixtures": MIXTURE_FORMAT,
    "trainings": TRAINING_FORMAT,
    "answers": ANSWERS_FORMAT,
    "evaluations": EVALUATION_FORMAT,
}

# What a study says of its training that changes no weights.
SAME_WEIGHTS = {"keep_checkpoints", "validation_rows", "state_minutes", "activation_checkpointing"}

Identity = dict[str, Any]  # JSON-able: ingredient -> what it is


def checkpoint_key(training_key: str, step: int) -> str:
    """Where the weights after `step` optimizer steps of a training are."""
    return f"{training_key}/checkpoints/{step:08d}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One checkpoint's texts, or its likelihoods of the references, for the items of one task and language."""

    task: str
    language: str
    kind: MetricKind
    key: str  # where they are


class StudyRecord(Spec):
    study: Study  # paths resolved: absolute, variables replaced
    facts: Facts
    grid: Grid
    repeat: str = ""
    formats: dict[str, int] = Field(default={})  # of the steps when it was planned; empty: by an older version

    @cached_property
    def key(self) -> str:
        """The study's key: its name and a hash of all that is in the record."""
        return f"{self.study.name}-{short_hash(self.model_dump(mode='json'))}"

    def model(self, cell: Cell) -> Model:
        return self.study.model(cell.model)

    def items_key(self, task: str) -> str:
        """Where the test items of one task are: rendered prompts and references in every evaluated language."""
        languages = self.study.evaluated(task)
        return "items/" + digest(
            {"format": ITEMS_FORMAT, "items": {code: self._items(task, code) for code in languages}}
        )

    def mixture_key(self, cell: Cell) -> str:
        """Where the cell's training and validation rows are."""
        return "mixtures/" + digest(self.mixture_identity(cell))

    def training_key(self, cell: Cell) -> str:
        """Where the cell's training result and (below it) its checkpoints are."""
        return "trainings/" + digest(self.training_identity(cell))

    def answers(self, cell: Cell, step: int) -> list[Answer]:
        """What the cell's metrics need of one checkpoint: texts and likelihoods, by task and language."""
        weights = {
            "format": ANSWERS_FORMAT,
            "weights": self._weights(cell),
            **self._conversation(cell),
            "step": step,
            "repeat": cell.repeat,
        }
        return [
            Answer(
                task=task,
                language=code,
                kind=kind,
                key=f"answers/{digest(weights | {'items': self._items(task, code), **decoding})}",
            )
            for task in cell.tasks
            for code in self.study.evaluated(task)
            for kind, decoding in self._decodings(task, code).items()
        ]

    def evaluation_key(self, cell: Cell) -> str:
        """Where the cell's scores are; this artifact's completion is the cell's completion."""
        return "evaluations/" + digest(self.evaluation_identity(cell))

    def mixture_identity(self, cell: Cell) -> Identity:
        """What determines the rows of a cell, and what its mixture's manifest says was left out."""
        draws = self._draws(cell)
        left_out = {place: draw.left_out for place, draw in draws.items()}
        return {
            "format": MIXTURE_FORMAT,
            **self._rows(cell, draws),
            "left_out": left_out,
            "decontamination": {task: self.study.tasks[task].decontamination for task in sorted(cell.tasks)},
            "seed": cell.seed,
        }

    def training_identity(self, cell: Cell) -> Identity:
        """What determines the weights of a cell: its rows, not the sources that they come from."""
        model = self.model(cell)
        return {
            "format": TRAINING_FORMAT,
            **self._rows(cell, self._draws(cell)),
            "model": self.facts.models[model.name].identity,
            "method": model.method,
            "lora": model.lora.model_dump() if model.method == "lora" else None,
            **self._conversation(cell),
            "training": self.study.training.model_dump(exclude=SAME_WEIGHTS),
            "seed": cell.seed,
            "repeat": cell.repeat,
        }

    def evaluation_identity(self, cell: Cell) -> Identity:
        """What determines the scores of a cell: its answers, and the metrics that score them."""
        tasks = {task: self.study.tasks[task].metrics for task in cell.tasks}
        return {
            "format": EVALUATION_FORMAT,
            "answers": ANSWERS_FORMAT,
            "weights": self._weights(cell),
            **self._conversation(cell),
            "repeat": cell.repeat,
            "items": {
                f"{task}/{code}": self._items(task, code) for task in tasks for code in self.study.evaluated(task)
            },
            "rates": METRICS["language_fidelity"].version,  # by which the answers in another language are counted
            "metrics": {task: {name: METRICS[name].version for name in names} for task, names in tasks.items()},
            **({"judge": judge_identity(self.study)} if is_judged(self.study, cell.tasks) else {}),
            "decoding": {
                f"{task}/{code}": self._decodings(task, code) for task in tasks for code in self.study.evaluated(task)
            },
            "labels": {
                f"{task}/{code}": self._labels(task, code) for task in tasks for code in self.study.evaluated(task)
            },
            "checkpoints": None if cell.is_base else self.study.evaluation.model_dump()["checkpoints"],
        }

    def answer_kinds(self, task: str) -> tuple[MetricKind, ...]:
        """What the metrics of a task need of a model, in a fixed order."""
        kinds = {METRICS[name].kind for name in self.study.tasks[task].metrics}
        return tuple(kind for kind in MetricKind if kind in kinds)

    def draw(self, task: str, language: str, cell: Cell) -> DrawFacts:
        """What the cell takes of one task and language."""
        rows = task_rows(self.study, cell, task).get(language, 0)
        known = self.facts.draws.get(draw_name(task, language, cell.seed, rows))
        return known or undrawn_rows(self.study, self.facts, task, language, rows=rows, seed=cell.seed)

    def max_new_tokens(self, task: str) -> int:
        """Longest answer of a task: at most half of what there is room for, as the other half is the prompt's."""
        longest = self.study.tasks[task].max_new_tokens or self.study.evaluation.max_new_tokens
        return max(1, min(longest, self.study.evaluated_tokens // 2))

    @property
    def wants_other_weights(self) -> bool:
        """Whether the study may need weights of other checkpoints than the selected ones."""
        return self.study.training.keep_checkpoints != "selected" or self.study.evaluation.checkpoints != "selected"

    def _conversation(self, cell: Cell) -> Identity:
        """How prompts become conversations; nothing where they are plain text, as in plans that do not know of it."""
        model = self.model(cell)
        return {"chat": {"system": model.system}} if model.chat else {}

    def _weights(self, cell: Cell) -> str:
        return self.facts.models[cell.model].identity if cell.is_base else self.training_key(cell)

    def _draws(self, cell: Cell) -> dict[str, DrawFacts]:
        """By "TASK/LANGUAGE"; of a language that is only validated a draw of 0 rows."""
        return {
            f"{task}/{code}": self.draw(task, code, cell)
            for task in sorted(cell.tasks)
            for code in task_validation(self.study, cell, task)  # every language that is trained on is validated
        }

    def _rows(self, cell: Cell, draws: dict[str, DrawFacts]) -> Identity:
        """The digests of the rows of each task and language, for training and for validation."""
        return {
            "rows": {place: draw.rows for place, draw in draws.items() if place.rpartition("/")[2] in cell.rows},
            "validation": {place: draw.validation for place, draw in draws.items()},
        }

    def _items(self, task: str, language: str) -> str:
        place = f"{task}/{language}"
        known, shots = self.facts.items.get(place), self.facts.shots.get(place)
        if known is None:
            return unseen_items(self.study, self.facts, task, language)
        choices = self.study.tasks[task].choices
        more = [part for part in (shots, choices and choices.right_is) if part is not None]
        return digest([known, *more]) if more else known

    def _labels(self, task: str, language: str) -> list[str]:
        """What a written answer is read by."""
        spec = self.study.tasks[task]
        return [in_language(spec.question_label, language), in_language(spec.answer_prefix, language)]

    def _decodings(self, task: str, language: str) -> dict[MetricKind, Identity]:
        return {kind: self._decoding(task, language, kind) for kind in self.answer_kinds(task)}

    def _decoding(self, task: str, language: str, kind: MetricKind) -> Identity:
        """What determines an answer beside weights and item."""
        study, spec = self.study, self.study.tasks[task]
        settings: Identity = {
            "kind": kind,
            "max_tokens": study.evaluated_tokens,
            "shots": None if spec.shots is None else spec.shots.format,
            "precision": study.training.precision,
            "batch_size": study.evaluation.batch_size,
            "cpu_threads": study.evaluation.cpu_threads,
        }
        if kind == MetricKind.GENERATED_TEXT:
            settings |= {"max_new_tokens": self.max_new_tokens(task), "stop": spec.stops(language)}
            if study.evaluation.engine != "hf":
                settings["engine"] = list(study.evaluation.engine.server)
        return settings
