"""The commands to start with: `clt init` writes a study of one's own, `clt demo` runs the shipped one."""

import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import click

from clt.errors import UserError

DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="DIR", type=DIRECTORY)
def init(folder: Path) -> None:
    """Write a small study into a new folder: study.yaml, a few rows and items, and the schema for editors.

    It plans, and on this machine it runs in a minute. Put your own rows and your own model in their place.
    """
    write_starter(folder)
    study = folder / "study.yaml"
    click.echo(f"{study}\nnext: clt plan {study}; clt run {study} --store {folder / 'store'}")


def write_starter(folder: Path) -> None:
    """Write the starter study into a folder; UserError if there is something in it already."""
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder}: is not empty, expected a folder that is new or empty")
    try:
        with as_file(files("clt.studies") / "starter") as starter:
            shutil.copytree(starter, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        schema = (files("clt.study") / "study.schema.json").read_text(encoding="utf-8")
        (folder / "study.schema.json").write_text(schema, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}), expected a folder that can") from error


@click.command()
@click.option(
    "--store", metavar="STORE", default="runs/demo", show_default=True, help="Where every step's output goes."
)
@click.option(
    "--output", metavar="DIR", type=DIRECTORY, help="Where the report goes.  [default: report, in the store's folder]"
)
@click.option("--cells", metavar="FILTER", help="Only these cells, as for `clt run`.")
@click.option("--limit", metavar="ROWS", type=click.IntRange(min=1), help="A pilot of at most this many rows.")
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Cells side by side.")
def demo(store: str, output: Path | None, cells: str | None, limit: int | None, workers: int | None) -> None:
    """Run the demo study, which comes with the package, on this machine: 42 cells in ten minutes on two cores."""
    from clt.cli.run_command import run_command
    from clt.study import demo_folder

    study = demo_folder() / "study.yaml"
    sys.exit(run_command(str(study), store, cells=cells, limit=limit, workers=workers, repeat="", output=output))


START_COMMANDS = (init, demo)
