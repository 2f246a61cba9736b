"""Ask a checkpoint: its texts and likelihoods for the items of one task and language at a time.

Batches hold one language, so that what a model answers in it does not depend on which others are evaluated.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

import torch

from clt.errors import CellFailure, StoreError
from clt.evaluation.answers import Values, items_of, write_answers
from clt.evaluation.generation import generate
from clt.evaluation.items import Item, encode_prompts, encode_references
from clt.evaluation.likelihood import answer_bits
from clt.models import cpu_threads, environment, load_model, load_tokenizer, stop_token
from clt.progress import phase
from clt.store import AnswersMetadata, Store
from clt.study import Answer, Cell, MetricKind, StudyRecord, checkpoint_key

PACKAGES = ("torch", "transformers", "tokenizers", "peft")


def make_answers(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]], answers: Sequence[Answer]
) -> None:
    """Load the weights of one checkpoint once, and publish these answers of it, an artifact each.

    Raises:
        StoreError: The weights are missing, damaged or pruned.
        CellFailure: The weights are not numbers, or memory is missing.
    """
    with cpu_threads(record.study.evaluation.cpu_threads):  # greedy text and likelihoods are then the same bits
        started = time.perf_counter()
        with phase("loading"):
            model, tokenizer = _load(store, record, cell, step)
        for answer in answers:
            asked = items_of(items[answer.task], answer.language)
            try:
                with phase("evaluating"):
                    values, tokens = _ask(record, answer, asked, model, tokenizer)
            except torch.OutOfMemoryError as error:
                raise CellFailure(
                    f"checkpoint {step}: no memory for evaluation.batch_size = {record.study.evaluation.batch_size}, "
                    f"max_new_tokens = {record.study.evaluation.max_new_tokens}: lower them, or give the model a "
                    f"larger accelerator ({error})"
                ) from error
            with phase("saving"), store.writer(answer.key) as attempt:
                write_answers(attempt.path, answer.kind, asked, values)
                AnswersMetadata(
                    cell=cell.key,
                    step=step,
                    task=answer.task,
                    language=answer.language,
                    kind=answer.kind,
                    items=len(asked),
                    tokens_generated=tokens,
                    seconds=round(time.perf_counter() - started, 3),
                    environment=environment(PACKAGES, _device()),
                ).write(attempt)
            started = time.perf_counter()


def _ask(record: StudyRecord, answer: Answer, items: Sequence[Item], model: Any, tokenizer: Any) -> tuple[Values, int]:
    """The values of the items, and how many tokens were generated for them."""
    if answer.kind == MetricKind.GENERATED_TEXT:
        return _generated(record, answer.task, items, model, tokenizer)
    return _reference_bits(record, items, model, tokenizer), 0


def _generated(
    record: StudyRecord, task: str, items: Sequence[Item], model: Any, tokenizer: Any
) -> tuple[list[str], int]:
    """What the model writes for each item (up to the stop token, stripped), and the number of tokens in all."""
    study, max_new_tokens = record.study, record.max_new_tokens(task)
    prompts = encode_prompts(tokenizer, items, max_tokens=study.training.max_tokens, max_new_tokens=max_new_tokens)
    tokens = generate(
        model,
        prompts,
        stop=stop_token(tokenizer),
        max_new_tokens=max_new_tokens,
        batch_size=study.evaluation.batch_size,
    )
    texts = [
        tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip() for row in tokens
    ]
    return texts, sum(map(len, tokens))


def _reference_bits(record: StudyRecord, items: Sequence[Item], model: Any, tokenizer: Any) -> list[float | None]:
    """Bits of each reference answer and its stop token, given the prompt.

    None where the reference is empty or does not fit into training.max_tokens: the reference's fault.
    """
    prompts, answers = encode_references(tokenizer, items, max_tokens=record.study.training.max_tokens)
    asked = [index for index, answer in enumerate(answers) if answer]
    values = answer_bits(
        model,
        [prompts[index] for index in asked],
        [answers[index] for index in asked],
        batch_size=record.study.evaluation.batch_size,
    )
    bits: list[float | None] = [None] * len(items)
    for index, value in zip(asked, values, strict=True):
        if not math.isfinite(value):
            item = items[index]
            raise CellFailure(
                f"the likelihood of item {item.id!r} in {item.language} is {value}, expected a finite number: "
                "the weights are not numbers; train with a lower training.learning_rate"
            )
        bits[index] = value
    return bits


def _load(store: Store, record: StudyRecord, cell: Cell, step: int) -> tuple[Any, Any]:
    model = record.model(cell)
    folder = None if cell.is_base else store.fetch(_weights(store, record, cell, step))
    spread = torch.cuda.device_count() > 1  # a model that one accelerator cannot hold is given several
    loaded: Any = load_model(model, folder, record.study.training.precision, spread=spread)
    tokenizer = load_tokenizer(folder or model.path or "", model)
    if not spread:
        loaded = loaded.to(_device())
    return loaded, tokenizer


def _weights(store: Store, record: StudyRecord, cell: Cell, step: int) -> str:
    key = checkpoint_key(record.training_key(cell), step)
    manifest = store.manifest(key)
    if manifest is not None and manifest.pruned is not None:
        raise StoreError(
            f"{key}: the weights of step {step} are pruned ({manifest.pruned}) and this evaluation needs them; "
            "run the cell's training step first, which makes them again"
        )
    return key


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
