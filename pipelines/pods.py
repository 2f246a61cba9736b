"""What the pod of each task gets: image, environment, secrets, volumes, resources, and how long it may take.

Only what the oldest supported back end knows is emitted unless the options name a newer one: a back end refuses a
whole run for one unknown field.
"""

from dataclasses import dataclass

from kfp import kubernetes
from kfp.dsl.pipeline_task import PipelineTask

from clt.baselines import SECRETS_VARIABLE
from clt.cluster import (
    DATA_FOLDER,
    HUB_SECRET_FOLDER,
    JUDGE_SECRET_FOLDER,
    RETRIES,
    STORE_SECRET_FOLDER,
    Installation,
)
from clt.endpoints import KEYS_VARIABLE
from clt.logs import VARIABLE
from clt.models import IMAGE_VARIABLE
from clt.pipelines.compile_options import CompileOptions
from clt.study import SERVERS, SERVERS_VARIABLE

CACHE_FOLDER = "/cache"
WEBHOOK_SECRET_FOLDER = "/var/run/secrets/clt/webhooks"
USER = 65532  # of the images
ACCELERATOR = "nvidia.com/gpu"

RUN_LABEL = ("cross-lingual-transfer/pod", "run")  # by which manifests/ say what these pods may reach
SECURITY_CONTEXT = "2.16"  # the first back end that knows it: kfp-kubernetes's message of that release has the field


@dataclass(frozen=True, kw_only=True, slots=True)
class Pod:
    """What a task asks for; of cpu and memory the request and the limit."""

    cpu: tuple[str, str]
    memory: tuple[str, str]
    reads_data: bool = False  # rows and models: from the data claim, or from the hub
    reads_hub: bool = False  # from the hub alone
    has_jobs: bool = False  # launches jobs, checks or deletes them
    trains: bool = False  # and evaluates, in the pod itself
    judges: bool = False  # a recurring baseline: it asks the judge of fixed answers, and tells webhooks
    hours: int | None = None  # the longest it may take, its image's pull included; None: as the options say


# Longer than any job: a back end waits for ever for the pod of an image that cannot be pulled.
LONGEST_HOURS = 30 * 24
# The API server and the store may be away for half an hour, in which the work itself waits for them.
SHORT_HOURS = 1

PLAN = Pod(cpu=("250m", "2"), memory=("512Mi", "4Gi"), reads_data=True, has_jobs=True)
MIX = Pod(cpu=("500m", "4"), memory=("1Gi", "8Gi"), reads_data=True)
LAUNCH = Pod(cpu=("50m", "1"), memory=("256Mi", "1Gi"), has_jobs=True, hours=LONGEST_HOURS)
TRAIN_HERE = Pod(cpu=("1", "16"), memory=("2Gi", "64Gi"), reads_data=True, trains=True, hours=LONGEST_HOURS)
FETCH = Pod(cpu=("500m", "4"), memory=("1Gi", "8Gi"), reads_hub=True)
STATISTICS = Pod(cpu=("500m", "4"), memory=("1Gi", "8Gi"))
BASELINE = Pod(cpu=("500m", "4"), memory=("1Gi", "8Gi"), judges=True)
REQUIRE = Pod(cpu=("50m", "1"), memory=("256Mi", "1Gi"), hours=SHORT_HOURS)
WAIT = Pod(cpu=("50m", "2"), memory=("256Mi", "4Gi"), reads_data=True, hours=LONGEST_HOURS)
CLEANUP = Pod(cpu=("50m", "1"), memory=("256Mi", "1Gi"), has_jobs=True, hours=SHORT_HOURS)


def configure(task: PipelineTask, pod: Pod, options: CompileOptions) -> PipelineTask:
    """Give a task everything that its pod needs on this cluster.

    Args:
        task: The task, changed in place.
        pod: What its pod asks for.
        options: What the cluster has.

    Returns:
        The task itself.
    """
    task.set_container_image(options.pipeline_image).set_caching_options(False)
    task.set_cpu_request(pod.cpu[0]).set_cpu_limit(pod.cpu[1])
    task.set_memory_request(pod.memory[0]).set_memory_limit(pod.memory[1])
    if pod.trains and options.gpus:
        task.set_accelerator_type(ACCELERATOR).set_accelerator_limit(options.gpus)
    for name, value in _environment(pod, options).items():
        task.set_env_variable(name, value)
    _mount(task, pod, options)
    _place(task, options)
    kubernetes.set_timeout(task, 3600 * (pod.hours or options.timeout_hours))
    return task


def left_out(options: CompileOptions) -> list[str]:
    """What the pods do not get because the back end would refuse it."""
    if options.knows(SECURITY_CONTEXT):
        return []
    return [
        f"back end {options.backend}: left out the pods' security context, known from {SECURITY_CONTEXT} on; "
        "pods run as the user that the image names"
    ]


def _environment(pod: Pod, options: CompileOptions) -> dict[str, str]:
    variables = {"CLT_CACHE": CACHE_FOLDER, RETRIES: str(options.retries)}
    if options.log_format != "text":
        variables[VARIABLE] = options.log_format
    if options.store_secret:
        variables["OBJECT_STORE_SECRET"] = STORE_SECRET_FOLDER
    if options.endpoint:
        variables["AWS_ENDPOINT_URL"] = options.endpoint
    if options.hub_secret and (pod.reads_data or pod.reads_hub):
        variables["HF_TOKEN_PATH"] = f"{HUB_SECRET_FOLDER}/token"
    # Also without a Secret: no study may name a variable of the pod as its key, or as the address of a webhook.
    if pod.trains or pod.judges:
        variables[KEYS_VARIABLE] = JUDGE_SECRET_FOLDER
    if pod.trains:
        variables |= {SERVERS_VARIABLE: " ".join(SERVERS), IMAGE_VARIABLE: options.pipeline_image}
    if pod.judges:
        variables[SECRETS_VARIABLE] = WEBHOOK_SECRET_FOLDER
    if options.gpu_image and pod.has_jobs:
        variables |= Installation(
            job_image=options.gpu_image,
            store_secret=options.store_secret,
            hub_secret=options.hub_secret,
            judge_secret=options.judge_secret,
            data_claim=options.data_claim,
            cache_claim=options.cache_claim,
            endpoint=options.endpoint,
            log_format="" if options.log_format == "text" else options.log_format,
        ).environment()
    return variables


def _mount(task: PipelineTask, pod: Pod, options: CompileOptions) -> None:
    """Secrets come as volumes: as variables, an old back end refuses them. A pod without one starts and says so."""
    kubernetes.empty_dir_mount(task, "cache", CACHE_FOLDER)
    if options.store_secret:
        kubernetes.use_secret_as_volume(task, options.store_secret, STORE_SECRET_FOLDER, optional=True)
    if options.hub_secret and (pod.reads_data or pod.reads_hub):
        kubernetes.use_secret_as_volume(task, options.hub_secret, HUB_SECRET_FOLDER, optional=True)
    if options.judge_secret and (pod.trains or pod.judges):
        kubernetes.use_secret_as_volume(task, options.judge_secret, JUDGE_SECRET_FOLDER, optional=True)
    if options.webhook_secret and pod.judges:
        kubernetes.use_secret_as_volume(task, options.webhook_secret, WEBHOOK_SECRET_FOLDER, optional=True)
    if pod.reads_data and options.data_claim:
        kubernetes.mount_pvc(task, options.data_claim, DATA_FOLDER)


def _place(task: PipelineTask, options: CompileOptions) -> None:
    kubernetes.set_image_pull_policy(task, "IfNotPresent")
    kubernetes.add_pod_label(task, *RUN_LABEL)
    for key, value in options.node_selector.items():
        kubernetes.add_node_selector(task, key, value)
    for toleration in options.tolerations:
        kubernetes.add_toleration(task, **toleration.model_dump())
    if options.knows(SECURITY_CONTEXT):
        kubernetes.set_security_context(task, run_as_user=USER, run_as_group=USER, run_as_non_root=True)
