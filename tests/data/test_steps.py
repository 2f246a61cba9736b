"""The steps as others call them: complete or invisible, streaming, and cheap where all is there already."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import clt.data
from clt.data import mix
from clt.errors import StoreError, StudyError
from clt.planning import plan_study
from clt.store import open_store, publish_record, read_record
from tests.data.conftest import LANGUAGES, problem, write_jsonl

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A folder that has what identifies a model."""
    folder = tmp_path / "model"
    folder.mkdir()
    save_file({"weight": np.zeros((10, 10), dtype=np.float32)}, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    return str(folder)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond this many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]


def test_exports_are_what_is_listed():
    inspection = ["inspect_catalog", "inspect_sources"]
    assert clt.data.__all__ == ["Catalog", "choose_shots", *inspection, "mix", "splits_needed", "unused_conversions"]


def test_mixing_imports_no_torch():
    code = "import clt.data; print([name for name in ('torch', 'kfp', 'datasets') if name in sys.modules])"
    assert subprocess.run(python(code), check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_plan_publishes_the_record_and_again_changes_nothing(workplace, model):
    study = workplace.study(models=[{"name": "tiny", "path": model}])
    record = plan_study(workplace.store, study, text="name: mixing\n")
    assert read_record(workplace.store, record.key) == record
    assert (workplace.store.fetch(f"studies/{record.key}") / "study.yaml").read_text() == "name: mixing\n"
    keys = workplace.store.keys("")
    assert plan_study(workplace.store, study).key == record.key
    assert workplace.store.keys("") == keys
    assert plan_study(workplace.store, study, repeat="again").key != record.key


def test_plan_refuses_what_exceeds_the_limits(workplace, model):
    study = workplace.study(models=[{"name": "tiny", "path": model}], limits={"disk": "10B"})
    with pytest.raises(StudyError, match=r"limits\.disk: got 10B"):
        plan_study(workplace.store, study)
    assert not workplace.store.keys("studies")


def test_a_complete_step_reads_no_source(workplace):
    record = workplace.plan(workplace.study())
    cell = record.grid.cells[-1].key
    before = workplace.mixture(record, cell)
    for language in LANGUAGES:
        workplace.train(language).unlink()
        workplace.test(language).unlink()
    mix(workplace.store, record.key, cell)
    assert workplace.mixture(record, cell).sha256 == before.sha256


def test_a_mixture_is_the_same_whether_the_plan_compared_its_rows(workplace):
    """What the plan keeps in the store saves time and decides nothing."""
    workplace.add(workplace.test("ja"), problem("ja", 4) | {"id": "other"}, problem("ja", 900) | {"id": "item-7"})
    mixtures = [{"english_samples": 50, "samples_per_language": [0, 50]}]
    record = workplace.plan(workplace.study(mixtures=mixtures))
    first = workplace.mixture(record, record.grid.cells[-1].key)
    assert first.metadata["dropped"]
    workplace.store.prune(record.mixture_key(record.grid.cells[-1]), "for this test")
    other = open_store(workplace.folder / "other")
    publish_record(other, record)
    workplace.store = other
    again = workplace.mixture(record, record.grid.cells[-1].key)
    assert again.sha256 == first.sha256
    assert again.metadata == first.metadata


def test_a_write_that_fails_leaves_nothing(workplace):
    mixtures = [{"english_samples": 50, "samples_per_language": [50]}]
    record = workplace.plan(workplace.study(mixtures=mixtures))
    cell = record.grid.cells[-1]
    with largest_file(8_000), pytest.raises(StoreError, match="cannot be written"):
        mix(workplace.store, record.key, cell.key)
    assert not workplace.store.keys("mixtures")
    assert len(workplace.mixture(record, cell.key).train) == 250


def test_killed_at_any_moment_it_gives_the_same_bytes(workplace):
    workplace.data(train=4000)
    mixtures = [{"english_samples": 3900, "samples_per_language": [3900]}]
    record = workplace.plan(workplace.study(mixtures=mixtures))
    cell = record.grid.cells[-1]
    code = (
        "from clt.store import open_store; from clt.data import mix\n"
        f"mix(open_store({workplace.store.uri!r}), {record.key!r}, {cell.key!r})"
    )
    process = subprocess.Popen(python(code))
    while process.poll() is None and not list(workplace.folder.glob("store/**/mixtures/**/train.jsonl")):
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not workplace.store.keys("mixtures")
    after_kill = workplace.mixture(record, cell.key)
    workplace.store = open_store(workplace.folder / "other")
    record = workplace.plan(workplace.study(mixtures=mixtures))
    assert workplace.mixture(record, cell.key).sha256 == after_kill.sha256


@pytest.mark.slow
def test_memory_does_not_grow_with_the_source(workplace):
    """A source of 60 MB is inspected in less than a third of that (20 bytes a row, and buffers)."""
    text = "long " * 400
    rows = ({"id": str(number), "question": f"{number} {text}", "answer": "1"} for number in range(30_000))
    path = write_jsonl(workplace.folder / "large.jsonl", rows)
    assert path.stat().st_size > 60_000_000
    code = f"""
import resource
from pathlib import Path
from clt.data.index import build_index
from clt.data.jsonl_rows import JsonlRows
from clt.data.validation import RowCheck
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = JsonlRows(Path({str(path)!r}), None, numbered="")
index = build_index(rows, rows.checksum(), RowCheck("{{question}}", "{{answer}}", {{}}, numbered=""), skip=False)
print(len(index.entries), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    entries, kibibytes = subprocess.run(python(code), check=True, capture_output=True, text=True).stdout.split()
    assert int(entries) == 30_000
    assert int(kibibytes) < 20_000


def test_metadata_of_a_mixture(workplace):
    record = workplace.plan(workplace.study())
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    assert mixed.metadata["rows"] == 56
    assert mixed.metadata["counts"] == {"math": {"ar": 9, "en": 20, "ja": 9, "ko": 9, "zh": 9}}
    assert mixed.metadata["validation_counts"] == {"math": dict.fromkeys(sorted(LANGUAGES), 4)}
    assert mixed.metadata["non_english_share"] == pytest.approx(36 / 56)
    assert mixed.metadata["sources"]["math/train/ja"] == record.facts.source("math", "train", "ja").checksum
    json.dumps(mixed.metadata, allow_nan=False)


def test_a_mixture_counts_long_texts_and_special_tokens_in_its_rows(workplace):
    for language in LANGUAGES:
        rows = [problem(language, number) | {"answer": f"{number} <|im_end|> <|im_end|> </s>"} for number in range(60)]
        write_jsonl(workplace.train(language), rows)
    record = workplace.plan(workplace.study())
    mixed = workplace.mixture(record, record.grid.cells[-1].key)
    counts = len(mixed.ids("ja"))
    texts = mixed.metadata["texts"]["math"]["ja"]
    assert texts["special_text"] == {"answer: </s>": counts, "answer: <|im_end|>": counts}
    rows = [row for row in mixed.train if row["language"] == "ja"]
    assert texts["longest_prompt_bytes"] == max(len(row["prompt"].encode()) for row in rows)
    assert texts["longest_answer_bytes"] == max(len(row["answer"].encode()) for row in rows)
