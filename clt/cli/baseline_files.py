"""The files of `clt baseline`: a new baseline's study file, and the page of its history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from clt.baselines import Verdict, baseline_of, judge_baseline, render_history
from clt.errors import UserError
from clt.planning import read_study
from clt.store import Store, open_store
from clt.study import written_values

HISTORY, VERDICT = "history.html", "verdict.json"


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
    read_study(output)
    yield str(output)
    yield from sized.notes


def write_history(name: str, store_uri: str, output: Path | None) -> Path:
    """Judge a baseline and write its page; returns the folder."""
    store = open_store(store_uri)
    return write_page(store, judge_baseline(store, name), output)


def write_page(store: Store, verdict: Verdict, output: Path | None) -> Path:
    """Write history.html and verdict.json into a folder, which is made; returns it."""
    folder = output or store.folder / "baselines" / verdict.baseline / "history"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((HISTORY, render_history(verdict)), (VERDICT, verdict.model_dump_json(indent=1) + "\n")):
            beside = folder / f".{name}.new"
            beside.write_text(text, encoding="utf-8")
            beside.replace(folder / name)
    except OSError as error:
        raise UserError(f"--output {folder}: cannot be written ({error.strerror}), expected a folder") from error
    return folder
