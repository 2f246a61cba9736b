"""Load a checkpoint and publish its answers to the items of one task and language at a time.

Batches hold one language, so that what a model answers in it does not depend on which others are evaluated.
"""

import time
from collections.abc import Sequence
from typing import Any

import torch

from clt.errors import CellFailure, EndpointError, StoreError
from clt.evaluation.answers import GeneratedText, Given, items_of, write_answers
from clt.evaluation.asking import ask, write_texts
from clt.evaluation.engines.hf import HfEngine
from clt.evaluation.engines.server import served
from clt.evaluation.items import Item
from clt.evaluation.text_limits import limits_in
from clt.models import Encoder, at_hand, cpu_threads, environment, load_model, load_tokenizer, make_encoder
from clt.progress import phase
from clt.store import AnswersMetadata, Store
from clt.study import Answer, Cell, MetricKind, Server, StudyRecord, checkpoint_key, is_hub_id

PACKAGES = ("torch", "transformers", "tokenizers", "peft")


def make_answers(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]], answers: Sequence[Answer]
) -> None:
    """Load the weights of one checkpoint once, here or in a server, and publish these answers of it, an artifact each.

    Raises:
        StoreError: The weights are missing, damaged or pruned.
        CellFailure: The weights are not numbers, or memory is missing.
        EndpointError: The server cannot be started, or does not answer.
    """
    server = record.study.evaluation.engine
    by_server = [] if server == "hf" else [each for each in answers if each.kind == MetricKind.GENERATED_TEXT]
    with cpu_threads(record.study.evaluation.cpu_threads):  # greedy text and likelihoods are then the same bits
        if by_server:  # before the model is loaded here: an accelerator may not hold it twice
            _by_server(store, record, cell, step, items, by_server)
        if here := [each for each in answers if each not in by_server]:
            _by_model(store, record, cell, step, items, here)


def _by_model(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]], answers: Sequence[Answer]
) -> None:
    started = time.perf_counter()
    with phase("loading"):
        model, encoder = _load(store, record, cell, step)
        engine = HfEngine(model, encoder, record.study.evaluation.batch_size)
    for answer in answers:
        asked = items_of(items[answer.task], answer.language)
        try:
            with phase("evaluating"):
                given = ask(record, answer, asked, engine, encoder)
        except torch.OutOfMemoryError as error:
            raise CellFailure(
                f"checkpoint {step}: no memory for evaluation.batch_size = {record.study.evaluation.batch_size}, "
                f"max_new_tokens = {record.study.evaluation.max_new_tokens}: lower them, or give the model a "
                f"larger accelerator ({error})"
            ) from error
        _publish(store, cell, step, answer, asked, given, started, environment(PACKAGES, _device()))
        started = time.perf_counter()


def _by_server(
    store: Store, record: StudyRecord, cell: Cell, step: int, items: dict[str, list[Item]], answers: Sequence[Answer]
) -> None:
    server = record.study.evaluation.engine
    assert isinstance(server, Server)
    started = time.perf_counter()
    model = at_hand(record.model(cell), store)
    weights = record.facts.models[cell.model].identity if cell.is_base else _weights(store, record, cell, step)
    folder = model.path or "" if cell.is_base else str(store.fetch(weights))
    if is_hub_id(folder):
        raise EndpointError(f"models.{model.name}: a server reads its files; bring them into the store: `clt fetch`")
    encoder = make_encoder(load_tokenizer(folder, model), model)
    limits = limits_in(folder, model)
    with served(store, server, folder, weights=weights) as engine:
        for answer in answers:
            asked = items_of(items[answer.task], answer.language)
            with phase("evaluating"):
                given = write_texts(record, answer, asked, engine, encoder, limits)
            made_by = environment(PACKAGES, _device()) | {"engine": f"{engine.name}: {engine.version}"}
            _publish(store, cell, step, answer, asked, given, started, made_by)
            started = time.perf_counter()


def _publish(
    store: Store,
    cell: Cell,
    step: int,
    answer: Answer,
    asked: Sequence[Item],
    given: Sequence[Given],
    started: float,
    made_by: dict[str, Any],
) -> None:
    """One artifact; `started` by the performance counter."""
    with phase("saving"), store.writer(answer.key) as attempt:
        write_answers(attempt.path, answer.kind, asked, given)
        AnswersMetadata(
            cell=cell.key,
            step=step,
            task=answer.task,
            language=answer.language,
            kind=answer.kind,
            items=len(asked),
            tokens_generated=sum(each.tokens for each in given if isinstance(each, GeneratedText)),
            seconds=round(time.perf_counter() - started, 3),
            environment=made_by,
        ).write(attempt)


def _load(store: Store, record: StudyRecord, cell: Cell, step: int) -> tuple[Any, Encoder]:
    model = at_hand(record.model(cell), store)
    folder = None if cell.is_base else store.fetch(_weights(store, record, cell, step))
    encoder = make_encoder(load_tokenizer(folder or model.path or "", model), model)
    spread = torch.cuda.device_count() > 1  # a model that one accelerator cannot hold is given several
    loaded: Any = load_model(model, folder, record.study.training.precision, spread=spread)
    if not spread:
        loaded = loaded.to(_device())
    return loaded, encoder


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
