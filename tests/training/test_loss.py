from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from clt.training.batch import collate
from clt.training.cross_entropy import LogitRule, summed_cross_entropy
from clt.training.data import TokenRow
from clt.training.loss import AnswerModel

ROWS = [
    TokenRow(key="a", language="en", ids=np.array([0, 5, 6, 7, 8, 1]), answer_start=3),
    TokenRow(key="b", language="en", ids=np.array([0, 9, 4, 1, 1]), answer_start=4),  # the answer is the stop token
    TokenRow(key="c", language="en", ids=np.array([0, 2, 3, 4, 5, 6, 7, 8, 9, 1]), answer_start=1),
]


def model(kind: str) -> torch.nn.Module:
    from transformers import (
        CohereConfig,
        CohereForCausalLM,
        Gemma2Config,
        Gemma2ForCausalLM,
        GraniteConfig,
        GraniteForCausalLM,
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
    if kind == "granite":  # divides its logits
        return GraniteForCausalLM(GraniteConfig(**sizes, **heads, logits_scaling=4.0))
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


def loss_of(network: torch.nn.Module, tokens: int | None = None) -> torch.Tensor:
    root, batch = AnswerModel(network, tokens), collate(ROWS, packed=False)
    root.check_rule(torch.zeros(1, 2, dtype=torch.int64))
    return root(batch.inputs, batch.positions, batch.targets)


@pytest.mark.parametrize("kind", ["llama", "cohere", "gemma2", "granite"])
@pytest.mark.parametrize("tokens", [None, 2], ids=["whole", "chunked"])
def test_loss_is_the_cross_entropy_of_answer_tokens_alone(kind: str, tokens: int | None) -> None:
    network = model(kind)
    expected = by_hand(network)
    slopes = gradients(network, expected)
    loss = loss_of(network, tokens)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert torch.allclose(gradients(network, loss), slopes, atol=1e-5)


@pytest.mark.parametrize("kind", ["llama", "cohere", "gemma2", "granite"])
def test_every_family_has_its_logits_in_chunks(kind: str) -> None:
    root = AnswerModel(model(kind))
    root.check_rule(torch.zeros(1, 2, dtype=torch.int64))
    assert root.fused


def test_a_model_that_changes_its_logits_in_a_way_of_its_own_makes_them_itself() -> None:
    class Odd(type(model("llama"))):  # type: ignore[misc]
        def forward(self, **inputs: Any) -> Any:
            output = super().forward(**inputs)
            output.logits = output.logits * 0.5 + 0.1
            return output

    network = model("llama")
    network.__class__ = Odd
    expected = by_hand(network)
    loss = loss_of(network)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_an_adapter_on_the_output_layer_is_in_the_loss() -> None:
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(target_modules=["lm_head"], init_lora_weights=False, task_type="CAUSAL_LM")
    network = get_peft_model(model("llama"), config)
    expected = by_hand(network)
    slopes = gradients(network, expected)
    assert torch.allclose(gradients(network, loss_of(network)), slopes, atol=1e-5)


def test_chunked_gradients_of_bfloat16_are_as_good_as_whole_ones() -> None:
    torch.manual_seed(0)
    hidden, weight = torch.randn(512, 64), torch.randn(256, 64) / 8
    targets = torch.randint(256, (512,))
    exact = weight.clone().requires_grad_()
    torch.nn.functional.cross_entropy(hidden @ exact.T, targets, reduction="sum").backward()

    def error(tokens: int) -> float:
        rounded = weight.bfloat16().requires_grad_()
        summed_cross_entropy(hidden.bfloat16(), rounded, None, targets, rule=LogitRule(), tokens=tokens).backward()
        assert rounded.grad is not None and exact.grad is not None
        return float((rounded.grad.float() - exact.grad).norm() / exact.grad.norm())

    assert error(2) < 2 * error(512) < 0.02


def test_validation_makes_no_gradients() -> None:
    hidden, weight = torch.randn(4, 8), torch.randn(16, 8, requires_grad=True)
    targets = torch.randint(16, (4,))
    products: list[tuple[int, ...]] = []

    class Counting(TorchDispatchMode):
        def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
            if function is torch.ops.aten.mm.default:
                products.append(tuple(arguments[0].shape))
            return function(*arguments, **(options or {}))

    with Counting(), torch.no_grad():
        summed_cross_entropy(hidden, weight, None, targets, rule=LogitRule(), tokens=4)
    assert products == [(4, 8)]  # the logits alone


def test_model_answers_as_before_outside_of_the_loss() -> None:
    network = model("llama")
    ids = torch.from_numpy(ROWS[0].ids)[None]
    before = network(input_ids=ids).logits
    loss_of(network)
    assert torch.equal(network(input_ids=ids).logits, before)


@pytest.mark.parametrize("packed", [True, False])
def test_padding_is_nowhere_in_the_loss(packed: bool) -> None:
    batch = collate(ROWS, packed)
    assert batch.targets.tolist() == [7, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
    assert len(batch.positions) == len(batch.targets)
