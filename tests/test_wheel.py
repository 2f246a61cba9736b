"""The wheel, unpacked alone, beside a user's own components/, pipelines/ and studies/."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = ("clt", "components", "pipelines", "studies", "pyproject.toml", "README.md", "LICENSE")
IMAGE = "registry.example/{}@sha256:" + 64 * "0"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what the images are built from, so that nothing is left in the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        place = REPOSITORY / name
        if place.is_dir():
            shutil.copytree(place, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, source / name)
    build = (
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--wheel-dir",
        out,
        source,
    )
    subprocess.run([sys.executable, *map(str, build)], check=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run Python with the unpacked wheel, in a folder with packages of the names that Kubeflow's users have."""
    site, home = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("home")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in ("components", "pipelines", "studies"):
        (home / name).mkdir()
        (home / name / "__init__.py").write_text("raise ImportError('a package of the user')\n")

    def python(*arguments: str) -> str:
        environment = os.environ | {"PYTHONPATH": f"{home}{os.pathsep}{site}"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert python("-c", "import clt; print(clt.__file__)").strip() == str(site / "clt" / "__init__.py")
    return python


def test_it_installs_one_import_name_and_all_that_the_checkout_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} - {"clt"} == {
        name.split("/")[0] for name in names if "dist-info" in name
    }
    wanted = {path.relative_to(REPOSITORY) for path in (REPOSITORY / "clt").rglob("*.py")} | {
        Path("clt") / path.relative_to(REPOSITORY)
        for name in ("components", "pipelines", "studies")
        for path in (REPOSITORY / name).rglob("*.py")
    }
    assert {str(path) for path in wanted} <= set(names)
    assert {"clt/py.typed", "clt/study/study.schema.json", "clt/studies/demo/study.yaml"} <= set(names)


def test_the_pipeline_compiles_beside_a_users_own_packages(run: Run) -> None:
    run(
        "-m",
        "clt",
        "compile",
        "--output",
        "pipeline.yaml",
        "--image",
        IMAGE.format("pipeline"),
        "--gpu-image",
        IMAGE.format("gpu"),
    )
    assert "transfer-study" in run("-c", "print(open('pipeline.yaml').read())")


def test_a_new_study_plans(run: Run) -> None:
    run("-m", "clt", "init", "mine")
    assert "7 cells for 6 points of curves" in run("-m", "clt", "plan", "mine/study.yaml")


@pytest.mark.slow
def test_the_demo_runs_outside_a_checkout(run: Run) -> None:
    assert "2 of 2 cells complete" in run(
        "-m", "clt", "demo", "--limit", "8", "--cells", "model=small,setting=single_task,task=math,seed=0,n=0|5"
    )
