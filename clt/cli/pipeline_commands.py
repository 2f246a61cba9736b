"""The commands about the pipeline itself: `clt pipeline upload`."""

from pathlib import Path

import click

from clt.cli.cluster_commands import FILE, with_endpoint
from clt.cli.endpoint import Endpoint


@click.group()
def pipeline() -> None:
    """The compiled pipeline in Kubeflow's list."""


@pipeline.command()
@click.argument("file", metavar="PIPELINE.yaml", type=FILE)
@click.option("--name", metavar="TEXT", help="[default: the pipeline's own: transfer-study or transfer-statistics]")
@with_endpoint
def upload(endpoint: Endpoint, file: Path, name: str | None) -> None:
    """Upload what `clt compile` wrote, for Kubeflow's form, with a description and a version; again: a new version.

    The form shows no description of its fields: the pipeline's own says what each of them wants.
    """
    from clt.cli.upload import upload as upload_pipeline

    upload_pipeline(endpoint, file, name)
