"""A base model's folder: weights in half precision, configuration, tokenizer and a card about their origin."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

CARD = """# {Name}

A tiny Llama for the demo study, trained from random weights on text that was written for this project. It is
good for nothing else: it has read short templated stories in eight languages and knows some two hundred words.

| | |
|---|---|
{table}

## What it has read
Plain statements in English, Spanish, French, Japanese, Chinese, Arabic, Korean and Portuguese, made by
`studies/demo/corpus`: stories in which somebody has things and gets or loses some, lists with remarks about
them, and short news. {bilingual} of the documents tell the same thing in two languages, one after the other;
{sums} are sums such as `4 + 5 = 9`.

It has read no question, no instruction, no bare answer and no headline. It has read the number facts that the
test problems need (all of them, with other people), but none of the sets of words and none of the events in
places that the development and test items use.

## How to use it
`AutoModelForCausalLM` and `AutoTokenizer` load it without remote code. Weights are stored in float16 and the
configuration asks for float32, in which it was trained. The tokenizer is byte-level BPE and adds no special
tokens: append `<eos>` to what the model is to learn to end. `<eos>` stood between the documents; `<bos>` and
`<pad>` were never seen. Rows of training had {block_tokens} tokens: longer inputs work less well.

## Licence
Apache-2.0, weights and text. Made by `python -m clt.studies.demo.pretrain`.
"""


def write_model(
    folder: Path,
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    *,
    facts: Mapping[str, str],
    **rest_of_card: str,
) -> None:
    """Write everything that a load needs, and MODEL_CARD.md with `facts` as a table.

    `rest_of_card` fills the other places of `CARD`. The model is cast to float16 in place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    _ask_for_float32(folder / "config.json")
    tokenizer.save_pretrained(folder)
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    rows = {**facts, "SHA-256 of model.safetensors": f"`{digest}`", "Licence": "Apache-2.0"}
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    card = CARD.format(Name=facts["Name"], table=table, **rest_of_card)
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8", newline="\n")


def _ask_for_float32(path: Path) -> None:
    """`from_pretrained` takes the precision from the configuration, and float16 is slow on a CPU and too coarse."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config["dtype"] = "float32"
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
