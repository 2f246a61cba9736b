"""The plan's estimate of a training's memory beside what the trainer takes: the peak of real steps on a CPU.

    python -m benchmarks.memory [--sizes 70M 110M]

Random Llamas in float32, one process. Rows fill every micro-batch to its last token and are answers almost to the last
one, as the estimate supposes; a step has two micro-batches, so that gradients are there while activations are. The peak
is read after the second step, before anything is saved. It is measured twice: in a process whose malloc gives freed
blocks back at once, beside the estimate of what is in use, and as it is, beside the estimate of a pod, which allows for
what malloc holds back. Both include Python and torch.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from clt.planning import inspect_model
from clt.study import Facts, ModelFacts, SourceFacts, Study, StudyRecord, expand, training_memory

SIZES = {  # hidden size, layers, feed-forward size, heads, vocabulary, tied
    "70M": (640, 10, 1728, 10, 16000, False),
    "110M": (768, 12, 2048, 12, 32000, True),
    "240M": (1024, 16, 2816, 16, 32000, True),
}
ROW_TOKENS, MICRO_BATCH_TOKENS, MICRO_BATCHES, STEPS = 512, 2048, 2, 2
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # of glibc: larger blocks come from the system and go back to it
PROMPT = "Say it: "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["70M", "110M"])
    parser.add_argument("--one", choices=list(SIZES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_one(arguments.one)))
        return
    for size in arguments.sizes:
        for what, variables in (("in use", GIVE_BACK), ("as it is", {})):
            found = _in_a_process(size, variables)
            estimate, peak = found[what], found["peak"]
            print(
                f"{size}, {what}: estimate {estimate / 1e9:.2f} GB, peak {peak / 1e9:.2f} GB, "
                f"ratio {estimate / peak:.2f}; {found}",
                flush=True,
            )


def _in_a_process(size: str, variables: dict[str, str]) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.memory", "--one", size]
    variables = os.environ | {"HF_HUB_OFFLINE": "1"} | variables
    done = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def _one(size: str) -> dict[str, int]:
    """Bytes: what the plan says, and the peak of this process."""
    from clt.planning.memory_fit import CPU_PROCESS, HELD_BACK
    from clt.store import open_store, publish_record
    from clt.training import train

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", _MAKE, str(folder / "model"), json.dumps(SIZES[size])], check=True)
        study = _study(folder)
        facts = inspect_model(study.models[0])
        record = _record(study, facts)
        store = open_store(folder / "store")
        cell = record.grid.cells[-1]
        _write_rows(store, record.mixture_key(cell))
        peaks: list[int] = []
        train(store, publish_record(store, record), cell.key, lambda *_: peaks.append(_peak()))
        assert facts.shape is not None
        memory = training_memory(
            facts.shape, facts.parameters, study.models[0], study.training, study.resources.training, room=None
        )
    return {
        "parameters": facts.parameters,
        "in use": CPU_PROCESS + memory.total,
        "as it is": CPU_PROCESS + round((1 + HELD_BACK) * memory.total),
        "peak": peaks[-1],
        "state": memory.state,
        "activations": memory.activations,
        "working": memory.working,
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _study(folder: Path) -> Study:
    source = "declared.jsonl"
    rows = MICRO_BATCH_TOKENS * MICRO_BATCHES // ROW_TOKENS
    return Study.model_validate(
        {
            "name": "benchmark",
            "models": [{"name": "random", "path": str(folder / "model")}],
            "tasks": {"text": {"train": source, "test": source, "prompt": "{prompt}", "metrics": ["exact_match"]}},
            "languages": {"train": [], "evaluate": ["en"]},
            "mixtures": [{"english_samples": rows, "samples_per_language": [0]}],
            "training": {
                "max_steps": STEPS,
                "batch_size": rows,
                "max_tokens": ROW_TOKENS,
                "checkpoint_every": 1000,
                "cpu_threads": 2,
            },
        }
    )


def _record(study: Study, facts: ModelFacts) -> StudyRecord:
    rows = study.training.batch_size
    sources = {f"text/{split}/en": SourceFacts(checksum="-", rows=rows, mean_bytes=1) for split in ("train", "test")}
    return StudyRecord(study=study, facts=Facts(sources=sources, models={"random": facts}), grid=expand(study))


def _write_rows(store: Any, key: str) -> None:
    """Rows of ROW_TOKENS bytes, which are the tokens, with the stop token."""
    from clt.store import ArtifactFile

    rows = MICRO_BATCH_TOKENS * MICRO_BATCHES // ROW_TOKENS
    answers = [f"{number:04d}" * (ROW_TOKENS // 4) for number in range(rows)]
    lines = [
        json.dumps(
            {"id": str(number), "task": "text", "language": "en", "prompt": PROMPT}
            | {"answer": answer[: ROW_TOKENS - len(PROMPT) - 1]}
        )
        for number, answer in enumerate(answers)
    ]
    with store.writer(key) as attempt:
        (attempt.path / ArtifactFile.TRAIN).write_text("\n".join(lines) + "\n")
        (attempt.path / ArtifactFile.VALIDATION).write_text(lines[0] + "\n")


# In a process of its own, so that what making the model takes is not in the peak.
_MAKE = """
import json, sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
folder, (hidden, layers, inner, heads, vocabulary, tied) = sys.argv[1], json.loads(sys.argv[2])
tokens = ["</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
tokens += [f"<{number}>" for number in range(vocabulary - len(tokens))]
tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, []))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
tokenizer.decoder = decoders.ByteLevel()
PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="</s>").save_pretrained(folder)
LlamaForCausalLM(LlamaConfig(
    hidden_size=hidden, num_hidden_layers=layers, intermediate_size=inner, num_attention_heads=heads,
    vocab_size=vocabulary, tie_word_embeddings=tied, max_position_embeddings=2048,
    bos_token_id=None, eos_token_id=0, pad_token_id=0,
)).save_pretrained(folder)
"""


if __name__ == "__main__":
    main()
