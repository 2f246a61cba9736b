"""`clt gc` and `clt verify`: letting go of what a store does not need, and checking what it holds."""

import sys
from collections import defaultdict
from datetime import timedelta

import click

STORE = click.option("--store", metavar="STORE", required=True, help="A folder, or s3://BUCKET/PREFIX.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead, for other programs.")


@click.command()
@STORE
@click.option("--dry-run", is_flag=True, help="List what would go, and delete nothing.")
@click.option(
    "--older-than",
    metavar="DAYS",
    type=click.IntRange(min=3),
    help="Also studies, runs and statistics that were not used for so many days, and what only such studies name.",
)
@JSON
def gc(store: str, dry_run: bool, older_than: int | None, as_json: bool) -> None:
    """Delete what a store does not need; safe while studies run.

    Files behind tombstones, resume states of complete trainings, attempts and uploads that were abandoned a day ago,
    and copies in this machine's cache that were not used for a week.
    """
    from clt.cli.as_json import garbage_json
    from clt.local import find_garbage
    from clt.store import open_store
    from clt.study import format_size

    found = find_garbage(open_store(store), older_than=None if older_than is None else timedelta(days=older_than))
    gone = found if dry_run else [each for each in found if each.remove()]
    if as_json:
        click.echo(garbage_json(gone, dry_run=dry_run))
        return
    totals: dict[str, list[int]] = defaultdict(list)
    for each in gone:
        if each.size:  # tombstones are counted below, not listed
            click.echo(f"{each.kind}: {each.place}: {format_size(each.size)}")
        totals[each.kind].append(each.size)
    word = "would be deleted" if dry_run else "deleted"
    for kind, sizes in sorted(totals.items()):
        click.echo(f"{word}: {len(sizes)} x {kind}, {format_size(sum(sizes))}")
    click.echo(f"{word} in all: {format_size(sum(each.size for each in gone))}")


@click.command()
@STORE
@click.option("--metadata-only", is_flag=True, help="Do not read the files: see that they are there, in their size.")
@click.option(
    "--mend",
    is_flag=True,
    help="Let go of what is damaged, and of the step's output that it belongs to: made anew by a run.",
)
@JSON
def verify(store: str, metadata_only: bool, mend: bool, as_json: bool) -> None:
    """Check every manifest of a store against its bytes.

    Exit status 1 if anything is damaged or missing, with a list.
    """
    from clt.cli.as_json import verification_json
    from clt.local import let_go
    from clt.store import open_store
    from clt.store import verify as verify_store
    from clt.study import format_size

    opened = open_store(store)
    result = verify_store(opened, read=not metadata_only)
    gone = let_go(opened, result.damaged) if mend else []
    if as_json:
        click.echo(verification_json(result, gone))
    else:
        for key, faults in result.damaged.items():
            click.echo("\n".join(f"{key}: {fault}" for fault in faults))
        for key in gone:
            click.echo(f"{key}: let go; the next run makes it anew")
        checked = "looked at" if metadata_only else "read"
        click.echo(
            f"{checked}: {result.artifacts} artifacts, {result.files} files, {format_size(result.size)}; "
            f"{len(result.damaged)} artifacts damaged or incomplete"
        )
    sys.exit(1 if result.damaged and not mend else 0)


STORE_COMMANDS = (gc, verify)
