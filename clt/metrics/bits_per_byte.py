"""How well a model expects the reference."""

from clt.metrics.answers import LikelihoodAnswer
from clt.metrics.metric import UNSCORED, MetricKind, metric


@metric(MetricKind.LIKELIHOOD, high=None, higher_is_better=False)
def bits_per_byte(answer: LikelihoodAnswer) -> float:
    """Bits that a model needs for the reference, per UTF-8 byte of it (0 and up, lower is better).

     The bits are those of the reference answer and its stop token, given the prompt; bytes make languages and
    tokenizers comparable (Gao et al. 2020, The Pile, arXiv 2101.00027, section 3.1).
    Unreadable answer: nothing is generated. Empty reference: NaN, unscored, as is one that does not fit into
    training.max_tokens. Missing language: not used. Tokenizer: the model's own. Number separators: not used.
    """
    return UNSCORED if answer.bits is None else answer.bits / len(answer.reference.encode())
