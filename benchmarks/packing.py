"""Rows end to end beside padded rows: the same tiny model, rows, micro-batch tokens and one thread.

    python -m benchmarks.packing [--runs 3] [--hidden 192]

Lengths are spread as in GSM8K (a task: log-normal, 0.4) and as where such rows are mixed with short commands (tasks); a
step has 64 rows. Steps of both alternate. Tokens are those of the rows, without padding; the time is the processor's,
of forward, backward and update.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

ROWS_OF_A_STEP, VOCABULARY = 64, 258
MEDIANS = {"task": (120,), "tasks": (120, 14)}  # tokens, by the kind of spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="steps of each, alternating")
    parser.add_argument("--hidden", type=int, default=192, help="width of the model; it has 4 layers")
    arguments = parser.parse_args()
    for spread in MEDIANS:
        lengths = _lengths(spread)
        for tokens in (2048, 16384):
            steps = [_step(packed, lengths, tokens, arguments.hidden) for packed in (True, False)]
            for step in steps:
                step()  # to warm up
            packed, padded = zip(*([step() for step in steps] for _ in range(arguments.runs)), strict=True)
            ratios = sorted(right / left for left, right in zip(packed, padded, strict=True))
            print(
                f"{spread:5} {tokens:5} tokens a pass, {_padding(lengths, tokens):.0%} padding: "
                f"packed {sum(lengths) / statistics.median(packed):.0f}, "
                f"padded {sum(lengths) / statistics.median(padded):.0f} tokens/s, "
                f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
                flush=True,
            )


def _lengths(spread: str) -> list[int]:
    draw = np.random.default_rng(0)
    medians = np.resize(MEDIANS[spread], ROWS_OF_A_STEP)
    return np.clip(medians * np.exp(draw.normal(0, 0.4, len(medians))), 4, 2048).astype(int).tolist()


def _padding(lengths: list[int], tokens: int) -> float:
    """Padding of what padded passes compute."""
    from clt.training.data import split_batch

    passes = split_batch(range(len(lengths)), lengths, tokens, 0, 1, packed=False)
    return 1 - sum(lengths) / sum(len(part) * max(lengths[index] for index in part) for part in passes)


def _step(packed: bool, lengths: list[int], tokens: int, hidden: int) -> Callable[[], float]:
    """An optimizer step that returns its processor seconds."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from clt.training.batch import collate
    from clt.training.data import TokenRow, split_batch
    from clt.training.environment import reproducible
    from clt.training.layout import choose_layout
    from clt.training.loss import AnswerLoss

    draw = np.random.default_rng(1)
    ids = [draw.integers(0, VOCABULARY, length) for length in lengths]
    rows = [TokenRow(key="", language="en", ids=tokens, answer_start=len(tokens) // 2) for tokens in ids]
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3,
        num_hidden_layers=4,
        num_attention_heads=hidden // 32,
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config)
    if packed:
        assert choose_layout(model, torch.device("cpu")).packed
    loss, optimizer = AnswerLoss(model), torch.optim.AdamW(model.parameters(), fused=True)

    def step() -> float:
        start = time.process_time()
        with reproducible(threads=1):
            for part in split_batch(range(len(rows)), lengths, tokens, 0, 1, packed=packed):
                loss(model, collate([rows[index] for index in part], packed)).backward()
            optimizer.step()
            optimizer.zero_grad()
        return time.process_time() - start

    return step


if __name__ == "__main__":
    main()
