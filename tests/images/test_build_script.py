"""What images/build.sh asks of a builder, which earlier references it keeps, and what it says is in each image."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "ab" * 32
# In the place of docker, which would need a daemon and a registry: it answers as docker does and notes its arguments.
BUILDER = f"""#!/usr/bin/env bash
echo "$*" >> "$CALLS"
case "$1 $2" in
  "buildx version") [ -z "$NO_BUILDX" ] ;;
  "version --format") echo "$NO_BUILDX" ;;
  "pull --quiet") [ -z "$OFFLINE" ] ;;
  "image inspect") [[ $5 == python* ]] && echo "python@{DIGEST}" || echo "${{5%:*}}@sha256:$BUILT" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script reads, in a folder that it may write to."""
    for name in ("images/build.sh", "images/pipeline/requirements.txt", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    (tmp_path / "docker").write_text(BUILDER)
    (tmp_path / "docker").chmod(0o755)
    return tmp_path


def run(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script, in its own folder, with a builder that only answers."""
    sbom = checkout / "cyclonedx"
    sbom.write_text(f'#!{sys.executable}\nimport sys\nopen(sys.argv[-2], "w").write("lock: " + sys.argv[-1])\n')
    sbom.chmod(0o755)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(checkout), "CALLS": str(checkout / "calls"), "OFFLINE": ""}
    environment |= {"NO_BUILDX": "", "BUILT": "1", "BUILDER": str(checkout / "docker"), "SBOM": str(sbom)} | variables
    return subprocess.run(["bash", checkout / "images/build.sh"], env=environment, capture_output=True, text=True)


def build(checkout: Path, **variables: str) -> tuple[str, str]:
    """What the script printed, and what the builder was asked."""
    done = run(checkout, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr, (checkout / "calls").read_text()


def test_all_images_stand_on_one_base_by_its_digest_which_is_told(checkout: Path) -> None:
    said, asked = build(checkout)
    base = f"python:3.11-slim@{DIGEST}"
    assert f"BASE_IMAGE={base}\n" in said
    builds = [line for line in asked.splitlines() if line.startswith("build ")]
    assert len(builds) == 2 and all(f"BASE_IMAGE={base}" in line for line in builds)
    assert all(f"org.opencontainers.image.base.name={base}" in line for line in builds)


def test_an_image_that_is_not_built_now_keeps_its_reference(checkout: Path) -> None:
    build(checkout, REGISTRY="registry.example/team")
    build(checkout, REGISTRY="registry.example/team", IMAGES="gpu", BUILT="2")
    lines = (checkout / "build/images.env").read_text().splitlines()
    references = dict(line.split("=", 1) for line in lines)
    name = "registry.example/team/cross-lingual-transfer-"
    assert references["PIPELINE_IMAGE"] == f"{name}pipeline@sha256:1"
    assert references["GPU_IMAGE"] == f"{name}gpu@sha256:2"


def test_a_client_without_buildx_is_told_what_to_install(checkout: Path) -> None:
    done = run(checkout, NO_BUILDX="28.2.2")
    assert done.returncode == 2
    assert "has no buildx" in done.stderr and "docker-buildx" in done.stderr and "BUILDER=buildah" in done.stderr
    assert not (checkout / "build").exists()


def test_an_old_client_needs_no_buildx(checkout: Path) -> None:
    assert run(checkout, NO_BUILDX="20.10.24+dfsg1").returncode == 0


def test_a_base_that_is_given_by_digest_is_taken_as_it_is(checkout: Path) -> None:
    given = f"registry.example/python@{DIGEST}"
    said, asked = build(checkout, BASE_IMAGE=given)
    assert f"BASE_IMAGE={given}\n" in said and "pull" not in asked


def test_a_base_that_no_registry_knows_is_used_and_said(checkout: Path) -> None:
    said, asked = build(checkout, BASE_IMAGE="test/python:3.11", OFFLINE="1")
    assert "test/python:3.11 has no digest" in said and "BASE_IMAGE=test/python:3.11 " in asked


@pytest.mark.skipif(shutil.which("syft") is not None, reason="syft looks into images, and there are none here")
def test_each_image_has_a_list_of_what_is_in_it(checkout: Path) -> None:
    build(checkout)
    assert (checkout / "build/pipeline.cdx.json").read_text() == "lock: images/pipeline/requirements.txt"
    assert (checkout / "build/gpu.cdx.json").read_text() == "lock: requirements.txt"


def test_the_list_holds_every_package_of_the_lock_with_its_hash(tmp_path: Path) -> None:
    tool = REPOSITORY / ".venv-sbom" / "bin" / "cyclonedx-py"
    if not tool.exists():
        pytest.skip("no .venv-sbom: `make images` installs it")
    lock = REPOSITORY / "images/pipeline/requirements.txt"
    command = [
        tool,
        "requirements",
        "--pyproject",
        REPOSITORY / "pyproject.toml",
        "--output-file",
        tmp_path / "x",
        lock,
    ]
    subprocess.run(command, check=True, capture_output=True, env=os.environ)
    components = json.loads((tmp_path / "x").read_text())["components"]
    wanted = {line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line}
    assert {component["name"].lower() for component in components} == {name.lower() for name in wanted}
    assert all(component["externalReferences"][0]["hashes"] for component in components)
