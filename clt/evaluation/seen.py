"""What a metric sees of the answers of one language: the answer, and what it is held against."""

from collections.abc import Sequence

from clt.evaluation.answers import ChoiceBits, GeneratedText, Given, ReferenceBits
from clt.evaluation.items import Item
from clt.metrics import Answer, ChoiceAnswer, LikelihoodAnswer, TextAnswer
from clt.study import Study, in_language


def seen_by_metrics(study: Study, task: str, items: Sequence[Item], given: Sequence[Given]) -> list[Answer]:
    """One for every item, in their order; `given` are of one kind."""
    assert len(items) == len(given), "the key of the answers holds the items"
    return [_seen(study, task, item, answer) for item, answer in zip(items, given, strict=True)]


def _seen(study: Study, task: str, item: Item, answer: Given) -> Answer:
    match answer:
        case GeneratedText():
            spec = study.tasks[task]
            return TextAnswer(
                text=answer.text,
                reference=item.reference,
                language=item.language,
                languages=study.evaluated(task),
                question=item.prompt,
                question_label=in_language(spec.question_label, item.language),
                answer_prefix=in_language(spec.answer_prefix, item.language),
                row={"constraints": item.constraints} if item.constraints else {},
            )
        case ReferenceBits():
            return LikelihoodAnswer(bits=answer.bits, reference=item.reference)
        case ChoiceBits():
            return ChoiceAnswer(bits=tuple(answer.bits), choices=item.choices, right=item.right)
