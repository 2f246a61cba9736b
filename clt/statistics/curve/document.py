"""One curve, and one base model, as they stand in statistics.json."""

from collections.abc import Iterable
from dataclasses import asdict

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import ENGLISH, NON_ENGLISH, RELATIVE, Kind, Measure
from clt.statistics.curve.points import NO_SCORE, point_of, share_of, why_no_ratio
from clt.statistics.curve.schema import Base, Curve, Items, RepeatedSeed, published
from clt.statistics.curve.summaries import gain_of, last_change, plateau_of, script_group, spearman_of
from clt.statistics.inference.interval_method import OF_PRINTED_MEANS, WITH_RUN_NOISE
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import at_point


def curve_document(data: CurveData, measured: CurveEstimates, *, main_metric: bool) -> Curve:
    identity, roles = data.identity, data.roles
    start = int(data.has_base)
    last = start + len(data.sample_sizes) - 1
    return Curve(
        id=data.id,
        study=identity["study"],
        model=identity["model"],
        family=data.family,
        setting=identity["setting"],
        task=identity["task"],
        metric=identity["metric"],
        main_metric=main_metric,
        higher_is_better=data.higher_is_better,
        mixture=identity["mixture"],
        train_languages=[roles.english, *roles.trained],
        held_out_languages=list(roles.held_out),
        items=_items(data),
        runs=list(data.runs),
        repeated_seeds=[RepeatedSeed(**asdict(each)) for each in data.repeated_seeds],
        left_out_runs=list(data.left_out_runs),
        intervals=_covered(data, measured),
        base=point_of(data, measured, 0) if data.has_base else None,
        points=[point_of(data, measured, point_index) for point_index in range(start, last + 1)],
        gain=gain_of(data, measured, Measure(Kind.GAIN, "relative")),
        gains={published(gain.group): gain_of(data, measured, gain) for gain in _gains(data)},
        plateau_at={published(group): plateau_of(data, measured, group) for group in ("trained", "held_out")},
        spearman=spearman_of(data, measured),
        english_cost=last_change(data, measured, "english"),
        transfer_share=at_point(share_of(data, measured, last), data.sample_sizes[-1]),
        scripts={name: script_group(data, measured, name) for name in ("latin", "non_latin")},
    )


def base_document(data: CurveData, measured: CurveEstimates) -> Base:
    return Base(
        model=data.identity["model"],
        study=data.identity["study"],
        task=data.identity["task"],
        metric=data.identity["metric"],
        items=_items(data),
        english=measured.estimate(ENGLISH, 0, NO_SCORE),
        non_english=measured.estimate(NON_ENGLISH, 0, NO_SCORE),
        relative=measured.estimate(RELATIVE, 0, why_no_ratio(measured, 0)),
        per_language={
            code: measured.estimate(Measure(Kind.LANGUAGE, code), 0, "no score") for code in data.roles.languages
        },
    )


def _gains(data: CurveData) -> Iterable[Measure]:
    """Those of S and U and of every language; that of R stands by itself."""
    yield Measure(Kind.GAIN, "trained")
    yield Measure(Kind.GAIN, "held_out")
    yield from (Measure(Kind.LANGUAGE_GAIN, code) for code in data.roles.languages)


def _items(data: CurveData) -> Items | None:
    if not data.has_items:
        return None
    counts = data.sample.mask.sum(axis=0)
    return Items(
        clusters=len(data.sample.items),
        shared=data.sample.common == len(data.sample.items),
        common=data.sample.common,
        used={code: int(counts[k]) for k, code in enumerate(data.roles.languages)},
        available=data.available,
    )


def _covered(data: CurveData, measured: CurveEstimates) -> str:
    """What the intervals of a curve cover, in words."""
    runs = len(data.runs)
    seeds = f"{runs} seed{'s' if runs != 1 else ''}"
    methods = {
        str(method)
        for measure in measured.value
        for index, method in enumerate(measured.method[measure])
        if measured.has_interval(measure, index)
    }
    noisy = bool(methods & WITH_RUN_NOISE)
    if data.has_items:
        if not methods:
            return f"none: the items leave no interval ({seeds})"
        if noisy:
            return f"items and runs; the items alone, conditional on the {seeds}, where the method names no runs"
        return f"items; conditional on the {seeds}"
    printed = bool(methods & OF_PRINTED_MEANS)
    parts = [
        *(["run-to-run noise, not the items"] if noisy else []),
        *([f"items (binomial, of n_items), conditional on the {seeds}"] if printed else []),
    ]
    if not parts:
        return f"none: the input holds only means over items ({seeds})"
    return "; ".join(parts) + (" where the method says printed means" if noisy and printed else "")
