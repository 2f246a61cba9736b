"""The plan of a run in Markdown, for Kubeflow's run page."""

from clt.cluster.runs.start import PlannedRun
from clt.planning import CellCost, Plan, make_plan
from clt.store import open_store, read_record
from clt.study import Grid, format_duration, format_size


def describe_plan(store_uri: str, run: PlannedRun) -> str:
    """What the run takes of the study: its cells by their iteration of the loop, their rows and costs, and the totals.

    Args:
        store_uri: The store's uri.
        run: What `start_run` returned.

    Returns:
        Markdown.
    """
    record = read_record(open_store(store_uri), run.study_key)
    cells = tuple(cell for cell in record.grid.cells if cell.key in run.cells)
    points = tuple(point for point in record.grid.points if point.cell in run.cells)
    taken = record.model_copy(update={"grid": Grid(cells=cells, points=points)})
    plan = make_plan(taken)
    costs = {cost.cell.key: cost for cost in plan.cells}
    lines = [
        f"# {record.study.name}: {len(plan.cells)} of {len(record.grid.cells)} cells in this run",
        "",
        f"{plan.rows:,} rows, {plan.tokens:,} tokens, {_hours(plan.gpu_hours)} GPU hours, "
        f"{format_size(plan.peak_bytes)} of disk at most. The study's key in the store: `{run.study_key}`.",
        "",
        "Kubeflow numbers the iterations of the loop over the cells:",
        "",
        "| iteration | cell | rows | tokens | steps | items | time | GPU hours |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(index, costs[key]) for index, key in enumerate(run.cells)),
    ]
    return "\n".join([*lines, *_notes(plan)]) + "\n"


def _row(index: int, cost: CellCost) -> str:
    return (
        f"| {index} | {cost.cell.key} | {cost.rows:,} | {cost.tokens:,} | {cost.steps:,} | {cost.items:,} "
        f"| {_time(cost.seconds)} | {_hours(cost.gpu_hours)} |"
    )


def _time(seconds: float) -> str:
    return format_duration(seconds) if seconds >= 0.05 else "under 0.1 s"


def _hours(hours: float) -> str:
    """To two digits, however few they are: a small cell is not free."""
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"


def _notes(plan: Plan) -> list[str]:
    return ["", "## Notes", "", *(f"- {note}" for note in plan.notes)] if plan.notes else []
