"""Answers to 8-shot maths beside lm-eval's back end for transformers: the same prompts, model, stops and one thread.

    python -m benchmarks.evaluation [--items 32] [--new 128] [--batch 16] [--precision float32] [--long]

The model is the demo's small base model, told that it has more positions; the data are GSM8K's and MGSM's, where
CLT_DATA or shared/data beside the repository has them. Items a second of the processor; for ours also how many answers
differ from those of a batch of one.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CLT_DATA") or REPOSITORY.parent / "shared" / "data") / "math"
SHOTS, POSITIONS = 8, 8192
STOP = "\n\nQuestion:"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=32)
    parser.add_argument("--new", type=int, default=128, help="tokens of an answer at most")
    parser.add_argument("--batch", type=int, default=16, help="rows at a time")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--long", action="store_true", help="the model cannot end an answer")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}: set CLT_DATA to the folder that holds math")
        return

    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    folder = REPOSITORY / "studies" / "demo" / "models" / "small"
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    options = {"dtype": arguments.precision, "max_position_embeddings": POSITIONS}
    model: Any = AutoModelForCausalLM.from_pretrained(folder, **options).eval()
    if arguments.long:
        model.get_output_embeddings().weight.data[tokenizer.eos_token_id] = 0
    prompts = _prompts(arguments.items)
    print(f"{len(prompts)} prompts of {len(tokenizer.encode(prompts[0]))} tokens, as the first", flush=True)
    ours = _measured(
        "this project", len(prompts), lambda: _ours(model, tokenizer, prompts, arguments.batch, arguments.new)
    )
    theirs = _measured(
        "lm-eval", len(prompts), lambda: _theirs(model, tokenizer, prompts, arguments.batch, arguments.new)
    )
    tokens = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in ours) / len(ours)
    print(f"{tokens:.0f} tokens an answer, on average")
    print(f"{sum(left != right for left, right in zip(ours, theirs, strict=True))} answers differ from lm-eval's")
    alone = _ours(model, tokenizer, prompts, 1, arguments.new)
    print(f"{sum(left != right for left, right in zip(ours, alone, strict=True))} differ from those of a batch of one")


def _prompts(items: int) -> list[str]:
    shots, asked = (_rows(DATA / f"{name}.en.jsonl") for name in ("gsm8k_train", "mgsm_test"))
    start = "".join(f"Question: {row['question']}\nAnswer: {row['answer']}\n\n" for row in shots[:SHOTS])
    return [f"{start}Question: {row['question']}\nAnswer:" for row in asked[:items]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _measured(name: str, items: int, generate: Callable[[], list[str]]) -> list[str]:
    start = time.process_time()
    texts = generate()
    seconds = time.process_time() - start
    print(f"{name}: {items / seconds:.3f} items a processor second ({seconds:.0f} s)", flush=True)
    return texts


def _ours(model: Any, tokenizer: Any, prompts: list[str], batch_size: int, longest: int) -> list[str]:
    from clt.evaluation.engines import Stop
    from clt.evaluation.engines.hf import HfEngine
    from clt.models import Encoder

    encoder = Encoder(tokenizer)
    ids = [encoder.encode_prompt(prompt).ids for prompt in prompts]
    stop = Stop(frozenset({encoder.stop_token}), (STOP,))
    engine = HfEngine(model, encoder, batch_size)
    return [each.text for each in engine.generate(ids, stop=stop, max_new_tokens=longest)]


def _theirs(model: Any, tokenizer: Any, prompts: list[str], batch_size: int, longest: int) -> list[str]:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    options = {"until": [STOP], "max_gen_toks": longest, "do_sample": False}
    asked = [
        Instance(request_type="generate_until", doc={}, arguments=(prompt, dict(options)), idx=index)
        for index, prompt in enumerate(prompts)
    ]
    engine = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch_size, max_length=POSITIONS)
    return engine.generate_until(asked, disable_tqdm=True)


if __name__ == "__main__":
    main()
