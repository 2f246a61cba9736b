"""`clt export`: the selected model of a cell as a folder that needs no store."""

from pathlib import Path

import click


@click.command("export")
@click.argument("cell", metavar="CELL")
@click.option("--store", metavar="STORE", required=True, help="A folder, or s3://BUCKET/PREFIX.")
@click.option(
    "--output",
    metavar="FOLDER",
    required=True,
    type=click.Path(path_type=Path),
    help="Made; one that is there must be empty.",
)
@click.option(
    "--study", metavar="STUDY", help="The study of the cell, its file or its key.  [default: any that has it]"
)
@click.option("--merge", is_flag=True, help="Add a LoRA adapter to its base model, which must be at hand.")
def export_command(cell: str, store: str, output: Path, study: str | None, merge: bool) -> None:
    """Write the selected model of a trained cell as a folder.

    Weights, tokenizer, a generation_config that ends at the stop token that was learned, and a card: study, mixture,
    settings, scores, licence of the base and how to load it. CELL is a key that `clt status` shows.
    """
    from clt.local import find_cell, find_study
    from clt.models import export_model
    from clt.store import open_store

    opened = open_store(store)
    record, found = find_cell(opened, cell, None if study is None else find_study(opened, study))
    export_model(opened, record, found, output, merge=merge)
    click.echo(output)
