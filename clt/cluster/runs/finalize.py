"""How a run ends: its jobs are deleted, others see that it is over, and its log says what became of its cells."""

from clt.cluster.jobs.installation import from_environment
from clt.cluster.runs.completeness import cell_outcomes, plan_error
from clt.cluster.runs.note import read_note
from clt.cluster.runs.step import run_key, run_step
from clt.errors import CellFailure, UserError
from clt.store import Store


def ended_key(note_key: str) -> str:
    """What is in the store once the exit task of the run with this note has run."""
    return f"{note_key}/ended"


def finalize_run(store_uri: str, run: str) -> str:
    """End a run, whatever happened in it; again is harmless.

    Jobs that the run left in the cluster are deleted, before anything that may fail; then others can see in the store
    that it has ended. What a dead writer left in the store is invisible to readers and removed by the next writer.

    Args:
        store_uri: The store's uri.
        run: The run's id.

    Returns:
        A text for its log: the deleted jobs, and the state of each of its cells.

    Raises:
        CellFailure: Jobs may be left, since the cluster does not let us look.
    """
    try:
        deleted, refusal = _delete_jobs(run), ""
    except UserError as error:
        deleted, refusal = [], str(error)

    def end(store: Store) -> str:
        with store.writer(ended_key(run_key(run))):
            pass
        note = read_note(store, run)
        if note is None:  # so it launched no job either
            return f"run {run}: the plan did not complete, so no cell was started: {plan_error(store, run)}"
        if refusal:
            raise CellFailure(f"jobs of this run may be left: {refusal}; then `clt cleanup --run {run}`")
        cells = cell_outcomes(store, note)
        done = sum(cell.state.state == "done" for cell in cells)
        head = f"run {run} of {note.study_key}: {done} of {len(cells)} cells complete"
        return "\n".join([head, *(f"  {cell}" for cell in cells)])

    text = run_step(store_uri, run, "cleanup", end)
    return "\n".join([*(f"job {name} was left by this run: deleted" for name in deleted), text])


def _delete_jobs(run: str) -> list[str]:
    """Names of the run's jobs that were still in the cluster, deleted now; where no jobs are launched, none are."""
    if from_environment() is None:
        return []
    from clt.cluster.jobs.cluster import Cluster
    from clt.cluster.jobs.orphaned_jobs import delete_jobs, find_jobs

    cluster = Cluster.connect()
    jobs = find_jobs(cluster, run=run)
    delete_jobs(cluster, jobs)
    return [job.name for job in jobs]
