"""The statistics of a run as Kubeflow's page shows them. It keeps nothing of a task that failed, so none fails."""

from html import escape
from pathlib import Path

from clt.cluster.runs.completeness import cell_outcomes, require_note
from clt.cluster.runs.frame import framed
from clt.cluster.runs.note import RunNote, read_note
from clt.cluster.runs.step import run_step
from clt.cluster.runs.summary import summarize
from clt.errors import CellFailure, DataError
from clt.statistics import transfer_statistics
from clt.store import Store


def publish_statistics(store_uri: str, run: str, summary: str, report: str) -> dict[str, float]:
    """Compute the statistics of a run's study from all scores in the store, and write what Kubeflow's page shows.

    Cells without scores are named there and are no error: `require_complete` fails for them, in a task of its own.

    Args:
        store_uri: The store's uri.
        run: The run's id.
        summary: The path of the report in short, in Markdown.
        report: The path of the report as a page; its links work within Kubeflow's frame.

    Returns:
        Finite metrics by name; none if there is nothing to compute.

    Raises:
        UserError: The store is away.
    """

    def publish(store: Store) -> dict[str, float]:
        try:
            folder = transfer_statistics(store, require_note(store, run).study_key)
        except (CellFailure, DataError) as error:
            note = read_note(store, run)
            if note is not None and all(cell.state.state == "done" for cell in cell_outcomes(store, note)):
                raise
            text, page = _nothing(store, note, error)
            return show(text, page, {})
        text, metrics = summarize(folder / "statistics.json")
        return show(text, (folder / "report.html").read_text(encoding="utf-8"), metrics)

    def show(text: str, page: str, metrics: dict[str, float]) -> dict[str, float]:
        Path(summary).write_text(text, encoding="utf-8")
        Path(report).write_text(framed(page), encoding="utf-8")
        return metrics

    return run_step(store_uri, run, "statistics", publish)


def _nothing(store: Store, note: RunNote | None, error: Exception) -> tuple[str, str]:
    """Summary and page of a run of which nothing can be computed: why, and what became of its cells."""
    cells = [str(cell) for cell in cell_outcomes(store, note)] if note is not None else []
    listed = "\n".join(f"- `{cell}`" for cell in cells)
    items = "".join(f"<li>{escape(cell)}</li>" for cell in cells)
    page = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>No statistics</title>\n</head>\n'
    page += f"<body>\n<h1>No statistics</h1>\n<p>{escape(str(error))}</p>\n<ul>{items}</ul>\n</body>\n</html>\n"
    return f"# No statistics\n\n{error}\n\n{listed}\n", page
