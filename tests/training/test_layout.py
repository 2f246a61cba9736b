"""Rows end to end compute what rows alone compute, or are not laid so."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from clt.training.attention import ROWS
from clt.training.batch import Batch, collate, one_ahead, prefetched
from clt.training.data import TokenRow
from clt.training.layout import Layout, choose_layout
from clt.training.loss import AnswerModel
from clt.training.processes import Processes
from tests.training.architectures import PACKED, PADDED, architecture

CPU = torch.device("cpu")
LENGTHS = [(9, 3), (9, 6), (5, 4), (14, 1), (2, 1)]  # of rows: tokens, and those of the prompt
ROWS_OF_TOKENS = [
    TokenRow(key=str(number), language="en", ids=np.arange(3, 3 + tokens) * 7 % 64, answer_start=prompt)
    for number, (tokens, prompt) in enumerate(LENGTHS)
]


def layout_of(model: Any, device: torch.device = CPU) -> Layout:
    return choose_layout(AnswerModel(model), Processes(device=device))


def loss_and_gradients(model: Any, batches: list[Batch]) -> tuple[torch.Tensor, torch.Tensor]:
    model.zero_grad()
    root = AnswerModel(model)
    total = torch.stack([root(batch.inputs, batch.positions, batch.targets) for batch in batches]).sum()
    total.backward()
    return total.detach(), torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.parametrize("name", PACKED)
def test_packed_padded_and_single_rows_have_the_same_loss_and_gradients(name: str) -> None:
    one_by_one = loss_and_gradients(architecture(name), [collate([row], packed=False) for row in ROWS_OF_TOKENS])
    padded = loss_and_gradients(architecture(name), [collate(ROWS_OF_TOKENS, packed=False)])
    model = architecture(name)
    assert layout_of(model) == Layout(packed=True)
    packed = loss_and_gradients(model, [collate(ROWS_OF_TOKENS, packed=True)])
    boundless = loss_and_gradients(model, [collate(ROWS_OF_TOKENS, packed=False)])  # our attention, told no bounds
    for other in (padded, packed, boundless):
        for left, right in zip(one_by_one, other, strict=True):
            assert (left - right).norm() <= 1e-5 * left.norm()


@pytest.mark.parametrize(
    ("name", "because"),
    [("gemma2", "caps the scores"), ("mamba", "takes no attention"), ("qwen3_next", "takes no attention")],
)
def test_a_model_that_cannot_take_packed_rows_gets_padded_ones_and_says_why(name: str, because: str) -> None:
    model = architecture(name)
    before = model.config._attn_implementation
    layout = layout_of(model)
    assert not layout.packed and because in str(layout.because)
    assert model.config._attn_implementation == before


@pytest.mark.parametrize("name", sorted(PADDED))
def test_rows_that_see_each_other_are_found_by_trying(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clt.training.layout._obstacle", lambda *_: None)
    layout = layout_of(architecture(name))
    assert not layout.packed and layout.because


class Masked(AnswerModel):
    """A model that is given a mask of ones with every batch, as a collator of padded rows makes it."""

    def forward(self, inputs: Any, *answers: Any) -> torch.Tensor:
        return super().forward({**inputs, "attention_mask": torch.ones_like(inputs["input_ids"])}, *answers)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(("implementation", "packed"), [("sdpa", False), (ROWS, True)])
def test_a_mask_of_ones_joins_rows_where_transformers_finds_them_and_not_here(
    implementation: str, packed: bool, half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers#46634: with a mask it does not look at position_ids, and a row sees those before it."""
    monkeypatch.setattr("clt.training.layout.ROWS", implementation)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        assert choose_layout(Masked(architecture("llama")), Processes()).packed == packed


def test_trying_leaves_modes_and_random_numbers_alone() -> None:
    model = architecture("llama", attention_dropout=0.5)
    model.train()
    model.model.layers[0].eval()
    modes, state = [module.training for module in model.modules()], torch.get_rng_state()
    assert layout_of(model).packed
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)


def test_attention_drops_out_only_while_training() -> None:
    model, batch = architecture("llama", attention_dropout=0.5), collate(ROWS_OF_TOKENS, packed=True)
    layout_of(model)
    calm, trained = (model.train(mode)(**batch.inputs).logits for mode in (False, True))
    assert not torch.allclose(calm, trained)


def test_a_saved_model_does_not_name_our_attention() -> None:
    model = architecture("llama")
    layout_of(model)
    assert ROWS not in model.config.to_json_string()


def test_an_adapter_of_peft_is_seen_through() -> None:
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=2, target_modules=["q_proj"], lora_dropout=0.5, task_type="CAUSAL_LM")
    model = get_peft_model(architecture("llama"), config)
    assert layout_of(model).packed
    assert model.get_base_model().config._attn_implementation == ROWS


def test_a_thread_makes_the_next_batch_while_the_present_one_is_used_and_no_more() -> None:
    begun: list[int] = []
    with ThreadPoolExecutor(1) as thread:
        for used in one_ahead(lambda item: begun.append(item) or item, range(4), thread):
            thread.submit(int).result()  # what was asked for before is done
            assert begun == list(range(min(used + 2, 4)))
    assert begun == [0, 1, 2, 3]


def test_a_failure_while_a_batch_is_made_ends_the_loop() -> None:
    with ThreadPoolExecutor(1) as thread, pytest.raises(ZeroDivisionError):
        list(one_ahead(lambda item: 1 // item, [1, 0, 1], thread))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator")
@pytest.mark.parametrize("name", PACKED)
def test_an_accelerator_packs_in_half_precision_without_a_wait_of_its_host(name: str) -> None:
    device = torch.device("cuda", torch.cuda.current_device())
    model = architecture(name).to(device, torch.bfloat16)
    alone = [collate([row], packed=False).to(device) for row in ROWS_OF_TOKENS]
    expected = loss_and_gradients(model, alone)
    assert layout_of(model, device) == Layout(packed=True)
    packed = loss_and_gradients(model, [collate(ROWS_OF_TOKENS, packed=True).to(device)])
    for left, right in zip(expected, packed, strict=True):
        assert (left - right).norm() <= 0.03 * left.norm()
    root = AnswerModel(model)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for batch in prefetched(lambda row: collate([row], True).to(device), ROWS_OF_TOKENS, device):
            root(batch.inputs, batch.positions, batch.targets).backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")
