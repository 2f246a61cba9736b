"""The compiled pipeline as a document to look things up in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clt.pipelines.compile import compile_pipeline
from clt.pipelines.compile_options import CompileOptions, parse_node_selector, parse_tolerations

DIGEST = "@sha256:" + "0" * 64
PIPELINE_IMAGE, JOB_IMAGE = f"registry.example/pipeline{DIGEST}", f"registry.example/gpu{DIGEST}"

# With every option that a file can have.
FULL = CompileOptions(
    image=PIPELINE_IMAGE,
    gpu_image=JOB_IMAGE,
    hub_secret="hub-token",
    judge_secret="judge-keys",
    data_claim="corpora",
    endpoint="http://minio.example:9000",
    node_selector=parse_node_selector(["pool=cpu", "example.com/zone=a"]),
    tolerations=parse_tolerations(["dedicated=clt:NoSchedule", "spot:NoExecute"]),
    parallelism=4,
    retries=3,
)


@dataclass(frozen=True)
class Compiled:
    path: Path
    spec: dict[str, Any]
    platform: dict[str, Any]  # executor -> what its pod gets beyond the container

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """Of all levels, by name."""
        dags = [self.spec["root"], *self.spec["components"].values()]
        return {name: task for one in dags for name, task in one.get("dag", {}).get("tasks", {}).items()}

    @property
    def leaves(self) -> list[str]:
        """The tasks that are pods."""
        return sorted(name for name in self.tasks if "executorLabel" in self._component(name))

    def container(self, task: str) -> dict[str, Any]:
        return self.spec["deploymentSpec"]["executors"][self._component(task)["executorLabel"]]["container"]

    def environment(self, task: str) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.container(task).get("env", [])}

    def pod(self, task: str) -> dict[str, Any]:
        return self.platform[self._component(task)["executorLabel"]]

    def secrets(self, task: str) -> dict[str, str]:
        return {one["secretName"]: one["mountPath"] for one in self.pod(task).get("secretAsVolume", [])}

    def outputs(self, task: str) -> dict[str, str]:
        """Artifact -> its type."""
        artifacts = self._component(task).get("outputDefinitions", {}).get("artifacts", {})
        return {name: one["artifactType"]["schemaTitle"].removeprefix("system.") for name, one in artifacts.items()}

    def _component(self, task: str) -> dict[str, Any]:
        return self.spec["components"][self.tasks[task]["componentRef"]["name"]]


def compiled(folder: Path, options: CompileOptions | None = None, *, statistics_only: bool = False) -> Compiled:
    path = folder / "pipeline.yaml"
    compile_pipeline(path, options, statistics_only=statistics_only)
    spec, platform = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return Compiled(path, spec, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"])
