"""`clt fetch`: the hub models of a study into its store."""

import click


@click.command("fetch")
@click.argument("study", metavar="STUDY.yaml")
@click.option("--store", metavar="STORE", required=True, help="A folder, or s3://BUCKET/PREFIX.")
def fetch_command(study: str, store: str) -> None:
    """Bring the study's hub models into its store, once.

    Weights (*.safetensors), configuration and tokenizer at the commit that the study names, with checksums. Every job
    of a study in this store then reads them from there, and needs no way out to the hub. Killed, it goes on with the
    files that are missing.
    """
    from clt.models import fetch_models
    from clt.planning import read_study
    from clt.store import open_store

    fetch_models(open_store(store), read_study(study).models, click.echo)
