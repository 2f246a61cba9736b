"""The tasks of the compiled pipeline, each in a pod of its own, in the place of a Kubeflow Pipelines back end.

What a pod runs is the file's own: command, arguments and environment; the executor's input is made as a back end makes
it. What is not here is the order of the tasks, which the file says and tests/pipelines hold.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clt.pipelines.compile_options import CompileOptions
from clt.store import open_store
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.launching import INSTALLATION
from tests.kubernetes.places import STORE_SECRET
from tests.kubernetes.pods import IMAGE, PATH, Pod, start_pod
from tests.pipelines.compiled import Compiled, compiled

OUTPUTS = "/tmp/outputs"
MARK = "what the executor wrote:"
# The files go with the pod, so the log takes what a back end would fetch: the executor's output and the artifacts.
WRAP = f"""
"$@" || exit $?
echo; echo "{MARK}"
cat {OUTPUTS}/executor.json; echo
mkdir -p {OUTPUTS}/artifacts && cd {OUTPUTS}/artifacts && find . -type f -exec sha256sum {{}} +
"""


@dataclass(frozen=True)
class Done:
    """A task's pod that has ended."""

    pod: Pod
    code: int
    log: str

    @cached_property
    def _written(self) -> list[str]:
        assert self.code == 0, f"exit code {self.code}: {self.log}"
        return self.log.partition(f"\n{MARK}\n")[2].splitlines()

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(json.loads(self._written[0]).get("parameterValues", {}))

    def metadata(self, artifact: str) -> dict[str, Any]:
        (found,) = json.loads(self._written[0])["artifacts"][artifact]["artifacts"]
        return dict(found["metadata"])

    @property
    def checksums(self) -> dict[str, str]:
        """SHA-256 of the artifacts that are files, by name."""
        pairs = (line.split() for line in self._written[1:])
        return {name.removeprefix("./"): checksum for checksum, name in pairs}


@dataclass(frozen=True)
class Run:
    """One run of the pipeline: its tasks are pods under the launcher's service account, its jobs PyTorchJobs."""

    sandbox: Sandbox
    pipeline: Compiled
    store: str
    run: str = "run-1"
    image: str = ""  # of the tasks' pods; empty: this checkout

    def task(self, name: str, **parameters: str) -> Done:
        """Run a task to its end; `store` and `run` need not be said. AssertionError if that takes ten minutes."""
        command, environment = self._container(name, parameters | {"store": self.store, "run": self.run})
        pod = start_pod(
            self.sandbox.namespace,
            *("sh", "-c", WRAP, "sh", *command),
            environment=environment if self.image else environment | {"PATH": PATH},
            store_secret=STORE_SECRET,
            image=self.image,
        )
        code = pod.wait(600)
        return Done(pod, code, pod.log())

    def plan(self, study: str, *, repeat: str = "") -> tuple[str, list[str]]:
        """The study's key and this run's cells."""
        planned = self.task("plan", study=study, shard="1/1", repeat=repeat)
        return planned.parameters["study_key"], planned.parameters["cells"]

    def cells(self, study_key: str, cells: list[str]) -> dict[str, dict[str, Done]]:
        """The cells side by side, as the loop does: mix, train, evaluate; a task that fails ends its cell."""

        def one(cell: str) -> dict[str, Done]:
            done: dict[str, Done] = {}
            for name in ("mix", "train", "evaluate"):
                done[name] = self.task(name, study_key=study_key, cell_key=cell)
                if done[name].code:
                    break
            return done

        with ThreadPoolExecutor(len(cells)) as threads:
            return dict(zip(cells, threads.map(one, cells), strict=True))

    def _container(self, name: str, parameters: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        container = self.pipeline.container(name)
        assert set(self.pipeline.tasks[name]["inputs"]["parameters"]) == set(parameters)
        made = json.dumps(executor_input(self.pipeline, name, parameters))
        arguments = [made if argument == "{{$}}" else argument for argument in container["args"]]
        return [*container["command"], *arguments], self.pipeline.environment(name)


def executor_input(pipeline: Compiled, task: str, parameters: dict[str, str]) -> dict[str, Any]:
    """What a back end puts in the place of {{$}}; artifacts are files of the pod."""
    artifacts = {
        name: {
            "artifacts": [
                {
                    "name": name,
                    "type": {"schemaTitle": f"system.{kind}"},
                    "uri": f"{OUTPUTS}/artifacts/{name}",
                    "metadata": {},
                }
            ]
        }
        for name, kind in pipeline.outputs(task).items()
    }
    outputs = {"artifacts": artifacts, "outputFile": f"{OUTPUTS}/executor.json"}
    return {"inputs": {"parameterValues": parameters}, "outputs": outputs}


def compile_here(folder: Path, *, baseline: bool = False) -> Compiled:
    """The pipeline as `clt compile` writes it, for the image in which the pods run this checkout."""
    options = CompileOptions(
        image=IMAGE, gpu_image=INSTALLATION.job_image, store_secret=STORE_SECRET, baseline=baseline
    )
    return compiled(folder, options)


def statistics_of(folder: Path) -> dict[str, Any]:
    """statistics.json without what tells when, where and with what it was made."""
    document = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))
    del document["provenance"]
    return dict(document)


def published(store: str) -> Path:
    """The folder of the only statistics in a store."""
    opened = open_store(store)
    (key,) = opened.keys("statistics")
    return opened.fetch(key)
