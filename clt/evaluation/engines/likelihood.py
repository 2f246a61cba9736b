"""The likelihood of answers, in bits."""

import math
from collections.abc import Sequence

import torch

from clt.evaluation.engines.network import Network
from clt.evaluation.engines.padding import batches, left_padded
from clt.progress import alive


def answer_bits(
    network: Network, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], *, batch_size: int
) -> list[float]:
    """Bits that the model needs for each answer given its prompt: the sum of -log2 p over the answer's tokens.

    Prompts have at least one token; answers end with the stop token, which counts. Rows end in the same column, so
    logits are made for the answers only: memory is batch size x longest answer x vocabulary.
    """
    bits = [math.nan] * len(prompts)
    rows = [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]
    for indices in batches([len(row) for row in rows], batch_size):
        longest = max(len(answers[index]) for index in indices)
        ids, mask, positions = left_padded([rows[index] for index in indices], network.device)
        logits = network.last_logits(ids, mask=mask, positions=positions, columns=longest + 1)
        for row, index in enumerate(indices):
            count = len(answers[index])
            # (answer tokens, vocabulary), a row at a time; the logits of one position are about the next token.
            logarithms = torch.log_softmax(logits[row, -count - 1 : -1].float(), dim=-1)
            bits[index] = -logarithms.gather(1, ids[row, -count:, None]).double().sum().item() / math.log(2)
        alive()
    return bits
