"""`clt status`: what became of the studies in a store, and of each cell of one."""

import click

from clt.cli.as_json import status_json, studies_json
from clt.cli.console_tables import console, count_states, status_lines, status_table
from clt.local import find_study, plans_in, seconds_left, status
from clt.planning import default_workers, make_plan
from clt.store import open_store, read_record
from clt.study import StudyRecord, format_duration

TABLE_CELLS = 500  # from more on their lines have no frame


def show_studies(store_uri: str, *, as_json: bool = False) -> None:
    """One line a study: its key, when it was planned, and how many of its cells are in which state."""
    store, out = open_store(store_uri), console()
    plans = sorted(plans_in(store).items(), key=lambda plan: plan[1].created)
    cells = {key: status(store, read_record(store, key)) for key, _ in plans}
    if as_json:
        click.echo(studies_json({key: (manifest.created, cells[key]) for key, manifest in plans}))
        return
    if not plans:
        out.print(f"no study in the store {store.uri}")
    for key, manifest in plans:
        out.print(f"{key}  planned {manifest.created}: {count_states(cells[key])}")


def show_study(
    store_uri: str, study: str, workers: int | None, *, limit: int | None = None, as_json: bool = False
) -> None:
    """Every cell's state, and how long the rest will take by what the finished cells took."""
    store, out = open_store(store_uri), console()
    key = find_study(store, study, limit=limit)
    record = read_record(store, key)
    cells = status(store, record)
    workers = workers or default_workers(record)
    left = seconds_left(cells, costs(record), workers)
    if as_json:
        click.echo(status_json(key, cells, left))
        return
    title = f"{key}: {count_states(cells)}"
    if len(cells) > TABLE_CELLS:
        click.echo("\n".join([title, *status_lines(cells)]))
    else:
        out.print(status_table(cells, title))
    if left:
        out.print(f"about {format_duration(left)} left with {workers} workers")


def costs(record: StudyRecord) -> dict[str, float]:
    """Each cell's estimated seconds, by key."""
    return {cost.cell.key: cost.seconds for cost in make_plan(record).cells}
