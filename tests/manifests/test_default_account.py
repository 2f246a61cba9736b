"""Kubeflow's default account, which runs may get whatever they ask for, has the launcher's Role."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which builds kustomizations")


def built(folder: Path, source: str, **more: Any) -> list[dict[str, Any]]:
    """The objects of a kustomization around one of ours; paths are those below manifests/."""
    lists = {name: [_relative(path, folder) for path in paths] for name, paths in more.items() if name != "namespace"}
    content = {"resources": [_relative(source, folder)], **lists}
    content |= {"namespace": more["namespace"]} if "namespace" in more else {}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def launchers(objects: list[dict[str, Any]]) -> set[str]:
    """The accounts that have the launcher's Role, as NAMESPACE:NAME."""
    bindings = [one for one in objects if one["kind"] == "RoleBinding" and one["roleRef"]["name"] == "clt-launcher"]
    return {f"{subject['namespace']}:{subject['name']}" for binding in bindings for subject in binding["subjects"]}


def _relative(path: str, folder: Path) -> str:
    return os.path.relpath(MANIFESTS / path, folder.resolve())


@pytest.mark.parametrize("source", ["base", "overlays/minio", "overlays/single-node", "overlays/kueue"])
def test_the_default_account_is_a_launcher(source: str, tmp_path: Path) -> None:
    assert launchers(built(tmp_path, source)) == {"kubeflow:clt-launcher", "kubeflow:pipeline-runner"}


def test_in_a_profile_it_is_the_profiles_own(tmp_path: Path) -> None:
    assert launchers(built(tmp_path, "overlays/kubeflow-profile")) == {
        "my-profile:clt-launcher", "my-profile:default-editor",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "name"), [("base", "pipeline-runner"), ("overlays/kubeflow-profile", "default-editor")]
)
def test_it_moves_to_another_namespace_with_the_rest(source: str, name: str, tmp_path: Path) -> None:
    transformers = ["transformers/default-account-namespace"]
    moved = built(tmp_path, source, namespace="my-team", transformers=transformers)
    assert launchers(moved) == {"my-team:clt-launcher", f"my-team:{name}"}


def test_a_component_takes_its_rights_away(tmp_path: Path) -> None:
    assert launchers(built(tmp_path, "base", components=["components/own-account-only"])) == {"kubeflow:clt-launcher"}
