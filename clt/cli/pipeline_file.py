"""A compiled pipeline, as `clt compile` writes it: what it runs and which parameters it takes."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clt.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineFile:
    path: Path
    spec: dict[str, Any]  # as the API takes it

    @property
    def checksum(self) -> str:
        """SHA-256 of the content, whatever its layout."""
        return hashlib.sha256(json.dumps(self.spec, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return str(self._pipeline["pipelineInfo"]["name"])

    @property
    def description(self) -> str:
        return str(self._pipeline["pipelineInfo"].get("description", ""))

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """What the pipeline takes, by name: type, default, whether it is needed."""
        declared: Mapping[str, Mapping[str, Any]] = (
            self._pipeline["root"].get("inputDefinitions", {}).get("parameters", {})
        )
        return declared

    @property
    def judges_baselines(self) -> bool:
        """Whether it has the task of `clt compile --baseline`."""
        return "comp-baseline" in self._pipeline.get("components", {})

    @property
    def _pipeline(self) -> dict[str, Any]:
        """Without what is told to the platform."""
        spec: dict[str, Any] = self.spec.get("pipeline_spec", self.spec)
        return spec

    def require_parameters(self, names: Collection[str], how: str) -> None:
        """UserError unless the pipeline takes these, all of them texts; `how` is the command that compiles one."""
        declared = self.parameters
        needed = {name for name, facts in declared.items() if not facts.get("isOptional")}
        texts = {name for name, facts in declared.items() if facts.get("parameterType") == "STRING"}
        if not needed <= set(names) <= texts:
            raise UserError(
                f"{self.path}: takes the parameters {_listed(declared)}, expected {', '.join(names)}; compile it with "
                f"`{how}`"
            )


def read_pipeline(path: Path) -> PipelineFile:
    """UserError if the file is not a compiled pipeline."""
    if path.suffix not in (".yaml", ".yml"):  # kfp goes by the name
        raise UserError(f"{path}: expected a name that ends in .yaml")
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read ({error}), expected what `clt compile -o {path}` writes") from None
    if not documents or not isinstance(documents[0], dict) or "root" not in documents[0]:
        raise UserError(f"{path}: not a compiled pipeline, expected what `clt compile -o {path}` writes")
    spec = documents[0]
    if len(documents) > 1:
        spec = {"pipeline_spec": spec, "platform_spec": documents[1]}
    return PipelineFile(path=path, spec=spec)


def _listed(declared: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(f"{name} ({facts.get('parameterType')})" for name, facts in declared.items()) or "none"
