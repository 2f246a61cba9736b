"""Every kind of family, in float32: the texts of one-by-one decoding without a cache, whatever shares a batch."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from clt.evaluation.engines import Stop
from clt.evaluation.engines.abilities import abilities
from clt.evaluation.engines.hf import HfEngine
from clt.evaluation.engines.network import Network
from clt.models import Encoder, cpu_threads
from tests.evaluation.engines.families import ATTENTION, HYBRID, OWN_CACHE, SLIDING, STATE_SPACE, VOCABULARY, family

NEW = 5
BATCHES = (1, 5, 17)
# Their layers forget what they hold when several tokens follow at once.
FORGETFUL = {"Mamba", "Jamba"}
FAMILIES = [*ATTENTION, *SLIDING, *HYBRID, *STATE_SPACE, *OWN_CACHE]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """A word is a token: different tokens are different texts."""
    vocabulary = {str(token): token for token in range(VOCABULARY)} | {"</s>": VOCABULARY}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return Encoder(PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>"))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with cpu_threads(1):
        yield


def prompts(shared: int) -> list[list[int]]:
    """17 prompts of several lengths, the shortest a token, after so many tokens that they share."""
    rng = random.Random(0)
    start = [rng.randrange(2, VOCABULARY) for _ in range(shared)]
    lengths = [1, 1, *(rng.choice([1, 2, 3, 9, 14]) for _ in range(15))]
    return [start + [rng.randrange(2, VOCABULARY) for _ in range(length)] for length in lengths]


@torch.inference_mode()
def literal(model: Any, prompt: list[int]) -> list[int]:
    row = [*prompt]
    for _ in range(NEW):
        row.append(int(model(input_ids=torch.tensor([row]), use_cache=False).logits[0, -1].argmax()))
    return row[len(prompt) :]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_text_hangs_on_the_batch(name: str, encoder: Encoder) -> None:
    model = family(name)
    for asked in (prompts(shared=0), prompts(shared=11)[:7]):
        rows = [literal(model, prompt) for prompt in asked]
        often = Counter(token for row in rows for token in set(row))
        stop = min(often, key=lambda token: abs(often[token] - len(rows) // 2))  # ends half of the rows
        expected = [row[: row.index(stop)] if stop in row else row for row in rows]
        assert len({len(row) for row in expected}) > 1, "rows must finish at different steps"
        for batch_size in BATCHES:
            engine = HfEngine(model, encoder, batch_size)
            written = engine.generate(asked, stop=Stop(frozenset({stop})), max_new_tokens=NEW)
            assert [each.text.split() for each in written] == [[*map(str, row)] for row in expected]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_likelihood_hangs_on_the_batch(name: str, encoder: Encoder) -> None:
    model, asked = family(name), prompts(shared=0)
    answers = [[*prompt[:3], 1] for prompt in asked]
    one_by_one, batched = (HfEngine(model, encoder, size).answer_bits(asked, answers) for size in (1, 6))
    assert batched == pytest.approx(one_by_one, rel=1e-4)


@pytest.mark.parametrize("name", FAMILIES)
def test_only_what_would_change_an_answer_is_done_without(name: str) -> None:
    with torch.inference_mode():
        found = abilities(Network(family(name)))
    assert found.joins == (name not in OWN_CACHE)
    assert found.pads == (name in ATTENTION | SLIDING)
    assert found.continues == (name not in OWN_CACHE.keys() | FORGETFUL)


def test_what_prompts_share_is_seen_once(encoder: Encoder) -> None:
    model, seen = family("Llama"), 0
    engine = HfEngine(model, encoder, batch_size=4)

    def count(_: Any, __: Any, inputs: dict[str, Any]) -> None:
        nonlocal seen
        seen += inputs["input_ids"].numel()

    with model.register_forward_pre_hook(count, with_kwargs=True):
        engine.generate([[*range(2, 32), 50 + row, 7, 8] for row in range(4)], stop=Stop(frozenset()), max_new_tokens=2)
    assert seen == 30 + 4 * 3 + 4, "the beginning, what is each prompt's own, and a token each for the second step"
