"""What `clt compile` is told of the cluster: checked here, since a back end would say it late or never."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from clt.components.image import GPU_IMAGE, IMAGE
from clt.errors import UserError
from clt.logs import FORMATS
from clt.study import Toleration

BACKENDS = ("2.14", "2.15", "2.16", "2.17")  # oldest first; what a newer one knows, the older refuses
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

_IMAGE = re.compile(r"[A-Za-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, kw_only=True, slots=True)
class CompileOptions:
    """Everything in the compiled file that does not depend on a study. Names are of objects in the runs' namespace."""

    image: str = ""  # of the pipeline's pods; empty: this version's
    gpu_image: str = ""  # of the jobs that train and evaluate; empty: these run in the pipeline's own pods
    store_secret: str = "clt-object-store"
    hub_secret: str = ""
    judge_secret: str = ""
    webhook_secret: str = ""  # of the task that judges a recurring baseline
    data_claim: str = ""
    cache_claim: str = ""  # of the jobs
    endpoint: str = ""
    node_selector: Mapping[str, str] = field(default_factory=dict)  # of the pipeline's pods
    tolerations: tuple[Toleration, ...] = ()  # of the pipeline's pods
    parallelism: int = 10  # cells side by side in one run; a queue such as Kueue decides how many get accelerators
    retries: int = 2  # of a step that failed for a reason that may pass, in its own pod
    timeout_hours: int = 6  # the longest that plan, mix and statistics may take, the pull of their image included
    gpus: int = 0  # of each of the pods that train and evaluate, where no jobs are launched
    backend: str = BACKENDS[0]
    baseline: bool = False  # with the task that judges a recurring baseline
    log_format: str = "text"  # of launchers and jobs; json: an object a line, for programs

    @property
    def pipeline_image(self) -> str:
        """The image of the pipeline's pods; where they train and evaluate themselves, it has torch."""
        return self.image or (IMAGE if self.gpu_image else GPU_IMAGE)

    def knows(self, version: str) -> bool:
        """Whether the back end is this version or a newer one."""
        return BACKENDS.index(self.backend) >= BACKENDS.index(version)


def check_options(options: CompileOptions) -> CompileOptions:
    """Check options before anything is made of them.

    Args:
        options: As `clt compile` was given them.

    Returns:
        The options themselves.

    Raises:
        UserError: Names the first option that a cluster would refuse.
    """
    for name, image in (("--image", options.image), ("--gpu-image", options.gpu_image)):
        _matches(name, image, _IMAGE, "an image such as registry.example/clt@sha256:DIGEST")
    for name, object_name in (
        ("--store-secret", options.store_secret),
        ("--hub-secret", options.hub_secret),
        ("--judge-secret", options.judge_secret),
        ("--webhook-secret", options.webhook_secret),
        ("--data-claim", options.data_claim),
        ("--cache-claim", options.cache_claim),
    ):
        _matches(name, object_name, _NAME, "the name of an object in the cluster: lower-case letters, digits, - and .")
    if options.endpoint:
        parts = urlsplit(options.endpoint)
        if parts.username or parts.password:
            raise UserError(
                "--store-endpoint: has a user or a password in it, expected the address alone: keys are a Secret"
            )
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise UserError(
                f"--store-endpoint {options.endpoint}: expected an address such as http://minio.example:9000"
            )
    if options.log_format not in FORMATS:
        raise UserError(f"--log-format {options.log_format}: expected one of {', '.join(FORMATS)}")
    if options.gpus and options.gpu_image:
        raise UserError(
            f"--gpus {options.gpus} with --gpu-image: expected one of them; jobs on --gpu-image get the accelerators "
            "that the study's resources give each model"
        )
    if options.cache_claim and not options.gpu_image:
        raise UserError(f"--cache-claim {options.cache_claim}: expected it with --gpu-image alone: it is for jobs")
    if options.webhook_secret and not options.baseline:
        raise UserError(
            f"--webhook-secret {options.webhook_secret}: expected it with --baseline alone: it is for the task that "
            "judges a recurring baseline"
        )
    if options.backend not in BACKENDS:
        raise UserError(f"--backend {options.backend}: expected one of {', '.join(BACKENDS)}")
    for name, number, least in (
        ("--parallelism", options.parallelism, 1),
        ("--retries", options.retries, 0),
        ("--timeout-hours", options.timeout_hours, 1),
        ("--gpus", options.gpus, 0),
    ):
        if number < least:
            raise UserError(f"{name} {number}: expected at least {least}")
    return options


def parse_node_selector(texts: Iterable[str]) -> dict[str, str]:
    """Labels of nodes.

    Args:
        texts: Each KEY=VALUE.

    Returns:
        Values by key.

    Raises:
        UserError: A text is no label.
    """
    selector = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise UserError(f"--node-selector {text}: expected KEY=VALUE, such as pool=cpu")
        selector[key] = value
    return selector


def parse_tolerations(texts: Iterable[str]) -> tuple[Toleration, ...]:
    """Tolerations of taints.

    Args:
        texts: Each KEY=VALUE:EFFECT, or KEY:EFFECT for any value, as kubectl writes taints.

    Returns:
        As a pod's spec has them.

    Raises:
        UserError: A text is no taint.
    """
    tolerations = []
    for text in texts:
        taint, _, effect = text.rpartition(":")
        key, equals, value = taint.partition("=")
        if effect not in EFFECTS or not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise UserError(
                f"--toleration {text}: expected KEY=VALUE:EFFECT or KEY:EFFECT, EFFECT one of {', '.join(EFFECTS)}"
            )
        facts = {"operator": "Equal", "value": value} if equals else {"operator": "Exists"}
        tolerations.append(Toleration.model_validate({"key": key, "effect": effect} | facts))
    return tuple(tolerations)


def not_by_digest(options: CompileOptions) -> list[str]:
    """The images that a registry may change under the pipeline."""
    images = [options.pipeline_image, options.gpu_image]
    return [image for image in dict.fromkeys(images) if image and "@sha256:" not in image]


def _matches(name: str, value: str, pattern: re.Pattern[str], expected: str) -> None:
    if value and not pattern.fullmatch(value):
        raise UserError(f"{name} {value}: expected {expected}")
