"""A baseline's verdict as Prometheus' text, for node exporter's textfile collector or whatever else reads it."""

import os
from datetime import datetime
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from clt.baselines.document import Bits, Verdict, Word
from clt.baselines.reading import evidence_ratio, last_known
from clt.errors import UserError
from clt.store import replace_file


def prometheus_text(verdict: Verdict) -> str:
    """Gauges of the verdict, of its runs and of every comparison; what is not known has no sample."""
    return generate_latest(_registry(verdict)).decode()


def write_prometheus(verdict: Verdict, path: Path) -> None:
    """Put the text into a file, written beside and renamed: the collector never reads a part.

    Args:
        verdict: The baseline's.
        path: Ends in .prom, in the folder that the collector reads; a file for each baseline.

    Raises:
        UserError: The name ends otherwise, or the file cannot be written.
    """
    check_prometheus(path)
    try:
        replace_file(path, prometheus_text(verdict))
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); make its folder, or get the right") from None


def check_prometheus(path: Path) -> None:
    """Whether such a file could be written, before there is a verdict to write.

    Raises:
        UserError: The name ends otherwise, or nothing can be written into its folder.
    """
    if path.suffix != ".prom":
        raise UserError(f"{path}: expected a name that ends in .prom, as the textfile collector reads no others")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise UserError(f"{path}: cannot be written; make its folder, or get the right")


def _registry(verdict: Verdict) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(f"clt_baseline_{name}", help_text, ("baseline", *labels), registry=registry)

    words = gauge("verdict", "1 for the word that holds for the baseline, 0 for the others", "word")
    for word in Word:
        words.labels(verdict.baseline, word.value).set(word is verdict.word)
    bits = gauge("bits", "1 for what the last run's bits are beside an earlier run's, 0 for the others", "bits")
    for state in get_args(Bits):
        bits.labels(verdict.baseline, state).set(state == verdict.bits)

    complete = [run for run in verdict.runs if run.state == "complete"]
    gauge("runs", "Complete runs").labels(verdict.baseline).set(len(complete))
    missing = gauge("runs_missing", "Complete runs that are missing until a verdict is possible")
    missing.labels(verdict.baseline).set(verdict.runs_missing)
    if complete:
        last = gauge("last_run_timestamp_seconds", "When the last complete run started")
        last.labels(verdict.baseline).set(datetime.fromisoformat(complete[-1].started).timestamp())

    ratio = gauge("evidence_ratio", "Evidence of a change by its threshold: an alarm at 1", "comparison")
    value = gauge("last_value", "Mean over items, in the metric's unit, of the last run that has one", "comparison")
    for series in verdict.series:
        labels = (verdict.baseline, series.comparison.name)
        if (share := evidence_ratio(series)) is not None:
            ratio.labels(*labels).set(share)
        if (mean := last_known(series.values)) is not None:
            value.labels(*labels).set(mean)
    return registry
