"""The points of a curve as they stand in statistics.json."""

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import (
    ENGLISH,
    GAP,
    HELD_OUT_CHANGE,
    NON_ENGLISH,
    RELATIVE,
    TRAINED_CHANGE,
    TRANSFER_SHARE,
    Kind,
    Measure,
)
from clt.statistics.curve.measures import data_ratio
from clt.statistics.curve.schema import Change, Point, published
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number, undefined

NO_BASELINE = "the curve has no point n = 0"
NOT_TRAINED = "no trained language but English"
NOT_HELD_OUT = "no held-out language"
HELD_OUT_GROUPS = ("held_out", "held_out_latin", "held_out_non_latin")
TRAINED = Measure(Kind.LEVEL, "trained")
NO_SCORE = "a language has no score at this point"
ENGLISH_ZERO = "the English score is 0, or 0 is inside its interval"
WITHIN_NOISE = "S(n) - S(0) is 0 or its interval includes 0"


def why_empty(data: CurveData, measure: Measure) -> str:
    """Why a mean over languages is undefined."""
    if data.roles.groups().get(measure.group, data.roles.languages):
        return NO_BASELINE if measure.kind is Kind.CHANGE and data.baseline_index is None else NO_SCORE
    if measure.group == "trained":
        return NOT_TRAINED
    return NOT_HELD_OUT if measure.group in HELD_OUT_GROUPS else "no language"


def point_of(data: CurveData, measured: CurveEstimates, point_index: int) -> Point:
    index = point_index - int(data.has_base)
    is_base = index < 0
    compared = not is_base and data.baseline_index is not None and point_index != data.baseline_index

    def mean(group: str) -> Estimate:
        measure = Measure(Kind.LEVEL, group)
        return measured.estimate(measure, point_index, why_empty(data, measure))

    english, other = data.rows[index] if not is_base else (None, None)
    languages = data.roles.languages
    exposure = {code: "english" if code == data.roles.english else "unseen" for code in languages}
    ratio = data_ratio(english, other)
    return Point(
        samples_per_language=None if is_base else data.sample_sizes[index],
        data_ratio=None if ratio is None else number(ratio),
        english=mean("english"),
        seen=mean("trained"),
        unseen=mean("held_out"),
        non_english=mean("non_english"),
        relative=measured.estimate(RELATIVE, point_index, why_no_ratio(measured, point_index)),
        gap=measured.estimate(GAP, point_index, NOT_HELD_OUT if not data.roles.held_out else why_empty(data, TRAINED)),
        latin=mean("latin"),
        non_latin=mean("non_latin"),
        per_language={
            code: measured.estimate(Measure(Kind.LANGUAGE, code), point_index, "no score") for code in languages
        },
        exposure=exposure if is_base else data.exposure[index],
        change=_change(data, measured, point_index) if compared else None,
        transfer_share=share_of(data, measured, point_index) if compared else None,
    )


def why_no_ratio(measured: CurveEstimates, point_index: int) -> str:
    missing = not (
        np.isfinite(measured.value[ENGLISH][point_index]) and np.isfinite(measured.value[NON_ENGLISH][point_index])
    )
    return NO_SCORE if missing else ENGLISH_ZERO


def _change(data: CurveData, measured: CurveEstimates, point_index: int) -> Change:
    changes = [Measure(Kind.CHANGE, group) for group in ("english", "trained", "held_out", "non_english")]
    return Change(
        **{
            published(change.group): measured.estimate(change, point_index, why_empty(data, change))
            for change in changes
        }
    )


def share_of(data: CurveData, measured: CurveEstimates, point_index: int) -> Estimate:
    for change in (HELD_OUT_CHANGE, TRAINED_CHANGE):
        if not np.isfinite(measured.value[change][point_index]):
            return undefined(why_empty(data, change))
    # a mean without an interval is taken as printed; items without one are all alike
    judged = data.has_items or measured.has_interval(TRAINED_CHANGE, point_index)
    if (judged and not measured.resolved(TRAINED_CHANGE, point_index)) or not np.isfinite(
        measured.value[TRANSFER_SHARE][point_index]
    ):
        return undefined(WITHIN_NOISE)
    return measured.estimate(TRANSFER_SHARE, point_index)
