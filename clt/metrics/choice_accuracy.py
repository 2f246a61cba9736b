"""Multiple choice by likelihood: is the right choice the one that the model takes for the likeliest?"""

from collections.abc import Sequence

from clt.metrics.answers import ChoiceAnswer
from clt.metrics.metric import UNSCORED, MetricKind, metric


@metric(MetricKind.CHOICES)
def choice_accuracy(answer: ChoiceAnswer) -> float:
    """Whether the right choice needs the fewest bits (0 or 1; of k choices that are level, 1/k).

    Right for choices of one form, such as A, B, C, D: longer ones need more bits. Gao et al., lm-eval's acc.
    Unreadable answer: nothing is generated. Empty reference: an item with a choice that cannot be asked for, or with
    fewer than two, is NaN, unscored. Missing language: not used. Tokenizer: the model's own. Number separators: not
    used.
    """
    return _share_of_best(answer.bits, answer.right)


@metric(MetricKind.CHOICES)
def choice_accuracy_bytes(answer: ChoiceAnswer) -> float:
    """Whether the right choice needs the fewest bits per UTF-8 byte (0 or 1; of k choices that are level, 1/k).

    For choices of different lengths; bytes make it independent of the tokenizer. Gao et al., lm-eval's acc_bytes.
    Unreadable answer: nothing is generated. Empty reference: as for choice_accuracy; an empty choice is NaN, too.
    Missing language: not used. Tokenizer: the model's own. Number separators: not used.
    """
    if not all(answer.choices):
        return UNSCORED
    sizes = [len(choice.encode()) for choice in answer.choices]
    bits = [None if bits is None else bits / size for bits, size in zip(answer.bits, sizes, strict=True)]
    return _share_of_best(bits, answer.right)


def _share_of_best(costs: Sequence[float | None], right: int) -> float:
    known = [cost for cost in costs if cost is not None]
    if len(known) < max(2, len(costs)):
        return UNSCORED
    best = [index for index, cost in enumerate(known) if cost == min(known)]
    return (right in best) / len(best)
