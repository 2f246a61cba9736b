"""What people and editors read of the study file is what the spec says."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from clt.study.reference import SCHEMA, study_schema, with_tables

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "study.md"


class Yaml12(yaml.SafeLoader):
    """As editors read YAML: 2.0e13 is a number, which PyYAML leaves a text (and pydantic reads)."""


Yaml12.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9.]+[eE][-+]?[0-9]+$"), list("-+0123456789")
)
STUDIES = sorted((REPOSITORY / "studies").rglob("*.yaml"))


def test_the_page_and_the_schema_are_those_of_the_spec() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "`make reference` makes it anew"
    assert SCHEMA.read_text(encoding="utf-8") == study_schema(), "`make reference` makes it anew"


def test_every_field_says_what_it_means_and_stands_on_the_page() -> None:
    schema = json.loads(study_schema())
    models = {"Study": schema, **schema["$defs"]}
    fields = {(name, field): facts for name, model in models.items() for field, facts in model["properties"].items()}
    assert [place for place, facts in fields.items() if not facts.get("description")] == []
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in models if f"<!-- fields of {name} -->" not in page] == [
        "Every",
        "ModelResources",
        "Toleration",
    ]


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_schema_takes_the_shipped_studies_and_refuses_what_is_misspelt(path: Path) -> None:
    document = yaml.load(path.read_text(encoding="utf-8"), Yaml12)
    if "models" not in document:
        pytest.skip("no study file")
    validator = Draft202012Validator(json.loads(study_schema()))
    validator.validate(document)
    with pytest.raises(ValidationError, match="seedz"):
        validator.validate(document | {"seedz": [0]})
