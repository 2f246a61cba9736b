"""What a study may change of its jobs' pods: an allow-list, which only the administrator of a cluster widens.

A study comes from whoever may submit one, and a record from whoever may write to the bucket. A free patch of a pod
would give them the node (hostPath, privileged), every Secret of the namespace, and the rights of its accounts.

An entry is a path into the pod template: `spec.nodeSelector` allows all below it, `=value` that value alone, `*` any
part of a name. Of a list of named things the path leaves out the index; a variable stands under its own name, such as
`spec.containers.env.NCCL_DEBUG.value`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

Place = tuple[int | str, ...]

_METADATA = (
    # Other labels and annotations may mean something to network policies, meshes, clouds' identities or the kubelet.
    *(f"metadata.{kind}.{name}" for kind in ("labels", "annotations") for name in ("team", "project", "cost-center")),
    "metadata.annotations.cluster-autoscaler.kubernetes.io/safe-to-evict",
    "metadata.annotations.karpenter.sh/do-not-disrupt",
)
_PLACEMENT = tuple(
    f"spec.{name}"
    for name in (
        "nodeSelector",
        "tolerations",
        "affinity",
        "topologySpreadConstraints",
        "priorityClassName",
        "preemptionPolicy",
        "runtimeClassName",
        "schedulerName",
        "terminationGracePeriodSeconds",
    )
)
_VOLUMES = (
    "spec.volumes.name",
    "spec.volumes.emptyDir",
    # No data source: a claim made from another one would hold its content.
    *(
        f"spec.volumes.ephemeral.volumeClaimTemplate.spec.{name}"
        for name in ("accessModes", "resources", "storageClassName", "volumeMode=Filesystem")
    ),
    *(f"spec.containers.volumeMounts.{name}" for name in ("name", "mountPath", "readOnly", "subPath")),
)
# Those of libraries that compute and communicate; none that names a server or a file of keys.
_VARIABLES = tuple(
    f"spec.containers.env.{name}.value"
    for name in (
        "NCCL_*",
        "RCCL_*",
        "GLOO_*",
        "UCX_*",
        "FI_*",
        "TORCH_*",
        "PYTORCH_*",
        "CUDA_*",
        "OMP_*",
        "MKL_*",
        "KMP_*",
        "OPENBLAS_*",
        "HF_HUB_DOWNLOAD_TIMEOUT",
        "HF_HUB_ETAG_TIMEOUT",
        "HF_HUB_OFFLINE",
        "TOKENIZERS_PARALLELISM",
        "TRANSFORMERS_VERBOSITY",
        "PYTHONFAULTHANDLER",
        "TZ",
    )
)
# A security context may become narrower than ours, never wider.
_NARROWER = (
    "spec.hostUsers=false",
    "spec.enableServiceLinks=false",
    "spec.securityContext.runAsNonRoot=true",
    "spec.securityContext.fsGroupChangePolicy",
    "spec.containers.securityContext.runAsNonRoot=true",
    "spec.containers.securityContext.privileged=false",
    "spec.containers.securityContext.allowPrivilegeEscalation=false",
    "spec.containers.securityContext.readOnlyRootFilesystem=true",
)
POD_FIELDS: tuple[str, ...] = (
    *_METADATA,
    *_PLACEMENT,
    *_VOLUMES,
    "spec.containers.name=pytorch",
    "spec.containers.resources",
    *_VARIABLES,
    *_NARROWER,
)


def pod_problems(patch: dict[str, Any], more: Sequence[str] = ()) -> list[tuple[Place, str]]:
    """What a patch of the pod template holds that a study may not say.

    Args:
        patch: As `resources.pod` has it.
        more: Entries that the administrator allows beside `POD_FIELDS`.

    Returns:
        Places below `resources.pod`, and what is wrong there.
    """
    allowed = (*POD_FIELDS, *more)
    return [
        (
            place,
            f"got {_shown(path, value)}, expected {_expected(path, allowed)}; more only where the cluster's "
            f"administrator adds `{path}` to the ConfigMap clt-pod-fields",
        )
        for place, path, value in _refused(patch, (), "", allowed)
    ]


def _refused(value: Any, place: Place, path: str, allowed: tuple[str, ...]) -> Iterator[tuple[Place, str, Any]]:
    """Every innermost place that no entry allows: an empty mapping or a null removes or names something, too."""
    if path and any(_matches(path, value, entry) for entry in allowed):
        return
    children = list(_children(value, place, path))
    if not children and not (value == {} and not path):
        yield place, path, value
    for child in children:
        yield from _refused(*child, allowed)


def _children(value: Any, place: Place, path: str) -> Iterator[tuple[Any, Place, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield inner, (*place, name), f"{path}.{name}".lstrip(".")
    elif isinstance(value, list) and all(isinstance(entry, dict) and entry for entry in value):
        for index, entry in enumerate(value):
            where, inside = (*place, index), path
            if path == "spec.containers.env":
                inside, entry = f"{path}.{entry.get('name')}", {key: entry[key] for key in entry if key != "name"}
            yield entry, where, inside


@lru_cache(maxsize=1024)
def _pattern(entry: str) -> re.Pattern[str]:
    return re.compile(re.escape(entry).replace(r"\*", "[^.]*"))


def _matches(path: str, value: Any, entry: str) -> bool:
    name, equals, wanted = entry.partition("=")
    return _pattern(name).fullmatch(path) is not None and (not equals or json.dumps(value).strip('"') == wanted)


def _expected(path: str, allowed: tuple[str, ...]) -> str:
    """The entries that stand nearest to a path: those below the longest part of it that any of them has."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        start = ".".join(parts[:length])
        if near := [entry for entry in allowed if entry == start or entry.startswith((f"{start}.", f"{start}="))]:
            return f"one of {', '.join(near)}"
    return f"one of {', '.join(dict.fromkeys('.'.join(entry.split('.')[:2]) for entry in allowed))}"


def _shown(path: str, value: Any) -> str:
    if path.startswith("spec.containers.env."):
        return "a value"  # it may be a secret that somebody has put there
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
