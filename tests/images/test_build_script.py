"""images/build.sh around a builder: which earlier references it keeps, and what it says of a client that cannot build.

The builder is a stand-in that only answers: no engine is needed to see what the script makes of it.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUILDER = """#!/bin/sh
case "$1 $2" in
"buildx version") exit BUILDX ;;
"image inspect") echo "${5%:*}@sha256:$DIGEST" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script needs of the repository, in a folder of its own."""
    (tmp_path / "images").mkdir()
    shutil.copy(REPOSITORY / "images" / "build.sh", tmp_path / "images")
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def build(
    checkout: Path, digest: str, *, images: str = "pipeline gpu", buildx: bool = True
) -> subprocess.CompletedProcess[str]:
    builder = checkout / "docker"
    builder.write_text(BUILDER.replace("BUILDX", "0" if buildx else "1"), encoding="utf-8")
    builder.chmod(0o755)
    settings = {"BUILDER": str(builder), "IMAGES": images, "REGISTRY": "registry.example/team", "DIGEST": digest}
    return subprocess.run(["images/build.sh"], cwd=checkout, env=os.environ | settings, capture_output=True, text=True)


def references(checkout: Path) -> dict[str, str]:
    text = (checkout / "build" / "images.env").read_text(encoding="utf-8")
    return dict(line.split("=", 1) for line in text.splitlines())


def test_an_image_that_is_not_built_now_keeps_its_reference(checkout: Path) -> None:
    assert build(checkout, "1").returncode == 0
    done = build(checkout, "2", images="gpu")
    assert done.returncode == 0, done.stderr
    name = "registry.example/team/cross-lingual-transfer-"
    assert references(checkout) == {"PIPELINE_IMAGE": f"{name}pipeline@sha256:1", "GPU_IMAGE": f"{name}gpu@sha256:2"}


def test_a_client_without_buildx_is_told_what_to_install(checkout: Path) -> None:
    done = build(checkout, "1", buildx=False)
    assert done.returncode == 2
    assert "has no buildx" in done.stderr and "docker-buildx" in done.stderr and "BUILDER=buildah" in done.stderr
    assert not (checkout / "build").exists()
