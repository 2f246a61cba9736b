"""Training speed beside trl's SFTTrainer: the same tiny model, rows, batch size, optimizer and one thread.

    python benchmarks/training.py [--runs 5] [--hidden 96]

Both train on answers only, without packing, in float32, for one epoch. Runs alternate, each in a process of its own;
tokens are those of the rows, without padding. The time is the processor's, from the end of the first step to the end
of the last one: with one thread it is the wall time on a free core, and it stays right on a shared one. Needs the
extra `bench`.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS, BATCH_SIZE, LEARNING_RATE = 960, 32, 3e-3
NAMES = ("Mia", "Omar", "Yuki", "Chloé", "Lucía", "Wei")
THINGS = ("apples", "manzanas", "pommes", "りんご", "苹果", "maçãs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs of each, alternating")
    parser.add_argument("--hidden", type=int, default=96, help="width of the model; it has 4 layers")
    parser.add_argument("--one", choices=("ours", "trl"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_one(arguments.one, arguments.hidden)))
        return
    speeds: dict[str, list[float]] = {"ours": [], "trl": []}
    for number in range(arguments.runs):
        for name in ("ours", "trl") if number % 2 == 0 else ("trl", "ours"):
            speeds[name].append(_in_a_process(name, arguments.hidden))
            print(f"run {number + 1} {name:5} {speeds[name][-1]:8.0f} tokens/s", flush=True)
    ours, trl = (statistics.median(speeds[name]) for name in ("ours", "trl"))
    print(f"median: ours {ours:.0f} tokens/s, trl {trl:.0f} tokens/s, ratio {ours / trl:.2f} (wanted: 1.2)")


def _in_a_process(name: str, hidden: int) -> float:
    command = [sys.executable, __file__, "--one", name, "--hidden", str(hidden)]
    root = str(Path(__file__).resolve().parent.parent)
    variables = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": root}
    result = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(result.stdout.splitlines()[-1])


def _one(name: str, hidden: int) -> float:
    """Tokens per second of one run in this process."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        _make_model(Path(folder) / "model", hidden)
        times = (_train_ours if name == "ours" else _train_trl)(Path(folder))
        tokens = _tokens(Path(folder) / "model")
        assert len(times) == ROWS // BATCH_SIZE, len(times)
    return tokens * (len(times) - 1) / len(times) / (times[-1] - times[0])


def _rows() -> list[dict[str, str]]:
    draw = random.Random(0)
    rows = []
    for number in range(ROWS):
        name, thing, a, b, c = draw.choice(NAMES), draw.choice(THINGS), *(draw.randint(2, 60) for _ in range(3))
        more = f" and then gives {c} {thing} to a friend" if draw.random() < 0.4 else ""
        question = f"{name} has {a} {thing} and gets {b} more{more}. How many {thing} does {name} have now?\n"
        answer = f"{a} + {b} = {a + b}. The answer is {a + b - (c if more else 0)}."
        rows.append({"id": str(number), "task": "math", "language": "en", "prompt": question, "answer": answer})
    return rows


def _make_model(folder: Path, hidden: int) -> None:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {token: i for i, token in enumerate(["<pad>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3,
        num_hidden_layers=4,
        num_attention_heads=hidden // 32,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


def _tokens(model: Path) -> int:
    """Tokens of all rows, stop tokens included."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    return sum(len(tokenizer.encode(row["prompt"] + row["answer"])) + 1 for row in _rows())


def _train_ours(folder: Path) -> list[float]:
    from clt.store import ArtifactFile, open_store, publish_record
    from clt.study import Facts, ModelFacts, SourceFacts, Study, StudyRecord, expand
    from clt.training import train

    source = "declared.jsonl"
    study = Study.model_validate(
        {
            "name": "benchmark",
            "models": [{"name": "tiny", "path": str(folder / "model")}],
            "tasks": {"math": {"train": source, "test": source, "prompt": "{prompt}", "metrics": ["exact_match"]}},
            "languages": {"train": [], "evaluate": ["en"]},
            "mixtures": [{"english_samples": ROWS, "samples_per_language": [0]}],
            "training": {
                "epochs": 1,
                "batch_size": BATCH_SIZE,
                "learning_rate": LEARNING_RATE,
                "max_tokens": 512,
                "checkpoint_every": 10000,
            },
        }
    )
    facts = Facts(
        sources={f"math/{split}/en": SourceFacts(checksum="-", rows=ROWS, mean_bytes=1) for split in ("train", "test")},
        models={"tiny": ModelFacts(identity="-", parameters=1, bytes=1)},
    )
    record = StudyRecord(study=study, facts=facts, grid=expand(study))
    store = open_store(folder / "store")
    cell = record.grid.cells[-1]
    with store.writer(record.mixture_key(cell)) as attempt:
        text = "".join(json.dumps(row) + "\n" for row in _rows())
        (attempt.path / ArtifactFile.TRAIN).write_text(text)
        (attempt.path / ArtifactFile.VALIDATION).write_text(text.splitlines(keepends=True)[0])
    times: list[float] = []
    train(store, publish_record(store, record), cell.key, lambda *_: times.append(time.process_time()))
    return times


def _train_trl(folder: Path) -> list[float]:
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append(time.process_time())

    options = SFTConfig(
        output_dir=str(folder / "trl"),
        num_train_epochs=1,
        per_device_train_batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        lr_scheduler_type="constant",
        max_length=512,
        completion_only_loss=True,
        packing=False,
        gradient_checkpointing=False,  # trl's default saves memory and costs time: without it trl is faster
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder / "model"),
        args=options,
        train_dataset=Dataset.from_list([{"prompt": row["prompt"], "completion": row["answer"]} for row in _rows()]),
        processing_class=AutoTokenizer.from_pretrained(folder / "model"),
        callbacks=[Clock()],
    )
    trainer.train()
    return times


if __name__ == "__main__":
    main()
