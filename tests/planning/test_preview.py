"""`clt plan` inspects what is at hand, and goes by the study's own numbers for what is elsewhere."""

import json
import re
from pathlib import Path

import pytest

from clt.errors import DataError, StudyError
from clt.planning import preview_plan, read_study

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def readme_study(tmp_path: Path) -> str:
    """The whole study file of the README, in small, with its data beside it."""
    text = README.read_text(encoding="utf-8")
    found = re.search(r"(?m)^    name: [\s\S]*?\n\n", text)
    assert found is not None
    (tmp_path / "data").mkdir()
    for split, rows in (("train", 120), ("test", 7)):
        for code in ("en", "es", "ja", "pt", "ko"):
            lines = [json.dumps({"id": f"{split}{n}", "question": f"{code} {n}", "answer": "1"}) for n in range(rows)]
            (tmp_path / "data" / f"{split}.{code}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    small = {"english_samples: 10000": "english_samples: 40", "[0, 100, 1000, 5000]": "[0, 8]"}
    study = re.sub(r"(?m)^    ", "", found[0])
    for old, new in small.items():
        assert old in study
        study = study.replace(old, new)
    return study


def items(tmp_path: Path, study: str) -> int:
    path = tmp_path / "study.yaml"
    path.write_text(study, encoding="utf-8")
    return preview_plan(read_study(str(path)), None, None).cells[0].items


def test_the_readmes_study_can_be_planned_with_its_data_here_and_its_model_on_the_hub(
    tmp_path: Path, readme_study: str
) -> None:
    # Once its braces were no YAML, and a hub model alone made a plan ask for the declared rows of data that were there.
    assert items(tmp_path, readme_study) == 5 * 7


def test_data_that_only_pods_have_are_planned_by_their_declared_rows(tmp_path: Path, readme_study: str) -> None:
    there = re.sub(r'"data/(\w+)(\.[^"]*)"', r"{path: '/volume-of-the-pods/\1\2', rows: 500}", readme_study)
    assert items(tmp_path, there) == 5 * 500
    model = re.sub(r"path: meta-llama/\S+ revision: \w+", "path: /volume-of-the-pods/model", there)
    assert items(tmp_path, model) == 5 * 500


def test_a_path_without_declared_rows_is_taken_for_a_mistake(tmp_path: Path, readme_study: str) -> None:
    with pytest.raises((DataError, StudyError), match="nowhere"):
        items(tmp_path, readme_study.replace('"data/train', '"nowhere/train'))
