"""What a manifest says of what a step ran on: enough to see that it moved, and nothing that names a machine."""

import getpass
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from clt.models import environment, runtime

CPU = torch.device("cpu")
DIGEST = "sha256:" + "0" * 64


def test_a_processor_is_recorded_with_the_instructions_that_torch_uses_of_it() -> None:
    code = "import torch; from clt.models import environment; print(environment((), torch.device('cpu')))"
    variables = os.environ | {"ATEN_CPU_CAPABILITY": "default"}
    said = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    assert "'cpu_capability': 'DEFAULT'" in said.stdout
    assert environment((), CPU)["cpu_capability"] == torch.backends.cpu.get_cpu_capability()


def test_versions_of_ours_and_of_packages_are_recorded() -> None:
    found = environment(["torch"], CPU)
    assert found["clt"] == version("cross-lingual-transfer") and found["packages"] == {"torch": version("torch")}


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        (f"registry.example:5000/team/clt-gpu@{DIGEST}", f"team/clt-gpu@{DIGEST}"),
        ("localhost/clt-gpu:1", "clt-gpu:1"),
        (f"team/clt-gpu@{DIGEST}", f"team/clt-gpu@{DIGEST}"),
        (f"clt-gpu@{DIGEST}", f"clt-gpu@{DIGEST}"),
    ],
)
def test_an_image_is_recorded_as_its_pod_was_given_it_but_for_the_registry(
    given: str, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLT_IMAGE", raising=False)
    assert "image" not in environment((), CPU)
    monkeypatch.setenv("CLT_IMAGE", given)
    assert environment((), CPU)["image"] == recorded


@pytest.mark.parametrize(
    ("hip", "module", "runtime_name"), [(None, "nvidia", f"CUDA {torch.version.cuda}"), ("7.1", "amdgpu", "ROCm 7.1")]
)
def test_an_accelerator_is_recorded_with_driver_and_runtime(
    hip: str | None, module: str, runtime_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "H200")
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setattr(runtime, "KERNEL_MODULES", tmp_path)
    facts = environment((), torch.device("cuda"))
    assert (facts["device"], facts["accelerator_runtime"]) == ("H200", runtime_name) and "driver" not in facts
    (tmp_path / module).mkdir()
    (tmp_path / module / "version").write_text("580.95.05\n")
    assert environment((), torch.device("cuda"))["driver"] == "580.95.05"


def test_nothing_names_the_machine_or_who_ran_it() -> None:
    said = str(environment(["torch"], CPU))
    for name in (platform.node(), str(Path.home()), str(Path.cwd()), f"/{getpass.getuser()}/"):
        assert name not in said
