from pathlib import Path

import numpy as np
import pytest
import torch

from clt.training.data import TokenRow, collate
from clt.training.loss import AnswerLoss

ROWS = [
    TokenRow(key="a", language="en", ids=np.array([0, 5, 6, 7, 8, 1]), answer_start=3),
    TokenRow(key="b", language="en", ids=np.array([0, 9, 4, 1, 1]), answer_start=4),  # the answer is the stop token
    TokenRow(key="c", language="en", ids=np.array([0, 2, 3, 4, 5, 6, 7, 8, 9, 1]), answer_start=1),
]
CPU = torch.device("cpu")


def model(kind: str) -> torch.nn.Module:
    from transformers import (
        CohereConfig,
        CohereForCausalLM,
        Gemma2Config,
        Gemma2ForCausalLM,
        LlamaConfig,
        LlamaForCausalLM,
    )

    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    torch.manual_seed(0)
    if kind == "cohere":  # scales its logits
        return CohereForCausalLM(CohereConfig(**sizes, **heads, logit_scale=0.25))
    if kind == "gemma2":  # caps its logits, and attends to a window
        return Gemma2ForCausalLM(
            Gemma2Config(**sizes, **heads, head_dim=8, final_logit_softcapping=2.0, sliding_window=4)
        )
    return LlamaForCausalLM(LlamaConfig(**sizes, **heads))


def by_hand(network: torch.nn.Module) -> torch.Tensor:
    """Row by row without padding: minus the log of the probability of every answer token."""
    losses = []
    for row in ROWS:
        log_probabilities = network(input_ids=torch.from_numpy(row.ids)[None]).logits[0].log_softmax(-1)
        losses += [-log_probabilities[i - 1, row.ids[i]] for i in range(row.answer_start, len(row.ids))]
    return torch.stack(losses).sum()


def gradients(network: torch.nn.Module, loss: torch.Tensor) -> torch.Tensor:
    network.zero_grad()
    loss.backward()
    return torch.cat([parameter.grad.flatten() for parameter in network.parameters() if parameter.grad is not None])


@pytest.mark.parametrize("kind", ["llama", "cohere", "gemma2"])
@pytest.mark.parametrize("max_logits", [2**20, 70])
def test_loss_is_the_cross_entropy_of_answer_tokens_alone(kind: str, max_logits: int) -> None:
    network = model(kind)
    expected = by_hand(network)
    slopes = gradients(network, expected)
    loss = AnswerLoss(network, max_logits)(network, collate(ROWS, CPU))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert torch.allclose(gradients(network, loss), slopes, atol=1e-5)


def test_chunks_are_not_used_where_logits_are_changed_after_the_output_layer() -> None:
    batch = collate(ROWS, CPU)
    assert AnswerLoss(model("llama"))._head_is_last(batch)
    assert not AnswerLoss(model("cohere"))._head_is_last(batch)


def test_only_answer_positions_reach_the_output_layer() -> None:
    network = model("llama")
    loss = AnswerLoss(network)
    seen = []
    network.lm_head.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    loss(network, collate(ROWS, CPU))
    assert seen == [(1, sum(row.answer_tokens for row in ROWS), 32)]


def test_model_answers_as_before_outside_of_the_loss() -> None:
    network = model("llama")
    ids = torch.from_numpy(ROWS[0].ids)[None]
    before = network(input_ids=ids).logits
    AnswerLoss(network)(network, collate(ROWS, CPU))
    assert torch.equal(network(input_ids=ids).logits, before)


def test_padding_is_nowhere_in_the_loss(tmp_path: Path) -> None:
    batch = collate(ROWS, CPU)
    assert batch.targets.tolist() == [7, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
    assert len(batch.positions) == len(batch.targets)
