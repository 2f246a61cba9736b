"""`clt compile`: what a cluster has, as options."""

from pathlib import Path

import click

from clt.errors import UserError
from clt.logs import FORMATS


@click.command("compile")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the pipeline goes (YAML).",
)
@click.option("--image", metavar="REF", help="Image of the pipeline's pods, by digest.  [default: this version's]")
@click.option(
    "--gpu-image",
    metavar="REF",
    help="Image of the jobs: training and evaluation are launched as PyTorchJobs with the study's resources.  "
    "[default: they run in the pipeline's own pods]",
)
@click.option(
    "--gpus",
    metavar="N",
    type=click.IntRange(min=1),
    help="Accelerators of each pod that trains or evaluates; without --gpu-image only.",
)
@click.option(
    "--store-secret",
    metavar="NAME",
    default="clt-object-store",
    show_default=True,
    help='Secret with accesskey and secretkey of the store; "" for none.',
)
@click.option("--hub-secret", metavar="NAME", default="", help="Secret with the hub's token.  [default: none]")
@click.option(
    "--judge-secret",
    metavar="NAME",
    default="",
    help="Secret with the keys of judges' endpoints, each under the name that studies say.  [default: none]",
)
@click.option(
    "--webhook-secret",
    metavar="NAME",
    default="",
    help="Secret with the addresses of webhooks and the keys that sign, each under the name that studies say; with "
    "--baseline only.  [default: none]",
)
@click.option(
    "--data-claim", metavar="NAME", default="", help="PersistentVolumeClaim with data and models, at /data in the pods."
)
@click.option(
    "--cache-claim",
    metavar="NAME",
    default="",
    help="PersistentVolumeClaim for the jobs' /cache, which then share the models that they fetched.  [default: none]",
)
@click.option(
    "--store-endpoint",
    "endpoint",
    metavar="URL",
    default="",
    help="The object store's address.  [default: the Secret's, or AWS]",
)
@click.option(
    "--node-selector", metavar="KEY=VALUE", multiple=True, help="Nodes of the pipeline's own pods; may be given again."
)
@click.option(
    "--toleration",
    metavar="KEY=VALUE:EFFECT",
    multiple=True,
    help="Taint that the pipeline's own pods tolerate; may be given again.",
)
@click.option(
    "--parallelism",
    metavar="N",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Cells side by side in one run.",
)
@click.option(
    "--retries",
    metavar="N",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How often a step is tried again in its pod, unless the user has to mend something.",
)
@click.option(
    "--timeout-hours",
    metavar="N",
    type=click.IntRange(min=1),
    default=6,
    show_default=True,
    help="The longest that plan, mix or statistics may take, the pull of the image included.",
)
@click.option(
    "--backend",
    metavar="VERSION",
    default="2.14",
    show_default=True,
    help="Version of Kubeflow Pipelines that will run it; what that does not know is left out, and said.",
)
@click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Of launchers and jobs; json: an object a line, for programs.",
)
@click.option(
    "--baseline", is_flag=True, help="For recurring baselines: after the statistics a task judges the run and tells."
)
@click.option(
    "--statistics-only", is_flag=True, help="The last run of a study in several runs: it waits for them and reports."
)
def compile_command(
    output: Path,
    image: str | None,
    gpu_image: str | None,
    gpus: int | None,
    store_secret: str,
    hub_secret: str,
    judge_secret: str,
    webhook_secret: str,
    data_claim: str,
    cache_claim: str,
    endpoint: str,
    node_selector: tuple[str, ...],
    toleration: tuple[str, ...],
    parallelism: int,
    retries: int,
    timeout_hours: int,
    backend: str,
    log_format: str,
    baseline: bool,
    statistics_only: bool,
) -> None:
    """Compile the pipeline for Kubeflow; the same file serves every study."""
    from clt.pipelines.compile import compile_pipeline
    from clt.pipelines.compile_options import CompileOptions, parse_node_selector, parse_tolerations

    for name, given in (("--image", image), ("--gpu-image", gpu_image)):
        if given == "":
            raise UserError(f"{name}: got an empty text, as from a variable that is not set; expected an image")
    options = CompileOptions(
        image=image or "",
        gpu_image=gpu_image or "",
        gpus=gpus or 0,
        store_secret=store_secret,
        hub_secret=hub_secret,
        judge_secret=judge_secret,
        webhook_secret=webhook_secret,
        data_claim=data_claim,
        cache_claim=cache_claim,
        endpoint=endpoint,
        node_selector=parse_node_selector(node_selector),
        tolerations=parse_tolerations(toleration),
        parallelism=parallelism,
        retries=retries,
        timeout_hours=timeout_hours,
        backend=backend,
        log_format=log_format,
        baseline=baseline,
    )
    for said in compile_pipeline(output, options, statistics_only=statistics_only):
        click.echo(said, err=True)
    click.echo(output)
