"""The locked packages of the images: a laptop's versions, all with hashes, and no torch where none is needed."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EVERYTHING = REPOSITORY / "requirements.txt"  # a laptop's, and the gpu image's
PIPELINE = REPOSITORY / "images" / "pipeline" / "requirements.txt"
BUILD = REPOSITORY / "requirements-build.txt"


def locked(path: Path) -> dict[str, str]:
    """Each requirement with its marker, and its hashes."""
    requirements = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    return {head.strip(): tail for head, _, tail in (one.partition("\\\n") for one in requirements)}


def names(path: Path) -> set[str]:
    return {requirement.partition("==")[0] for requirement in locked(path)}


@pytest.mark.parametrize("lock", [EVERYTHING, PIPELINE, BUILD], ids=lambda path: path.parent.name + "/" + path.name)
def test_every_package_is_pinned_and_hashed(lock: Path) -> None:
    for requirement, hashes in locked(lock).items():
        assert re.match(r"[a-z0-9.-]+==\S+", requirement)
        assert re.fullmatch(r"(\s*--hash=sha256:[0-9a-f]{64}( \\\n)?)+", hashes), requirement


def test_the_pipeline_image_has_the_versions_and_hashes_of_a_laptop() -> None:
    versions = {line.partition(" ")[0]: hashes for line, hashes in locked(EVERYTHING).items()}
    for lock in (PIPELINE, BUILD):
        for requirement, hashes in locked(lock).items():
            assert versions[requirement.partition(" ")[0]] == hashes


def test_the_pipeline_image_holds_what_pyproject_asks_for_and_no_torch() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {re.split(r"[<>=!\[]", one)[0] for one in project["dependencies"]}
    train = {re.split(r"[<>=!\[]", one)[0] for one in project["optional-dependencies"]["train"]}
    assert base <= names(PIPELINE)
    assert base | train <= names(EVERYTHING)
    assert not train & names(PIPELINE)
    assert not [name for name in names(PIPELINE) if re.match(r"torch|triton|nvidia|cuda|tokenizers", name)]
