"""Greedy generation by transformers' models.

The same tokens as `transformers.generate(do_sample=False)` (a test compares them), but for three things. No generation
config of the model can change the decoding (repetition penalties, forced tokens). What all prompts begin with is seen
once. A row that is finished makes room for the next prompt, so that no step is computed for it any more.
In float32 the batch size changes logits by rounding only (tests compare the texts of every kind of family); in bfloat16
it can change the text, so it is part of the answers' key.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import transformers

from clt.evaluation.engines.abilities import abilities
from clt.evaluation.engines.alone import Alone
from clt.evaluation.engines.batch import Batch
from clt.evaluation.engines.engine import Stop, Written
from clt.evaluation.engines.likelihood import answer_bits
from clt.evaluation.engines.network import Network
from clt.evaluation.engines.prefix import Prefix, common_prefix
from clt.evaluation.engines.stopping import Stopping
from clt.models import Encoder
from clt.progress import alive

REFILL_AT = 0.75  # of the rows still running: prompts come a few at a time, as the cache is copied for them


class HfEngine:
    """Decodes with a model in this process."""

    name = "hf"
    version = transformers.__version__

    @torch.inference_mode()
    def __init__(self, model: Any, encoder: Encoder, batch_size: int) -> None:
        """Take a model that is in evaluation mode, and find out how its rows can be batched, `batch_size` at most."""
        self.model = model
        self._network, self._encoder, self._batch_size = Network(model), encoder, batch_size
        self._abilities = abilities(self._network)

    @torch.inference_mode()
    def generate(self, prompts: Sequence[Sequence[int]], *, stop: Stop, max_new_tokens: int) -> list[Written]:
        """What follows each prompt, in the order of the prompts."""
        stopping = Stopping(stop, self._encoder)
        answers: list[list[int]] = [[] for _ in prompts]

        def goes_on(index: int, token: int) -> bool:
            answers[index].append(token)
            return len(answers[index]) < max_new_tokens and not stopping.ends(answers[index])

        if self._abilities.joins:
            self._decode_together(prompts, goes_on)
        else:
            self._decode_alone(prompts, goes_on)
        return [stopping.written(tokens) for tokens in answers]

    @torch.inference_mode()
    def answer_bits(self, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> list[float]:
        """Bits that the model needs for each answer, which ends with its stop token, given its prompt."""
        batch_size = self._batch_size if self._abilities.masks else 1
        return answer_bits(self._network, prompts, answers, batch_size=batch_size)

    def _decode_together(self, prompts: Sequence[Sequence[int]], goes_on: Callable[[int, int], bool]) -> None:
        """Longest prompts first: memory fails at once or never, and rows of a batch are of similar lengths."""
        waiting = sorted(range(len(prompts)), key=lambda index: (-len(prompts[index]), index))
        shared = common_prefix(prompts) if self._abilities.continues else []
        prefix = Prefix(self._network, shared, pads=self._abilities.pads)
        batches: list[Batch] = []  # one, or none
        rows: list[int] = []  # which prompt each row of the batch answers
        while waiting or rows:
            if len(rows) <= REFILL_AT * self._batch_size:
                room = self._batch_size - len(rows)
                started = prefix.batches([prompts[index] for index in waiting[:room]])
                rows += [waiting[place] for places, _ in started for place in places]
                batches += [batch for _, batch in started]
                waiting = waiting[room:]
            batch = Batch.joined(batches)
            tokens = batch.logits().argmax(dim=-1).tolist()
            batch.add(tokens)
            running = [place for place, index in enumerate(rows) if goes_on(index, tokens[place])]
            if 0 < len(running) < len(rows):
                batch.keep(running)
            rows, batches = [rows[place] for place in running], [batch] if running else []
            alive()

    def _decode_alone(self, prompts: Sequence[Sequence[int]], goes_on: Callable[[int, int], bool]) -> None:
        for index, prompt in enumerate(prompts):
            row = Alone(self._network, prompt, remembers=self._abilities.remembers)
            while goes_on(index, token := int(row.logits()[0].argmax())):
                row.add(token)
            alive()
