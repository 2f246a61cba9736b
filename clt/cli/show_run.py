"""`clt status --run`: a run's cells with their steps, what failed and why, and what to type where nothing is known."""

from collections.abc import Iterator
from typing import Any

from rich.markup import escape
from rich.table import Table

from clt.cli.console_tables import console
from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.run_pods import RunPod, connect_cluster, namespace_of, run_pods
from clt.cli.run_status import FINISHED, describe, outcome
from clt.cli.run_steps import RunSteps, put_together, states_by_name
from clt.cluster import CELL_STEPS, RUN_STEPS, STORE, RunProgress, StepProgress, read_progress
from clt.errors import UserError
from clt.study import format_duration

COLORS = {"done": "green", "running": "cyan", "failed": "red", "interrupted": "yellow", "waiting": "yellow"}


def show_run(endpoint: Endpoint, run_id: str) -> None:
    """Print the run's state, its cells and its other steps, and what could not be read."""
    out = console()
    with connected(endpoint) as kfp:
        run = kfp.client.get_run(run_id)
        for line in describe(run):
            out.print(escape(line))
        progress, store_error = _from_store(run, run_id)
        pods, pods_error = _from_pods(kfp, run, run_id)
        known = put_together(run, progress, pods, over=outcome(run) in FINISHED)
        for table in (_cell_table(known), _step_table(known)):
            if table.row_count:
                out.print(table)
        if not known.steps:
            for name, states in states_by_name(run).items():
                out.print(f"{name}: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}")
        for line in _advice(run_id, known, store_error, pods_error, failed=outcome(run) == "failed"):
            out.print(escape(line), soft_wrap=True)
        out.print(kfp.link("runs", run_id), soft_wrap=True)


def _from_store(run: Any, run_id: str) -> tuple[RunProgress | None, str]:
    """What the steps wrote, or why it could not be read here."""
    parameters = (run.runtime_config.parameters if run.runtime_config else None) or {}
    if STORE not in parameters:
        return None, f"the run has no parameter {STORE}"
    try:
        return read_progress(str(parameters[STORE]), run_id), ""
    except UserError as error:
        return None, str(error)


def _from_pods(kfp: Connection, run: Any, run_id: str) -> tuple[list[RunPod], str]:
    """The run's pods, or why they could not be read here."""
    try:
        return run_pods(connect_cluster(namespace_of(kfp, run)), run_id), ""
    except UserError as error:
        return [], str(error)


def _cell_table(known: RunSteps) -> Table:
    table = Table("iteration", "cell", *CELL_STEPS, "error")
    for index, cell in enumerate(known.cells):
        steps = {step: known.steps.get((cell, step)) for step in CELL_STEPS}
        errors = [f"{step}: {_first(each.error)}" for step, each in steps.items() if each and each.error]
        states = [_state(each) for each in steps.values()]
        table.add_row(str(index), escape(cell), *states, escape("\n".join(errors)))
    return table


def _step_table(known: RunSteps) -> Table:
    table = Table("step", "state", "error")
    for step in RUN_STEPS:
        if each := known.steps.get(("", step)):
            table.add_row(step, _state(each), escape(_first(each.error)))
    return table


def _state(step: StepProgress | None) -> str:
    if step is None:
        return "-"
    text = step.state if step.seconds is None else f"{step.state} {format_duration(step.seconds)}"
    return f"[{COLORS[step.state]}]{text}[/]"


def _first(error: str) -> str:
    """A message's first line, which says what is wrong; the log has the rest."""
    return error.strip().partition("\n")[0]


def _advice(run_id: str, known: RunSteps, store_error: str, pods_error: str, *, failed: bool) -> Iterator[str]:
    """What could not be read, and the command that shows the reason of what failed without one."""
    if store_error:
        yield f"what the steps wrote into the store could not be read: {store_error}"
    if pods_error:
        yield f"the run's pods could not be read: {pods_error}"
    for name in known.unexplained:
        what = "Kubeflow's own driver failed" if name.endswith("-driver") else "failed, nothing says why"
        yield f"{name}: {what}; what it printed: clt logs {run_id} --task {name}"
    if failed and not known.unexplained and not any(step.error for step in known.steps.values()):
        yield f"nothing says why it failed; what its tasks printed: clt logs {run_id}"
