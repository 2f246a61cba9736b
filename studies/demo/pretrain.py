"""`python -m clt.studies.demo.pretrain`: make the demo's two base models from nothing.

Documents of `corpus.pretraining` are tokenized, joined with the end token between them and cut into blocks; a
small Llama learns to predict the next token. One process and one thread a model, both side by side. The same
machine and torch build give the same weights, bit for bit; another processor may round differently.
"""

import argparse
import multiprocessing
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from clt.studies.demo.corpus import documents
from clt.studies.demo.corpus.pretraining import SHARE_OF_BILINGUAL, SHARE_OF_SUMS
from clt.studies.demo.model_files import write_model
from clt.studies.demo.tokenizer import MAX_LENGTH_TOKENS, train_tokenizer

MODELS_FOLDER = Path(__file__).parent / "models"
CORPUS_SEED = 7
TOKENIZER_DOCUMENTS = 30_000
FINAL_LEARNING_RATE_SHARE = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One stretch of training, with an optimizer and an order of the rows of its own.

    The learning rate rises over `warmup_steps`, then falls on a straight line that would reach
    `FINAL_LEARNING_RATE_SHARE` of itself at `horizon_steps`; the part ends after `steps`, which may be earlier.
    """

    steps: int
    horizon_steps: int
    warmup_steps: int
    learning_rate: float

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        done = (step - self.warmup_steps) / (self.horizon_steps - self.warmup_steps)
        return self.learning_rate * (1 - (1 - FINAL_LEARNING_RATE_SHARE) * done)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How one model is made. `block_tokens` is the length of a training row, `seed` that of weights and order."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    parts: tuple[Part, ...]
    documents: int = 200_000
    batch_blocks: int = 16
    block_tokens: int = 128
    seed: int = 1


RECIPES = {
    "small": Recipe(
        hidden=96,
        layers=4,
        heads=4,
        intermediate=256,
        parts=(
            Part(steps=3500, horizon_steps=5800, warmup_steps=100, learning_rate=3e-3),
            Part(steps=1500, horizon_steps=1500, warmup_steps=50, learning_rate=2e-3),
        ),
    ),
    "large": Recipe(
        hidden=128,
        layers=5,
        heads=4,
        intermediate=352,
        parts=(
            Part(steps=2000, horizon_steps=3300, warmup_steps=100, learning_rate=2e-3),
            Part(steps=1300, horizon_steps=1300, warmup_steps=50, learning_rate=2e-3),
        ),
    ),
}


def blocks_of(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> torch.Tensor:
    """All training rows, int64 of shape (blocks, block_tokens); a rest that fills no block is dropped."""
    stream: list[int] = []
    texts = documents(recipe.documents, CORPUS_SEED)
    while batch := list(islice(texts, 10_000)):
        for ids in tokenizer(batch)["input_ids"]:
            stream += ids
            stream.append(tokenizer.eos_token_id)
    whole = len(stream) // recipe.block_tokens
    return torch.tensor(stream[: whole * recipe.block_tokens]).view(whole, recipe.block_tokens)


def new_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model with random weights from the recipe's seed, in float32."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        intermediate_size=recipe.intermediate,
        max_position_embeddings=MAX_LENGTH_TOKENS,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        return LlamaForCausalLM(config)


def train(model: LlamaForCausalLM, blocks: torch.Tensor, recipe: Recipe, *, report: int = 0) -> list[float]:
    """Train in place, part after part; returns the loss (nats a token) of every step.

    With `report` a line is printed every so many steps.
    """
    losses: list[float] = []
    for number, part in enumerate(recipe.parts):
        order = torch.Generator().manual_seed(recipe.seed + number)
        losses += _train_part(model, blocks, recipe, part, order, report)
    return losses


def _train_part(
    model: LlamaForCausalLM, blocks: torch.Tensor, recipe: Recipe, part: Part, order: torch.Generator, report: int
) -> list[float]:
    """Rows are drawn in a shuffled order, anew every epoch; a rest that fills no batch is skipped."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.05)
    queue = torch.empty(0, dtype=torch.int64)
    losses: list[float] = []
    started = time.monotonic()
    model.train()
    for step in range(part.steps):
        if len(queue) < recipe.batch_blocks:
            queue = torch.randperm(len(blocks), generator=order)
        batch, queue = blocks[queue[: recipe.batch_blocks]], queue[recipe.batch_blocks :]
        for group in optimizer.param_groups:
            group["lr"] = part.learning_rate_at(step)
        logits = model(input_ids=batch[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if report and (step + 1) % report == 0:
            speed = (step + 1) * batch.numel() / (time.monotonic() - started)
            recent = sum(losses[-report:]) / report
            print(f"step {step + 1} of {part.steps}: loss {recent:.4f}, {speed:,.0f} tokens/s", flush=True)
    return losses


def make_model(name: str, folder: Path) -> None:
    """Train one model by its recipe and write it with its card below `folder / name`."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    recipe = RECIPES[name]
    tokenizer = train_tokenizer(documents(TOKENIZER_DOCUMENTS, CORPUS_SEED))
    blocks = blocks_of(recipe, tokenizer)
    model = new_model(recipe, tokenizer)
    started = time.monotonic()
    losses = train(model, blocks, recipe, report=100)
    minutes = (time.monotonic() - started) / 60
    write_model(folder / name, model, tokenizer, **card_entries(name, recipe, model, blocks.numel(), losses, minutes))


def card_entries(
    name: str, recipe: Recipe, model: LlamaForCausalLM, tokens: int, losses: list[float], minutes: float
) -> dict[str, Any]:
    """What the model's card says about its making."""
    seen = len(losses) * recipe.batch_blocks * recipe.block_tokens
    parts = [
        f"{part.steps:,} steps at {part.learning_rate_at(part.warmup_steps):.1e} "
        f"falling to {part.learning_rate_at(part.steps - 1):.1e}"
        for part in recipe.parts
    ]
    facts = {
        "Name": f"demo:{name}",
        "Parameters": f"{sum(weight.numel() for weight in model.parameters()):,}",
        "Documents": f"{recipe.documents:,} with {tokens:,} tokens, corpus seed {CORPUS_SEED}",
        "Training": f"AdamW, {' then '.join(parts)}, {recipe.batch_blocks} x {recipe.block_tokens} tokens each",
        "Tokens read": f"{seen:,}",
        "Seed": str(recipe.seed),
        "Loss": f"{sum(losses[-100:]) / len(losses[-100:]):.4f} nats a token, mean of the last 100 steps",
        "Time": f"{minutes:.0f} minutes on one CPU thread, {seen / minutes / 60:,.0f} tokens/s",
        "torch": torch.__version__,
    }
    return {
        "facts": facts,
        "bilingual": f"{SHARE_OF_BILINGUAL:.0%}",
        "sums": f"{SHARE_OF_SUMS:.0%}",
        "block_tokens": str(recipe.block_tokens),
    }


def main() -> None:
    """Make the models, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m clt.studies.demo.pretrain", description=__doc__)
    parser.add_argument("--model", choices=list(RECIPES), action="append", help="one model only (default: both)")
    parser.add_argument("--output", type=Path, default=MODELS_FOLDER, help="default: %(default)s")
    arguments = parser.parse_args()
    workers = [
        multiprocessing.get_context("spawn").Process(target=make_model, args=(name, arguments.output))
        for name in arguments.model or RECIPES
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a model was not made; its traceback stands above")


if __name__ == "__main__":
    main()
