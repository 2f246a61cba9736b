"""Making a base model: it learns from its first steps, and the same run gives the same bits."""

import dataclasses

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from clt.studies.demo.corpus import documents
from clt.studies.demo.pretrain import RECIPES, Part, blocks_of, new_model, train
from clt.studies.demo.tokenizer import train_tokenizer

FIRST_STEPS = Part(steps=12, horizon_steps=1_000, warmup_steps=10, learning_rate=3e-3)
COOL_DOWN = Part(steps=3, horizon_steps=3, warmup_steps=1, learning_rate=1e-3)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(documents(2_000, seed=7))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def first_steps(tokenizer: PreTrainedTokenizerFast) -> tuple[list[float], torch.nn.Module]:
    recipe = dataclasses.replace(RECIPES["small"], documents=1_000, batch_blocks=4, parts=(FIRST_STEPS, COOL_DOWN))
    model = new_model(recipe, tokenizer)
    return train(model, blocks_of(recipe, tokenizer), recipe), model


def test_the_first_steps_lower_the_loss_and_repeat_bit_for_bit(tokenizer: PreTrainedTokenizerFast) -> None:
    losses, model = first_steps(tokenizer)
    again, model_again = first_steps(tokenizer)
    assert losses[-1] < losses[0] - 0.1
    assert losses == again
    assert all(
        torch.equal(first, second) for first, second in zip(model.parameters(), model_again.parameters(), strict=True)
    )


def test_a_new_model_leaves_the_global_generator_alone(tokenizer: PreTrainedTokenizerFast) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    new_model(RECIPES["small"], tokenizer)
    assert torch.equal(torch.rand(2), expected)


def test_documents_are_parted_by_the_end_token(tokenizer: PreTrainedTokenizerFast) -> None:
    recipe = dataclasses.replace(RECIPES["small"], documents=200)
    blocks = blocks_of(recipe, tokenizer)
    assert blocks.shape[1] == recipe.block_tokens
    assert 195 <= (blocks == tokenizer.eos_token_id).sum() <= 200
    assert not (blocks == tokenizer.pad_token_id).any()
    assert not (blocks == tokenizer.bos_token_id).any()


@pytest.mark.parametrize("name", RECIPES)
def test_the_learning_rate_rises_once_and_never_jumps_up(name: str) -> None:
    for part in RECIPES[name].parts:
        rates = [part.learning_rate_at(step) for step in range(part.steps)]
        top = rates.index(max(rates))
        assert rates[:top] == sorted(rates[:top])
        assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0.05 * max(rates), rel=0.1)
