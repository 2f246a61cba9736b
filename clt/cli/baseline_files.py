"""The files of `clt baseline`: a new baseline's study file, and the page of its history."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from clt.baselines import Verdict, baseline_of, baselines_in, judge_baseline, note_on_items, render_history
from clt.data import inspect_sources
from clt.errors import StoreError, UserError
from clt.planning import declared_facts, is_local, read_study
from clt.store import Store, open_store, replace_file
from clt.study import Study, expand, is_name, written_values

HISTORY, VERDICT = "history.html", "verdict.json"
PROBE = ".writable"


def write_baseline(source: Path, output: Path, **wanted: Any) -> Iterator[str]:
    """Write the study file of a baseline; says what it is, a line each. `wanted` are arguments of `baseline_of`."""
    if output.exists():
        raise UserError(f"--output {output}: is there already, expected a new file; remove it, or give another name")
    study = read_study(source)
    sized = baseline_of(study, **wanted)
    same_folder = source.parent.resolve() == output.parent.resolve()
    values = dict(written_values(source)) if same_folder else study.model_dump(mode="json", exclude_defaults=True)
    values |= sized.values
    values["models"] = [each for each in values["models"] if each["name"] in sized.models]
    head = (
        f"# A recurring baseline of {study.name}, made by clt baseline init {source.name}; docs/baselines.md says what "
        "its fields mean.\n"
    )
    text = head + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"--output {output}: cannot be written ({error.strerror}), expected a file") from error
    made = read_study(output)
    yield str(output)
    yield from sized.notes
    if (rows := _test_rows(made)) and (note := note_on_items(made, rows)):
        yield note
    yield f"next: clt baseline run {output} --store DIR"


def open_baseline(store_uri: str, name: str) -> Store:
    """The store of a baseline; StoreError for a name that no study can have, with the baselines that are there."""
    store = open_store(store_uri)
    if not is_name(name):
        known = ", ".join(baselines_in(store)) or "there is none in it"
        raise StoreError(f"got {name!r}, expected a baseline of the store {store.uri}: {known}")
    return store


def write_history(name: str, store_uri: str, output: Path | None) -> Path:
    """Judge a baseline and write its page; returns the folder."""
    store = open_baseline(store_uri, name)
    return write_page(store, judge_baseline(store, name), output)


def write_page(store: Store, verdict: Verdict, output: Path | None) -> Path:
    """Write history.html and verdict.json into a folder, which is made; returns it."""
    folder = output or store.folder / "baselines" / verdict.baseline / "history"
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / HISTORY, render_history(verdict))
        replace_file(folder / VERDICT, verdict.model_dump_json(indent=1) + "\n")
    return folder


def check_output(output: Path | None) -> None:
    """Make the folder that people want the page in, before there is one; UserError if nothing can be written there."""
    if output is not None:
        with _writable(output):
            output.mkdir(parents=True, exist_ok=True)
            replace_file(output / PROBE, "")
            (output / PROBE).unlink(missing_ok=True)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"--output {folder}: cannot be written ({error.strerror}), expected a folder") from error


def _test_rows(study: Study) -> dict[str, int]:
    """Test items of the primary comparison's task by language; empty where they are neither at hand nor declared."""
    assert study.baseline is not None, "it has just been made"
    task, grid = study.baseline.primary.task, expand(study.of_run(0))
    untrained = grid.model_copy(update={"cells": tuple(each for each in grid.cells if each.is_base), "points": ()})
    try:
        facts = inspect_sources(study, untrained) if is_local(study) else declared_facts(study)
    except UserError:  # the run says what is the matter with the data
        return {}
    return {code: facts.source(task, "test", code).rows for code in study.evaluated(task)}
