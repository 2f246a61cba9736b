"""`clt pipeline upload`: the compiled pipeline in Kubeflow's list, for the form.

The form shows no description of its fields, so the pipeline's own says what they want.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.pipeline_file import PipelineFile, read_pipeline
from clt.cluster import ALL_CELLS, MAX_CELLS, NO_REPEAT, REPEAT, SHARD, STORE, STUDY
from clt.errors import UserError

FIELDS = {
    "Service Account": "clt-launcher, or another one with the launcher's Role; empty is Kubeflow's default",
    STUDY: "s3://BUCKET/PATH/study.yaml, a path below /data, or the study on one line that begins with {",
    STORE: "s3://BUCKET/PREFIX, where every step's output goes; the same again resumes",
    SHARD: f"{ALL_CELLS} for all cells (at most {MAX_CELLS}); 1/2 and 2/2 for two runs on one store",
    REPEAT: f"{NO_REPEAT}; any other text runs the same cells again on purpose; run in a recurring run",
    "A recurring run": "Maximum concurrent runs 1 (the form says 10), Catchup off (the form says on)",
}


def upload(endpoint: Endpoint, path: Path, name: str | None) -> None:
    """Put a compiled pipeline into Kubeflow's list, or a new version of it; the same file again is not put twice."""
    pipeline = read_pipeline(path)
    name = name or pipeline.name
    with connected(endpoint) as kfp:
        found = _find(kfp, name) or _create(kfp, name, describe(pipeline))
        link = f"{kfp.ui}/#/pipelines/details/{found.pipeline_id}"
        number = f"{version('cross-lingual-transfer')}-{pipeline.checksum[:12]}"
        if number in {one.display_name for one in kfp.pipeline_versions(found.pipeline_id)}:
            click.echo(f"{name} has the version {number} already\n{link}")
            return
        _upload_version(kfp, found.pipeline_id, pipeline, number)
        click.echo(f"uploaded: {name}, version {number}\n{link}")


def describe(pipeline: PipelineFile) -> str:
    """What the pipeline does, and what each field of the form wants."""
    hidden = {field: text for field, text in FIELDS.items() if field[0].isupper() or field in pipeline.parameters}
    return "\n".join([pipeline.description, *(f"{field}: {text}" for field, text in hidden.items())])


def _find(kfp: Connection, name: str) -> Any:
    found = [one for one in kfp.pipelines() if one.display_name == name]
    if len(found) > 1:
        ids = ", ".join(one.pipeline_id for one in found)
        raise UserError(f"{len(found)} pipelines have the name {name!r} ({ids}); delete all but one, or give --name")
    return found[0] if found else None


def _create(kfp: Connection, name: str, description: str) -> Any:
    from kfp_server_api import V2beta1Pipeline

    body = V2beta1Pipeline(display_name=name, description=description, namespace=kfp.namespace)
    return kfp.client.pipelines.pipeline_service_create_pipeline(pipeline=body)


def _upload_version(kfp: Connection, pipeline_id: str, pipeline: PipelineFile, number: str) -> None:
    import io
    from contextlib import redirect_stdout

    with redirect_stdout(io.StringIO()):  # kfp prints a link of its own
        kfp.client.upload_pipeline_version(
            str(pipeline.path), number, pipeline_id=pipeline_id, description=f"sha256 {pipeline.checksum}"
        )
