"""The images themselves, as pods run them, where `make images` has built them and a docker daemon answers."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
VERSION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
MAX_PIPELINE_BYTES = 900e6
KUBEFLOWS = (
    'program_path=$(mktemp -d) && printf "%s" "print(1)" > "$program_path/main.py" && python3 "$program_path/main.py"'
)
STUDY = "/opt/venv/lib/python3.11/site-packages/clt/studies/demo/study.yaml"


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True)


@pytest.fixture(params=["pipeline", "gpu"])
def image(request: pytest.FixtureRequest) -> str:
    if shutil.which("docker") is None or docker("info").returncode:
        pytest.skip("no docker daemon answers")
    name = f"cross-lingual-transfer-{request.param}:{VERSION}"
    if docker("image", "inspect", name).returncode:
        pytest.skip(f"docker has no {name}: make images builds it")
    return name


def in_pod(image: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command as a pod with a read-only root file system and two empty folders would."""
    limits = ("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    return docker("run", "--rm", *limits, "--tmpfs", "/tmp", "--tmpfs", "/cache", image, "sh", "-ec", command)


def test_a_read_only_pod_that_is_not_root_has_what_kubeflow_and_jobs_need(image: str) -> None:
    done = in_pod(
        image, f"id -u; touch /tmp/x $CLT_CACHE/x; ! touch /opt/venv/x 2>/dev/null; {KUBEFLOWS}; clt --version"
    )
    assert (done.returncode, done.stdout) == (0, f"65532\n1\nclt, version {VERSION}\n"), done.stderr
    assert "GPU hours" in in_pod(image, f"clt plan {STUDY} --workers 2").stdout
    assert in_pod(image, "! command -v gcc; python3 -c 'import kfp, kfp.kubernetes, kubernetes, minio'").returncode == 0


def test_only_the_gpu_image_has_torch_and_the_other_is_small(image: str) -> None:
    done = in_pod(image, "python3 -c 'import torch, peft, transformers' && python3 -m torch.distributed.run --help")
    assert (done.returncode == 0) == ("gpu" in image)
    if "pipeline" in image:
        assert int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout) <= MAX_PIPELINE_BYTES


def test_labels_say_what_it_is_and_no_layer_names_an_index(image: str) -> None:
    found = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", image).stdout)
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in found["Labels"].items()}
    assert set(labels) == {"title", "description", "licenses", "version", "revision", "created", "base.name"}
    assert labels["version"] == VERSION and labels["revision"]
    assert found["User"] == "65532:65532" and not found.get("Entrypoint")
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image).stdout
    assert "index-url" not in history + json.dumps(found["Env"]) and "PIP_" not in history
