"""The contents of statistics.json from a table of scores."""

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata

from components.transfer_statistics.curve.estimates import Measured, at_point
from components.transfer_statistics.curve.findings import findings_of
from components.transfer_statistics.curve.measuring import measure
from components.transfer_statistics.curve.points import NO_SCORE, point_of, share_of, why_no_ratio
from components.transfer_statistics.curve.resampling import RESAMPLES, SEEDS_TO_RESAMPLE
from components.transfer_statistics.curve.summaries import gain_of, last_change, plateau_of, script_group, spearman_of
from components.transfer_statistics.curve.uncertainty import LEVEL
from components.transfer_statistics.schema import Base, Curve, Finding, Items, Provenance, Statistics
from components.transfer_statistics.scores.curve_data import CurveData, base_only, curves
from components.transfer_statistics.scores.table import ScoreTable, checksum
from components.transfer_statistics.step import STATISTICS_FORMAT


def compute(table: ScoreTable) -> Statistics:
    """Every measure of every curve of the table, with intervals. Equal tables give equal results but for provenance."""
    found: list[Curve] = []
    findings: list[Finding] = []
    every = list(curves(table.rows))
    for data in every:
        measured = measure(data)
        curve = _curve(data, measured, table.main_metrics)
        found.append(curve)
        if curve.main_metric:
            findings += findings_of(curve, measured, data)
    return Statistics(
        title=table.source,
        curves=found,
        bases=[_base(data) for data in base_only(table.rows)],
        findings=findings,
        missing_cells=list(table.missing),
        provenance=_provenance(table),
    )


def _curve(data: CurveData, measured: Measured, main_metrics: dict[str, str]) -> Curve:
    identity, roles = data.identity, data.roles
    start = int(data.has_base)
    last = start + len(data.counts) - 1
    return Curve(
        id=data.id,
        study=identity["study"],
        model=identity["model"],
        family=data.family,
        setting=identity["setting"],
        task=identity["task"],
        metric=identity["metric"],
        main_metric=main_metrics.get(identity["task"]) == identity["metric"],
        higher_is_better=data.higher_is_better,
        mixture=identity["mixture"],
        train_languages=[roles.english, *roles.trained],
        held_out_languages=list(roles.held_out),
        items=_items(data),
        runs=list(data.runs),
        left_out_runs=list(data.left_out_runs),
        intervals=_covered(data),
        base=point_of(data, measured, 0) if data.has_base else None,
        points=[point_of(data, measured, at) for at in range(start, last + 1)],
        gain=gain_of(data, measured, "relative"),
        gains={name.removeprefix("language:"): gain_of(data, measured, name) for name in _gain_names(data)},
        plateau_at={name: plateau_of(data, measured, name) for name in ("seen", "unseen")},
        spearman=spearman_of(data, measured),
        english_cost=last_change(data, measured, "english", ""),
        transfer_share=at_point(share_of(data, measured, last), data.counts[-1]),
        scripts={name: script_group(data, measured, name) for name in ("latin", "non_latin")},
    )


def _gain_names(data: CurveData) -> Iterable[str]:
    return ("seen", "unseen", *(f"language:{code}" for code in data.roles.languages))


def _items(data: CurveData) -> Items | None:
    if not data.has_items:
        return None
    counts = data.sample.mask.sum(axis=0)
    return Items(
        clusters=len(data.sample.items),
        shared=data.shares_items,
        used={code: int(counts[k]) for k, code in enumerate(data.roles.languages)},
        available=data.available,
    )


def _covered(data: CurveData) -> str:
    """What the intervals of a curve cover, in words."""
    runs = len(data.runs)
    seeds = f"{runs} seed{'s' if runs != 1 else ''}"
    if not data.has_items:
        return f"none: the input holds only means over items ({seeds})"
    if data.sample.resamples_runs:
        return f"items and seeds resampled ({seeds})"
    return f"items resampled; conditional on the {seeds} (seeds are resampled from {SEEDS_TO_RESAMPLE} on)"


def _base(data: CurveData) -> Base:
    measured = measure(data)
    return Base(
        model=data.identity["model"],
        study=data.identity["study"],
        task=data.identity["task"],
        metric=data.identity["metric"],
        items=_items(data),
        english=measured.estimate("english", 0, NO_SCORE),
        non_english=measured.estimate("non_english", 0, NO_SCORE),
        relative=measured.estimate("relative", 0, why_no_ratio(measured, 0)),
        per_language={code: measured.estimate(f"language:{code}", 0, "no score") for code in data.roles.languages},
    )


def _provenance(table: ScoreTable) -> Provenance:
    by_step: dict[str, int] = {}
    for environment in table.environments:
        step = environment.partition(":")[0]
        by_step[step] = by_step.get(step, 0) + 1
    return Provenance(
        source=table.source,
        input_checksum=checksum(table.rows),
        inputs=table.inputs,
        format=STATISTICS_FORMAT,
        code_version=_version("cross-lingual-transfer"),
        versions={name: _version(name) for name in ("numpy", "pandas", "scipy")},
        resamples=RESAMPLES,
        level=LEVEL,
        seeding="SHA-256 of the curve's sorted item ids: the same items give the same resamples in every curve",
        environments=table.environments,
        mixed_environments=any(count > 1 for count in by_step.values()),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
