"""A back end's stand-in, studies and compiled pipelines for the commands that talk to a cluster."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main
from clt.pipelines.compile import compile_pipeline
from tests.cli.kfp_server import BackEnd, kfp_server
from tests.cli.pods_server import Pods, pods_server

Clt = Callable[..., Result]
STORE = "s3://bucket/baseline"
POD_STUDY = """\
name: sums
models: [{name: tiny, path: org/tiny, revision: abc}]
tasks:
  sums:
    train: "/data/train.{language}.jsonl"
    test: "/data/test.{language}.jsonl"
    prompt: "{question}\\n"
    metrics: [exact_match]
languages: {train: [es], evaluate: [en, es, ja]}
mixtures: [{english_samples: 24, samples_per_language: [0, 8]}]
seeds: SEEDS
training: {max_steps: 8}
"""


@pytest.fixture
def kfp(monkeypatch: pytest.MonkeyPatch) -> Iterator[BackEnd]:
    """A back end that `clt` finds by KFP_ENDPOINT, with waiting that takes no time."""
    monkeypatch.setattr("clt.cli.run_status.POLL_SECONDS", 0.0)
    monkeypatch.setattr("clt.cli.cancel.POLL_SECONDS", 0.0)
    monkeypatch.setattr("clt.cli.cancel.WAIT_SECONDS", 0.5)
    for name in ("KFP_NAMESPACE", "KFP_TOKEN", "KFP_COOKIES", "KF_PIPELINES_UI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with kfp_server() as (url, back_end):
        monkeypatch.setenv("KFP_ENDPOINT", url)
        yield back_end


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the client of Kubernetes looks for a cluster: a file that is not there, unless a test has `pods`."""
    path = tmp_path / "kubeconfig"
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    return path


@pytest.fixture
def pods(kubeconfig: Path) -> Iterator[Pods]:
    """A cluster's stand-in that `clt` finds by its kubeconfig."""
    with pods_server(kubeconfig) as known:
        yield known


@pytest.fixture
def run_id(kfp: BackEnd, kubeconfig: Path, clt: Clt, pipeline: Path, pod_study: Callable[..., Path]) -> str:
    """A run that was submitted a moment ago."""
    assert clt("submit", pod_study(), "--store", "s3://bucket/p", "--pipeline", pipeline).exit_code == 0
    return next(iter(kfp.runs))


@pytest.fixture
def clt() -> Clt:
    return lambda *arguments, **more: CliRunner().invoke(main, [str(argument) for argument in arguments], **more)


@pytest.fixture
def pod_study(tmp_path: Path) -> Callable[..., Path]:
    """Writes a study whose data are where pods find them; it has 2 cells a seed and 1 more."""

    def write(seeds: int = 1, text: str = POD_STUDY) -> Path:
        path = tmp_path / "study.yaml"
        path.write_text(text.replace("SEEDS", str(list(range(seeds)))), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline") / "pipeline.yaml"
    compile_pipeline(path)
    return path


@pytest.fixture
def statistics_pipeline(tmp_path: Path) -> Path:
    path = tmp_path / "statistics.yaml"
    compile_pipeline(path, statistics_only=True)
    return path


@pytest.fixture
def create_weekly(clt: Clt, pipeline: Path, pod_study: Callable[..., Path]) -> Clt:
    """`clt schedule create weekly` with these options."""

    def invoke(*options: str, cron: str = "0 3 * * 1", seeds: int = 1) -> Result:
        fixed = ("--cron", cron, "--store", STORE, "--pipeline", pipeline)
        return clt("schedule", "create", "weekly", pod_study(seeds=seeds), *fixed, *options)

    return invoke


@pytest.fixture
def schedule_id(kfp: BackEnd, create_weekly: Clt) -> str:
    """A schedule that was created a moment ago."""
    assert create_weekly("--yes").exit_code == 0
    return next(iter(kfp.recurring))
