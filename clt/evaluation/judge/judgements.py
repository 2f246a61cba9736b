"""Judgements of one checkpoint's answers in one task and language: an artifact beside the answers.

KEY/judgements.parquet holds a row an item, in the items' order: its rating (null: no reply could be read), how many
replies it took, their tokens, and the last reply as it came.
"""

import math
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.parquet as parquet

from clt.endpoints import check_endpoint
from clt.evaluation.items import Item
from clt.evaluation.judge.rate import Answered, Judgement, rate
from clt.store import ArtifactFile, JudgementMetadata, Store
from clt.study import Answer, MetricKind, StudyRecord, is_judged, judgement_key

SCHEMA = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("rating", pa.int8()),  # null: no reply could be read
        pa.field("attempts", pa.int8(), nullable=False),  # 0: an empty answer, which is 1
        pa.field("prompt_tokens", pa.int64(), nullable=False),  # of all attempts
        pa.field("completion_tokens", pa.int64(), nullable=False),
        pa.field("reply", pa.string(), nullable=False),  # the last one
    ]
)


def judged_answers(record: StudyRecord, answers: Iterable[Answer]) -> list[Answer]:
    """Those of a checkpoint's answers that the study's judge rates."""
    return [each for each in answers if each.kind == MetricKind.GENERATED_TEXT and is_judged(record.study, [each.task])]


def check_judge(store: Store, record: StudyRecord, answers: Iterable[Answer]) -> None:
    """See that the study's judge can be asked, if it has to be for these answers.

    Raises:
        EndpointError: Its key is missing, it cannot be reached, or it has no such model.
    """
    judge, judged = record.study.judge, judged_answers(record, answers)
    if judge is not None and any(store.manifest(judgement_key(record.study, each.key)) is None for each in judged):
        check_endpoint(judge.endpoint)


def judge_answers(
    store: Store, record: StudyRecord, answer: Answer, items: Sequence[Item], texts: Sequence[str]
) -> list[float]:
    """What the study's judge gives to the texts of one checkpoint in one task and language.

    Read from the store where it is complete, else asked for; killed anywhere, the next call asks only what is missing.

    Args:
        store: Holds the judgements, and every single reply.
        record: Of a study with a `judge`.
        answer: Whose texts they are.
        items: What was asked, in the order of the texts.
        texts: What the model wrote.

    Returns:
        A rating from 1 to 5 an item; NaN where no reply of the judge could be read.

    Raises:
        EndpointError: The endpoint cannot be used; what it said so far is kept.
    """
    key = judgement_key(record.study, answer.key)
    if store.manifest(key) is None:
        _make(store, record, answer, key, items, texts)
    ratings = parquet.read_table(store.fetch(key) / ArtifactFile.JUDGEMENTS).column("rating").to_pylist()
    return [math.nan if rating is None else float(rating) for rating in ratings]


def judge_totals(store: Store, record: StudyRecord, answers: Iterable[Answer]) -> list[JudgementMetadata]:
    """What it took to judge these answers, one by one; those that no judge has seen are left out."""
    judged = judged_answers(record, answers)
    found = (JudgementMetadata.read(store, judgement_key(record.study, answer.key)) for answer in judged)
    return [facts for facts in found if facts is not None]


def _make(
    store: Store, record: StudyRecord, answer: Answer, key: str, items: Sequence[Item], texts: Sequence[str]
) -> None:
    judge = record.study.judge
    assert judge is not None, "a study with the metric has one"
    asked = [
        Answered(language=item.language, question=item.prompt, answer=text)
        for item, text in zip(items, texts, strict=True)
    ]
    ratings = rate(store, judge, asked)
    replies = [reply for judgement in ratings.judgements for reply in judgement.replies]
    with store.writer(key) as attempt:
        rows = [_row(item, judgement) for item, judgement in zip(items, ratings.judgements, strict=True)]
        table = pa.Table.from_pylist(rows, SCHEMA)
        parquet.write_table(table, attempt.path / ArtifactFile.JUDGEMENTS, compression="zstd")
        JudgementMetadata(
            task=answer.task,
            language=answer.language,
            model=judge.endpoint.model,
            answered_by=sorted({reply.answered_by for reply in replies} - {""}),
            prompt=judge.prompt,
            items=len(items),
            unscored=sum(judgement.rating is None for judgement in ratings.judgements),
            calls=ratings.calls,
            kept=ratings.kept,
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            completion_tokens=sum(reply.completion_tokens for reply in replies),
        ).write(attempt)


def _row(item: Item, judgement: Judgement) -> dict[str, object]:
    return {
        "item": item.id,
        "rating": judgement.rating,
        "attempts": len(judgement.replies),
        "prompt_tokens": sum(reply.prompt_tokens for reply in judgement.replies),
        "completion_tokens": sum(reply.completion_tokens for reply in judgement.replies),
        "reply": judgement.last,
    }
