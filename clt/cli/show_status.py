"""`clt status`: what became of the studies in a store, and of each cell of one."""

from clt.cli.console_tables import console, count_states, status_table
from clt.cli.durations import duration
from clt.cli.status import seconds_left, status
from clt.cli.stored_study import find_study, plans_in
from clt.planning import default_workers, make_plan
from clt.store import open_store, read_record
from clt.study import StudyRecord


def show_studies(store_uri: str) -> None:
    """One line a study: its key, when it was planned, and how many of its cells are in which state."""
    store, out = open_store(store_uri), console()
    plans = plans_in(store)
    if not plans:
        out.print(f"no study in the store {store.uri}")
    for key, manifest in sorted(plans.items(), key=lambda plan: plan[1].created):
        out.print(f"{key}  planned {manifest.created}: {count_states(status(store, read_record(store, key)))}")


def show_study(store_uri: str, study: str, workers: int | None) -> None:
    """Every cell's state, and how long the rest will take by what the finished cells took."""
    store, out = open_store(store_uri), console()
    key = find_study(store, study)
    record = read_record(store, key)
    cells = status(store, record)
    out.print(status_table(cells, f"{key}: {count_states(cells)}"))
    workers = workers or default_workers(record)
    left = seconds_left(cells, costs(record), workers)
    if left:
        out.print(f"about {duration(left)} left with {workers} workers")


def costs(record: StudyRecord) -> dict[str, float]:
    """Each cell's estimated seconds, by key."""
    return {cost.cell.key: cost.seconds for cost in make_plan(record).cells}
