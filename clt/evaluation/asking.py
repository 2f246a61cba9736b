"""Ask a loaded model for what metrics need: texts, the likelihood of references, or that of choices."""

import math
from collections.abc import Sequence

from clt.errors import CellFailure
from clt.evaluation.answers import ChoiceBits, GeneratedText, Given, ReferenceBits
from clt.evaluation.engines import Engine, Stop
from clt.evaluation.engines.hf import HfEngine
from clt.evaluation.items import Asked, Item, Room, encode_answers, encode_prompts
from clt.evaluation.text_limits import TextLimits, limits_of
from clt.models import Encoder
from clt.study import Answer, MetricKind, StudyRecord


def ask(record: StudyRecord, answer: Answer, items: Sequence[Item], engine: HfEngine, encoder: Encoder) -> list[Given]:
    """What a model answers to the items of one task and language, in their order.

    Raises:
        StudyError: `evaluation.max_tokens` leaves no room for a prompt.
        DataError: A prompt has no tokens.
        CellFailure: The weights are not numbers.
    """
    match answer.kind:
        case MetricKind.GENERATED_TEXT:
            return list(write_texts(record, answer, items, engine, encoder, limits_of(engine.model)))
        case MetricKind.LIKELIHOOD:
            return list(_reference_bits(record, answer.task, items, engine, encoder))
        case MetricKind.CHOICES:
            return list(_choice_bits(record, answer.task, items, engine, encoder))


def write_texts(
    record: StudyRecord, answer: Answer, items: Sequence[Item], engine: Engine, encoder: Encoder, limits: TextLimits
) -> list[GeneratedText]:
    """What an engine writes for the items of one task and language, in their order. Errors as for `ask`."""
    longest = record.max_new_tokens(answer.task)
    asked = encode_prompts(encoder, items, _room(record, answer.task, limits), max_new_tokens=longest)
    texts = record.study.tasks[answer.task].stops(answer.language)
    stop = Stop(limits.stop_tokens | {encoder.stop_token}, texts)
    written = engine.generate([prompt.ids for prompt in asked], stop=stop, max_new_tokens=longest)
    return [
        GeneratedText(
            examples=prompt.examples,
            truncated=prompt.truncated,
            text=each.text.strip(),
            tokens=each.tokens,
            finish=each.finish,
        )
        for prompt, each in zip(asked, written, strict=True)
    ]


def _reference_bits(
    record: StudyRecord, task: str, items: Sequence[Item], engine: HfEngine, encoder: Encoder
) -> list[ReferenceBits]:
    """None where the reference is empty or there is no room for it: the reference's fault."""
    asked, bits = _bits(record, task, items, [[item.reference] for item in items], engine, encoder)
    return [
        ReferenceBits(examples=prompt.examples, truncated=prompt.truncated, bits=value)
        for prompt, [value] in zip(asked, bits, strict=True)
    ]


def _choice_bits(
    record: StudyRecord, task: str, items: Sequence[Item], engine: HfEngine, encoder: Encoder
) -> list[ChoiceBits]:
    asked, bits = _bits(record, task, items, [item.choices for item in items], engine, encoder)
    return [
        ChoiceBits(examples=prompt.examples, truncated=prompt.truncated, bits=values)
        for prompt, values in zip(asked, bits, strict=True)
    ]


def _bits(
    record: StudyRecord,
    task: str,
    items: Sequence[Item],
    texts: Sequence[Sequence[str]],
    engine: HfEngine,
    encoder: Encoder,
) -> tuple[list[Asked], list[list[float | None]]]:
    """Bits of each text of an item and its stop token, given its prompt; None for one that cannot be asked for."""
    prompts, answers = encode_answers(encoder, items, texts, _room(record, task, limits_of(engine.model)))
    asked = [(row, place) for row, own in enumerate(answers) for place, answer in enumerate(own) if answer]
    values = engine.answer_bits([prompts[row].ids for row, _ in asked], [answers[row][place] for row, place in asked])
    bits: list[list[float | None]] = [[None] * len(own) for own in answers]
    for (row, place), value in zip(asked, values, strict=True):
        if not math.isfinite(value):
            item = items[row]
            raise CellFailure(
                f"the likelihood of item {item.id!r} in {item.language} is {value}, expected a finite number: "
                "the weights are not numbers; train with a lower training.learning_rate"
            )
        bits[row][place] = value
    return prompts, bits


def _room(record: StudyRecord, task: str, limits: TextLimits) -> Room:
    """What the study gives the items of a task, as far as the model has positions for it."""
    shots, tokens = record.study.tasks[task].shots, record.study.evaluated_tokens
    tokens = tokens if limits.positions is None else min(tokens, limits.positions)
    return Room(tokens, as_turns=shots is not None and shots.format == "multiturn")
