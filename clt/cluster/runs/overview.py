"""The plan of a run in Markdown, for Kubeflow's run page."""

from clt.cluster.runs.start import PlannedRun
from clt.planning import CellCost, Plan, make_plan
from clt.store import open_store, read_record
from clt.study import Grid, format_size


def describe_plan(store_uri: str, run: PlannedRun) -> str:
    """What the run takes of the study: its cells, their rows and costs, and the totals.

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
    lines = [
        f"# {run.study_key}",
        "",
        f"{len(plan.cells)} of {len(record.grid.cells)} cells in this run, {plan.rows:,} rows, {plan.tokens:,} tokens, "
        f"{plan.gpu_hours:.1f} GPU hours, {format_size(plan.peak_bytes)} of disk at most.",
        "",
        "| cell | rows | tokens | steps | items | hours | GPU hours |",
        "|---|---|---|---|---|---|---|",
        *(_row(cost) for cost in plan.cells),
    ]
    return "\n".join([*lines, *_notes(plan)]) + "\n"


def _row(cost: CellCost) -> str:
    return (
        f"| {cost.cell.key} | {cost.rows:,} | {cost.tokens:,} | {cost.steps:,} | {cost.items:,} "
        f"| {cost.seconds / 3600:.2f} | {cost.gpu_hours:.2f} |"
    )


def _notes(plan: Plan) -> list[str]:
    return ["", *(f"- {note}" for note in plan.notes)] if plan.notes else []
