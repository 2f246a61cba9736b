"""What one cell costs: tokens, optimizer steps, time and disk, from the study's facts and its table of speeds.

Floating-point operations are 6 x parameters x tokens for full fine-tuning (forward 2, backward 4: Kaplan et al. 2020,
arXiv 2001.08361, section 2.1), 4 for LoRA (no gradients of the frozen weights) and 2 for a forward pass (validation,
evaluation). Time is operations / (resources.speeds[accelerator] x accelerators); starting and loading are not in it.
Generation is slower a token than a forward pass over known text: give resources.evaluation an accelerator of its own
in resources.speeds; the layers of an evaluated model work in turn, so several accelerators are as fast as one. Every
item that needs generation is counted with max_new_tokens, so evaluation is an upper bound.
"""

import math
from dataclasses import dataclass

from clt.study import (
    METRICS,
    Cell,
    Lora,
    MetricKind,
    Model,
    Placement,
    StudyRecord,
    Training,
    task_rows,
    task_validation,
)

BYTES_PER_VALUE = {"float32": 4, "bfloat16": 2}
ADAM_MOMENTS = 2  # what the optimizer keeps for every trained parameter, in float32
STATES_KEPT = 2  # the new resume state is complete before the one that it supersedes goes
ROW_OVERHEAD_BYTES = 90  # of a row in train.jsonl: id, task, language and the names of the fields
FULL_OPERATIONS, LORA_OPERATIONS, FORWARD_OPERATIONS = 6, 4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCost:
    """Estimates for one cell; sizes in bytes, times in seconds."""

    cell: Cell
    rows: int  # of the mixture, validation not included
    tokens: int  # that training sees, all epochs
    steps: int  # of the optimizer
    checkpoints: int
    evaluated_checkpoints: int  # 1 for a base model: itself
    items: int  # of one evaluation, all tasks and languages
    training_seconds: float
    evaluation_seconds: float
    gpu_hours: float  # 0 for accelerators whose name starts with "cpu"
    mixture_bytes: int
    kept_bytes: int  # of weights, once the cell is complete
    transient_bytes: int  # beyond kept_bytes while it runs: the other checkpoints and the resume states

    @property
    def seconds(self) -> float:
        return self.training_seconds + self.evaluation_seconds


def optimizer_steps(training: Training, rows: int) -> int:
    """Optimizer steps of a training: `max_steps`, or the batches of all epochs, the last one possibly smaller.

    Args:
        training: The study's settings.
        rows: Of the mixture.
    """
    if training.max_steps is not None:
        return training.max_steps
    assert training.epochs is not None
    return math.ceil(max(1, round(rows * training.epochs)) / training.batch_size)


def cell_cost(record: StudyRecord, cell: Cell) -> CellCost:
    """The cost of one cell of a planned study: tokens, steps, seconds, bytes. The module says by which formulas."""
    model, training = record.model(cell), record.study.training
    parameters = record.facts.models[model.name].parameters
    rows, row_bytes = _training_rows(record, cell)
    steps = 0 if cell.is_base else optimizer_steps(training, rows)
    checkpoints = math.ceil(steps / training.checkpoint_every)
    tokens = _tokens(row_bytes * _passes(training, rows), model)
    validation_rows, validation_bytes = _validation_rows(record, cell)
    operations = tokens * (FULL_OPERATIONS if model.method == "full" else LORA_OPERATIONS)
    operations += checkpoints * _tokens(validation_bytes, model) * FORWARD_OPERATIONS
    evaluated = 1 if cell.is_base else _evaluated(record, checkpoints)
    items, item_tokens = _items(record, cell, model)
    trainer = record.study.placement(model.name, "training")
    evaluator = record.study.placement(model.name, "evaluation")
    training_seconds = operations * parameters / (_speed(record, trainer) * trainer.processes)
    evaluation_seconds = evaluated * item_tokens * parameters * FORWARD_OPERATIONS / _speed(record, evaluator)
    weights, state = _checkpoint_bytes(model, parameters, training.precision)
    kept = 0 if cell.is_base else weights * (1 if training.keep_checkpoints == "selected" else checkpoints)
    return CellCost(
        cell=cell,
        rows=rows,
        tokens=tokens,
        steps=steps,
        checkpoints=checkpoints,
        evaluated_checkpoints=evaluated,
        items=items,
        training_seconds=training_seconds,
        evaluation_seconds=evaluation_seconds,
        gpu_hours=_gpu_hours(training_seconds, trainer) + _gpu_hours(evaluation_seconds, evaluator),
        mixture_bytes=round(row_bytes + validation_bytes) + ROW_OVERHEAD_BYTES * (rows + validation_rows),
        kept_bytes=kept,
        transient_bytes=0 if cell.is_base else weights * checkpoints - kept + state * STATES_KEPT,
    )


def _training_rows(record: StudyRecord, cell: Cell) -> tuple[int, float]:
    """Rows of the cell's mixture and their bytes."""
    source = record.facts.source
    counts = [
        (source(task, "train", language), n)
        for task in cell.tasks
        for language, n in task_rows(record.study, cell, task).items()
    ]
    return sum(n for _, n in counts), sum(facts.mean_bytes * n for facts, n in counts)


def _passes(training: Training, rows: int) -> float:
    """How often training sees a row on average."""
    if training.max_steps is not None:
        return training.max_steps * training.batch_size / rows if rows else 0.0
    return training.epochs or 0.0


def _validation_rows(record: StudyRecord, cell: Cell) -> tuple[int, float]:
    rows = record.study.training.validation_rows
    sources = [
        record.facts.source(task, "train", language)
        for task in cell.tasks
        for language in task_validation(record.study, cell, task)
    ]
    return rows * len(sources), sum(facts.mean_bytes * rows for facts in sources)


def _shots(record: StudyRecord, task: str, language: str) -> float:
    """Bytes of the examples before each item of a task and language."""
    spec = record.study.tasks[task]
    if spec.shots is None:
        return 0.0
    facts = record.facts.sources.get(f"{task}/{spec.shots_split}/{spec.shots.of(language)}")
    if facts is None:  # only declared, and not for this language
        facts = record.facts.source(task, "test", language)
    return spec.shots.count * facts.mean_bytes


def _items(record: StudyRecord, cell: Cell, model: Model) -> tuple[int, float]:
    """Test items of the cell and the tokens that one evaluation processes: prompt and answer, and what is generated."""
    study, items, tokens = record.study, 0, 0.0
    for name in cell.tasks:
        task = study.tasks[name]
        generated = task.max_new_tokens or study.evaluation.max_new_tokens
        kinds = {METRICS[metric].kind for metric in task.metrics}
        generates, scores_likelihood = MetricKind.GENERATED_TEXT in kinds, MetricKind.LIKELIHOOD in kinds
        scored = scores_likelihood + (len(task.choices.options) if task.choices else 0)
        for language in study.evaluated(name):
            facts = record.facts.source(name, "test", language)
            count = min(facts.rows, study.evaluation.max_items or facts.rows)
            text = facts.mean_bytes / model.bytes_per_token
            text = min(text + _shots(record, name, language) / model.bytes_per_token, study.evaluated_tokens)
            items += count
            tokens += count * (generates * (text + generated) + scored * text)
    return items, tokens


def _evaluated(record: StudyRecord, checkpoints: int) -> int:
    """How many checkpoints are evaluated; the selected one may add one to each k-th."""
    wanted = record.study.evaluation.checkpoints
    if wanted == "selected":
        return min(1, checkpoints)
    if wanted == "all":
        return checkpoints
    return min(checkpoints, checkpoints // wanted.every + 1)


def _tokens(count: float, model: Model) -> int:
    return round(count / model.bytes_per_token)


def _speed(record: StudyRecord, placement: Placement) -> float:
    """Achieved floating-point operations a second of one accelerator."""
    return record.study.resources.speeds[placement.accelerator]


def _gpu_hours(seconds: float, placement: Placement) -> float:
    if placement.on_cpu:
        return 0.0
    return seconds / 3600 * placement.processes


def _checkpoint_bytes(model: Model, parameters: int, precision: str) -> tuple[int, int]:
    """Bytes of one checkpoint's weights and of one resume state (float32 weights and optimizer moments)."""
    if model.method == "full":
        return parameters * BYTES_PER_VALUE[precision], parameters * 4 * (1 + ADAM_MOMENTS)
    adapter = _adapter_parameters(model.lora, parameters)
    return adapter * 4, adapter * 4 * (1 + ADAM_MOMENTS)  # an adapter is float32 in every precision


def _adapter_parameters(lora: Lora, parameters: int) -> int:
    """Parameters of an adapter on all linear layers, roughly: 2 x rank / width of the model.

    The width comes from parameters = 12 x layers x width^2 with 128 units of width a layer, which is right within a
    fifth for models of 1 to 70 thousand million parameters.
    """
    width = (parameters * 128 / 12) ** (1 / 3)
    return round(min(1.0, 2 * lora.rank / width) * parameters)
