"""The card of an exported model: what it was made of, how good it is, and how to ask it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from clt.models.loading_example import loading_example
from clt.store import EvaluatedCheckpointMetadata, MixtureMetadata, Store, TrainingMetadata
from clt.study import Cell, Model, StudyRecord, checkpoint_key, is_hub_id


def model_card(store: Store, record: StudyRecord, cell: Cell, training: TrainingMetadata, *, merged: bool) -> str:
    """README.md of the selected model of a trained cell, as the hub shows it: front matter, then Markdown.

    Args:
        store: Has its mixture and, if it is evaluated, its scores.
        record: The study of the cell.
        cell: A trained one.
        training: Its training.
        merged: Whether a LoRA adapter was added to the base model's weights.
    """
    model = record.model(cell)
    sections = (
        _front_matter(model, cell, merged=merged),
        f"# {cell.key}",
        _origin(record, model, cell, merged=merged),
        "## How to load it",
        loading_example(record, cell, merged=merged),
        "## What it was trained on",
        _mixture(store, record, cell),
        "## How it was trained",
        _training(record, model, cell, training),
        "## Scores",
        _scores(store, record, cell, training),
    )
    return "\n\n".join(sections) + "\n"


def _front_matter(model: Model, cell: Cell, *, merged: bool) -> str:
    facts: dict[str, Any] = {
        "language": list(cell.rows),
        "library_name": "peft" if model.method == "lora" and not merged else "transformers",
        "pipeline_tag": "text-generation",
    }
    if model.path is not None and is_hub_id(model.path):
        facts["base_model"] = model.path
    facts |= _licence(model)
    return f"---\n{yaml.safe_dump(facts, allow_unicode=True, sort_keys=False)}---"


def _origin(record: StudyRecord, model: Model, cell: Cell, *, merged: bool) -> str:
    path = model.path or ""
    base = f"{path} at {model.revision}" if is_hub_id(path) else f"{model.name}, the folder {Path(path).name}"
    kind = {"full": "all weights", "lora": "a LoRA adapter" + (", merged into the base model" if merged else "")}
    licence = _licence(model)
    terms = licence.get("license_name") or licence.get("license") or "see the base model's page"
    rows = [
        ("base model", base),
        ("its files", record.facts.models[model.name].identity),
        ("its licence", f"{terms} {licence.get('license_link', '')}".strip()),
        ("study", f"{record.study.name} ({record.key})"),
        ("cell", cell.key),
        ("here", f"{kind[model.method]}, {record.study.training.precision}"),
    ]
    lead = (
        "Made by [cross-lingual-transfer](https://arxiv.org/abs/2504.16677): a base model, fine-tuned on one mixture."
    )
    description = f"\n\n{record.study.description}" if record.study.description else ""
    return f"{lead}{description}\n\n{_table(('', ''), rows)}"


def _mixture(store: Store, record: StudyRecord, cell: Cell) -> str:
    """Rows by task and language: those that were drawn, or where the mixture is gone those that were asked for."""
    mixture = MixtureMetadata.read(store, record.mixture_key(cell))
    counts = dict.fromkeys(cell.tasks, cell.rows) if mixture is None else mixture.counts
    languages = list(cell.rows)
    rows = [(task, *(f"{counts[task].get(code, 0):,}" for code in languages)) for task in counts]
    return _table(("rows of task", *languages), rows)


def _training(record: StudyRecord, model: Model, cell: Cell, training: TrainingMetadata) -> str:
    settings: dict[str, Any] = {"method": model.method, "seed": cell.seed}
    settings |= {"repeat": cell.repeat} if cell.repeat else {}
    settings |= {"lora": model.lora.model_dump(mode="json")} if model.method == "lora" else {}
    settings |= record.study.training.model_dump(mode="json", exclude_none=True)
    selected = training.checkpoint(training.selected)
    by_language = ", ".join(f"{code} {loss:.4f}" for code, loss in selected.validation.items())
    return (
        f"The weights are those after step {selected.step}: of {len(training.checkpoints)} checkpoints the one with "
        f"the lowest validation loss: {selected.validation_loss:.4f} nats per answer token"
        f"{f' ({by_language})' if by_language else ''}. The loss was taken on answers alone.\n\n"
        f"```yaml\n{yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)}```"
    )


def _scores(store: Store, record: StudyRecord, cell: Cell, training: TrainingMetadata) -> str:
    key = checkpoint_key(record.evaluation_key(cell), training.selected)
    evaluated = EvaluatedCheckpointMetadata.read(store, key)
    if evaluated is None:
        return "It has not been evaluated in this study."
    english = record.study.languages.english
    rows = [
        (
            each.task,
            each.metric,
            each.language,
            cell.exposure(each.language, english),
            "–" if each.mean is None else f"{each.mean:.4f}",
            f"{each.items - each.unscored:,}",
        )
        for each in evaluated.scores
    ]
    return "Means over test items, by one run of one seed.\n\n" + _table(
        ("task", "metric", "language", "in training", "mean", "items"), rows
    )


def _licence(model: Model) -> dict[str, str]:
    """What a base model's own card says of its licence, if its folder has one."""
    readme = Path(model.path or "") / "README.md"
    if model.path is None or is_hub_id(model.path) or not readme.is_file():
        return {}
    _, _, rest = readme.read_text(encoding="utf-8", errors="replace").partition("---\n")
    try:
        facts = yaml.safe_load(rest.partition("\n---")[0])
    except yaml.YAMLError:
        return {}
    names = ("license", "license_name", "license_link")
    return {name: str(facts[name]) for name in names if name in facts} if isinstance(facts, dict) else {}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        for row in (head, ["---"] * len(head), *rows):
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"

    return "\n".join(lines())
