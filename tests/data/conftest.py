"""A small parallel corpus in several scripts, and studies over it that are planned and mixed for real."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from clt.data import inspect_sources, mix
from clt.store import Store, open_store, publish_record
from clt.study import ModelFacts, Study, StudyRecord, expand

LANGUAGES = ("en", "ja", "zh", "ar", "ko")
NAMES = ("Ana", "Ben", "Carla", "Deniz", "Emeka", "Fatima", "Goro", "Hana")
# One long word problem a language: long enough for several n-grams, with two numbers and a name to tell items apart.
TEMPLATES = {
    "en": "{name} has {a} apples in a basket and buys {b} more at the market. How many apples does {name} have now?",
    "es": "{name} tiene {a} manzanas en la cesta y compra {b} más en el mercado. ¿Cuántas manzanas tiene {name} ya?",
    "ja": "{name}さんはりんごを{a}個持っていて、市場で{b}個買いました。今りんごを何個持っていますか。",
    "zh": "{name}的篮子里有{a}个苹果，又在市场上买了{b}个苹果。请问{name}现在一共有多少个苹果？",
    "ar": "لدى {name} في السلة {a} تفاحة واشترى من السوق {b} تفاحة أخرى. كم تفاحة لدى {name} الآن في المجموع؟",
    "ko": "{name}은 사과 {a}개를 가지고 있고 시장에서 {b}개를 더 샀습니다. {name}은 지금 사과를 모두 몇 개 가졌습니까?",
}


def problem(language: str, number: int) -> dict[str, str]:
    """The same word problem in any language: name and numbers follow from `number`."""
    a, b = 11 + number, 1000 - 7 * number
    question = TEMPLATES[language].format(name=NAMES[number % len(NAMES)], a=a, b=b)
    return {"id": f"item-{number}", "question": question, "answer": str(a + b)}


def write_jsonl(path: Path, rows: Iterable[Any]) -> Path:
    """Rows as lines; text is written as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


class Workplace:
    """A folder with data and a store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: Store = open_store(folder / "store")

    def data(self, rows: Callable[[str, int], Any] = problem, train: int = 60, test: int = 5) -> None:
        """train.LANGUAGE.jsonl with items from 0, test.LANGUAGE.jsonl with items from 500, in every language."""
        for language in LANGUAGES:
            write_jsonl(self.train(language), [rows(language, number) for number in range(train)])
            write_jsonl(self.test(language), [rows(language, number) for number in range(500, 500 + test)])

    def train(self, language: str) -> Path:
        return self.folder / f"train.{language}.jsonl"

    def test(self, language: str) -> Path:
        return self.folder / f"test.{language}.jsonl"

    def add(self, path: Path, *rows: Any) -> None:
        """Append rows to a file."""
        with path.open("a", encoding="utf-8") as file:
            file.writelines(
                (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows
            )

    def study(self, **changes: Any) -> Study:
        """One model, one task `math`, five languages; `task` and other keys change it."""
        source = {"path": str(self.folder / "train.{language}.jsonl")}
        task = {
            "train": source,
            "test": {"path": str(self.folder / "test.{language}.jsonl")},
            "prompt": "Question: {question}\nAnswer: ",
            "metrics": ["math_answer"],
        }
        content = {
            "name": "mixing",
            "models": [{"name": "tiny", "path": "org/tiny", "revision": "0" * 40, "parameters": 1000}],
            "tasks": {"math": task | changes.pop("task", {})},
            "languages": {"train": ["ja", "zh", "ar", "ko"], "evaluate": list(LANGUAGES)},
            "mixtures": [{"english_samples": 20, "samples_per_language": [0, 2, 5, 9]}],
            "training": {"epochs": 1, "validation_rows": 4},
        }
        return Study.model_validate(content | changes)

    def plan(self, study: Study) -> StudyRecord:
        """What the plan step publishes, for a model that needs no files."""
        grid = expand(study)
        models = {model.name: ModelFacts(identity=model.name, parameters=1000, bytes=2000) for model in study.models}
        facts = inspect_sources(study, grid, self.store).model_copy(update={"models": models})
        record = StudyRecord(study=study, facts=facts, grid=grid)
        publish_record(self.store, record)
        return record

    def mixture(self, record: StudyRecord, cell_key: str) -> "Mixed":
        """Mix a cell and read what was written."""
        mix(self.store, record.key, cell_key)
        key = record.mixture_key(record.grid.cell(cell_key))
        manifest = self.store.manifest(key)
        assert manifest is not None
        return Mixed(self.store.fetch(key), dict(manifest.metadata))

    def items(self, record: StudyRecord, task: str = "math") -> tuple[list[dict[str, str]], dict[str, Any]]:
        """Rows and metadata of a task's items."""
        key = record.items_key(task)
        manifest = self.store.manifest(key)
        assert manifest is not None
        return read_jsonl(self.store.fetch(key) / "items.jsonl"), dict(manifest.metadata)


class Mixed:
    """A mixture as it was written."""

    def __init__(self, folder: Path, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.train = read_jsonl(folder / "train.jsonl")
        self.validation = read_jsonl(folder / "validation.jsonl")
        self.sha256 = hashlib.sha256((folder / "train.jsonl").read_bytes()).hexdigest()

    def ids(self, language: str, task: str = "math") -> list[str]:
        return [row["id"] for row in self.train if row["language"] == language and row["task"] == task]

    def validation_ids(self, language: str, task: str = "math") -> list[str]:
        return [row["id"] for row in self.validation if row["language"] == language and row["task"] == task]


def read_jsonl(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A folder with sixty parallel training rows and five test items in each language."""
    place = Workplace(tmp_path)
    place.data()
    return place
