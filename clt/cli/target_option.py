"""The option by which commands are told for which languages a mixture is recommended."""

import click

target_option = click.option(
    "--target",
    "targets",
    metavar="LANGUAGE",
    multiple=True,
    help="Recommend for these languages; may be given several times.  [default: all but English]",
)
