"""The same study several times: what each repeat measured, and how much they differ. It judges nothing.

A repeat computes the same cells again, on the same mixtures: seeds and data are equal, so that what differs is the
hardware, the software, and whatever in them is left to chance.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from clt.errors import DataError
from clt.statistics.curve.schema import Curve
from clt.statistics.document import Statistics
from clt.statistics.inference.run_noise import pooled
from clt.statistics.repeats.page import render_repeats
from clt.statistics.repeats.schema import BetweenRepeats, Repeat, RepeatedCurve, RepeatedPoint, RepeatedStudy
from clt.statistics.values import Estimate, number, undefined
from clt.statistics.write import STATISTICS
from clt.store import Store, read_record

MEASURES = ("english", "seen", "unseen")
IDENTITY = ("task", "metric", "model", "setting", "mixture", "train_languages")
REPEATS_PAGE = "repeats.html"
REPEATS = "repeats.json"


def compare_repeats(store: Store, study_keys: Sequence[str], statistics_of: Callable[[str], Path]) -> RepeatedStudy:
    """Plans of one study beside each other; `statistics_of` gives the folder of a plan's statistics.

    Only main metrics, at the largest n that any repeat has. Raises DataError if no repeat has a complete cell.
    """
    statistics: dict[str, Statistics] = {}
    reasons: dict[str, str] = {}
    for key in study_keys:
        try:
            statistics[key] = Statistics.model_validate_json((statistics_of(key) / STATISTICS).read_bytes())
        except DataError as error:  # not one cell is complete
            reasons[key] = str(error)
    if not statistics:
        raise DataError("\n".join(reasons.values()))
    return RepeatedStudy(
        title=next(iter(statistics.values())).title,
        repeats=[_repeat(store, key, statistics.get(key), reasons.get(key)) for key in study_keys],
        curves=list(_curves(statistics)),
    )


def write_repeats(compared: RepeatedStudy, folder: Path) -> None:
    """Write repeats.html and repeats.json into an existing folder."""
    (folder / REPEATS_PAGE).write_text(render_repeats(compared), encoding="utf-8")
    content = json.dumps(compared.model_dump(mode="json"), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / REPEATS).write_text(content + "\n", encoding="utf-8")


def _repeat(store: Store, key: str, statistics: Statistics | None, reason: str | None) -> Repeat:
    record, manifest = read_record(store, key), store.manifest(f"studies/{key}")
    assert manifest is not None, "its record has just been read"
    missing = len(statistics.missing_cells) if statistics else len(record.grid.cells)
    return Repeat(study=key, repeat=record.repeat, started=manifest.created, missing_cells=missing, reason=reason)


def _curves(by_repeat: Mapping[str, Statistics]) -> Iterator[RepeatedCurve]:
    """Every curve that any repeat has, in the order of the first that has it."""
    curves: dict[tuple[object, ...], dict[str, Curve]] = {}
    for key, statistics in by_repeat.items():
        for curve in statistics.curves:
            if curve.main_metric:
                identity = tuple(str(getattr(curve, name)) for name in IDENTITY)
                curves.setdefault(identity, {})[key] = curve
    for alike in curves.values():
        at = max((n for curve in alike.values() if (n := _largest(curve)) is not None), default=None)
        points = [_point(key, alike.get(key), at) for key in by_repeat]
        curve = next(iter(alike.values()))
        yield RepeatedCurve(
            **{name: getattr(curve, name) for name in IDENTITY},
            samples_per_language=at,
            points=points,
            between=[_between(measure, [getattr(point, measure) for point in points]) for measure in MEASURES],
        )


def _largest(curve: Curve) -> int | None:
    return max((p.samples_per_language for p in curve.points if p.samples_per_language is not None), default=None)


def _point(key: str, curve: Curve | None, at: int | None) -> RepeatedPoint:
    for point in curve.points if curve else ():
        if point.samples_per_language == at:
            return RepeatedPoint(study=key, english=point.english, seen=point.seen, unseen=point.unseen)
    missing = undefined(f"no scores at n = {at}")
    return RepeatedPoint(study=key, english=missing, seen=missing, unseen=missing)


def _between(measure: str, estimates: Sequence[Estimate]) -> BetweenRepeats:
    values = np.array([estimate.value for estimate in estimates if estimate.value is not None])
    return BetweenRepeats(
        measure=measure,
        repeats=len(values),
        mean=number(values.mean()) if len(values) else None,
        sd=_deviation(values),
        smallest=number(values.min()) if len(values) else None,
        largest=number(values.max()) if len(values) else None,
    )


def _deviation(values: np.ndarray) -> Estimate:
    spread = pooled([values])
    if spread is None:
        return undefined("fewer than two repeats have it")
    if spread.sd == 0:  # an interval from 0 to 0 would say that they never differ
        return Estimate(value=0.0, low=None, high=None, method="none: all repeats agree")
    return Estimate(
        value=number(spread.sd), low=number(spread.low), high=number(spread.high), method="chi-square of repeats"
    )
