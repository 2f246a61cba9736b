"""The verdict on a recurring baseline as Kubeflow's page shows it, which keeps nothing of a task that failed."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from clt.baselines import (
    Verdict,
    Word,
    changes_of,
    conclude,
    evidence_ratio,
    render_history,
    tell,
    verdict_markdown,
)
from clt.cluster.runs.completeness import plan_error
from clt.cluster.runs.form import EVERY_RUN, REPEAT
from clt.cluster.runs.frame import framed
from clt.cluster.runs.note import read_note
from clt.cluster.runs.pointer import finite
from clt.cluster.runs.start import choose_repeat
from clt.cluster.runs.step import run_step
from clt.statistics import markdown_text
from clt.store import Store, read_record
from clt.study import StudyRecord


def publish_baseline(store_uri: str, run: str, verdict: str, history: str) -> dict[str, float]:
    """Record a run of a baseline if it is complete, judge the baseline, tell its webhooks, and write what is shown.

    A run of no baseline is said to be none and is no error; nor is one with cells without scores.

    Args:
        store_uri: The store's uri.
        run: The run's id.
        verdict: The path of the verdict in short, in Markdown.
        history: The path of the page with all runs; its links work within Kubeflow's frame.

    Returns:
        Finite metrics by name; none if there is nothing to judge.

    Raises:
        EndpointError: The judge, which rates a baseline's fixed answers here, cannot be asked.
        StoreError: The store is away, or something of the baseline in it is damaged.
    """

    def publish(store: Store) -> dict[str, float]:
        found = _run_of_a_baseline(store, run)
        if isinstance(found, str):
            return show(f"# No verdict\n\n{found}\n", _page_without(found), {}, [found])
        judged = conclude(store, found.key)
        assert found.study.baseline is not None, "or it would be no run of a baseline"
        told = tell(store, judged, found.study.baseline.notify)
        text = verdict_markdown(judged) + _told(told)
        return show(text, render_history(judged), _metrics(judged), [f"{judged.word}: {judged.sentence}", *told])

    def show(text: str, page: str, metrics: dict[str, float], said: Sequence[str]) -> dict[str, float]:
        Path(verdict).write_text(text, encoding="utf-8")
        Path(history).write_text(framed(page), encoding="utf-8")
        print("\n".join(said), flush=True)
        return metrics

    return run_step(store_uri, run, "baseline", publish)


def _run_of_a_baseline(store: Store, run: str) -> StudyRecord | str:
    """The study that this run is, or why there is nothing to judge."""
    note = read_note(store, run)
    if note is None:
        return f"The plan did not complete, so there is nothing to judge: {plan_error(store, run)}"
    record = read_record(store, note.study_key)
    if record.study.baseline is None:
        return f"The study {record.study.name} has no `baseline`, so there is nothing to judge."
    if record.repeat != choose_repeat(EVERY_RUN, run, alone=True):
        return (
            f"This run was started with {REPEAT}: {record.repeat or 'none'}, so it is no run of baseline "
            f"{record.study.name}; start it with {REPEAT}: {EVERY_RUN}, as `clt schedule create` does."
        )
    return record


def _page_without(reason: str) -> str:
    page = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>No verdict</title>\n</head>\n'
    return f"{page}<body>\n<h1>No verdict</h1>\n<p>{escape(reason)}</p>\n</body>\n</html>\n"


def _told(lines: Sequence[str]) -> str:
    """A section: who was told of what, or why not."""
    listed = "\n".join(f"- {markdown_text(line)}" for line in lines)
    return f"\n## Told\n\n{listed}\n" if listed else ""


def _metrics(judged: Verdict) -> dict[str, float]:
    """The word and what it rests on, as numbers that Kubeflow compares between runs."""
    primary = [each for each in judged.series if each.comparison.primary]
    words: dict[str, float | None] = {f"verdict_{word.name.lower()}": float(word is judged.word) for word in Word}
    return finite(
        words
        | {
            "runs": sum(each.state == "complete" for each in judged.runs),
            "runs_missing": judged.runs_missing,
            "open_changes": sum(len(changes_of(each)) for each in judged.series),
            "evidence_of_primary": next(map(evidence_ratio, primary), None),
            "bits_same": {"same": 1.0, "different": 0.0}.get(judged.bits),
        }
    )
