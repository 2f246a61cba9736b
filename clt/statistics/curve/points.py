"""The points of a curve as they stand in statistics.json."""

import numpy as np

from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measures import data_ratio
from clt.statistics.curve.schema import Change, Point
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, number, undefined

NO_ZERO = "the curve has no point n = 0"
NOT_SEEN = "no trained language but English"
NOT_UNSEEN = "no held-out language"
NO_SCORE = "a language has no score at this point"
ENGLISH_ZERO = "the English score is 0, or 0 is inside its interval"
WITHIN_NOISE = "S(n) - S(0) is 0 or its interval includes 0"


def why_empty(data: CurveData, name: str) -> str:
    """Why a mean over languages is undefined."""
    group = data.roles.groups().get(name.partition(":")[2] or name, data.roles.languages)
    if group:
        return NO_ZERO if name.startswith("change:") and data.zero is None else NO_SCORE
    return NOT_SEEN if name.endswith("seen") and "un" not in name else NOT_UNSEEN if "unseen" in name else "no language"


def point_of(data: CurveData, measured: CurveEstimates, at: int) -> Point:
    index = at - int(data.has_base)
    is_base = index < 0
    compared = not is_base and data.zero is not None and at != data.zero

    def estimate(name: str) -> Estimate:
        return measured.estimate(name, at, why_empty(data, name))

    english, other = data.rows[index] if not is_base else (None, None)
    languages = data.roles.languages
    exposure = {code: "english" if code == data.roles.english else "unseen" for code in languages}
    ratio = data_ratio(english, other)
    return Point(
        samples_per_language=None if is_base else data.counts[index],
        data_ratio=None if ratio is None else number(ratio),
        english=estimate("english"),
        seen=estimate("seen"),
        unseen=estimate("unseen"),
        non_english=estimate("non_english"),
        relative=measured.estimate("relative", at, why_no_ratio(measured, at)),
        gap=measured.estimate("gap", at, NOT_UNSEEN if not data.roles.held_out else why_empty(data, "seen")),
        latin=estimate("latin"),
        non_latin=estimate("non_latin"),
        per_language={code: measured.estimate(f"language:{code}", at, "no score") for code in languages},
        exposure=exposure if is_base else data.exposure[index],
        change=_change(data, measured, at) if compared else None,
        transfer_share=share_of(data, measured, at) if compared else None,
    )


def why_no_ratio(measured: CurveEstimates, at: int) -> str:
    missing = not (np.isfinite(measured.value["english"][at]) and np.isfinite(measured.value["non_english"][at]))
    return NO_SCORE if missing else ENGLISH_ZERO


def _change(data: CurveData, measured: CurveEstimates, at: int) -> Change:
    names = ("english", "seen", "unseen", "non_english")
    return Change(
        **{name: measured.estimate(f"change:{name}", at, why_empty(data, f"change:{name}")) for name in names}
    )


def share_of(data: CurveData, measured: CurveEstimates, at: int) -> Estimate:
    for name in ("change:unseen", "change:seen"):
        if not np.isfinite(measured.value[name][at]):
            return undefined(why_empty(data, name))
    # a mean without an interval is taken as printed; items without one are all alike
    judged = data.has_items or measured.has_interval("change:seen", at)
    if (judged and not measured.resolved("change:seen", at)) or not np.isfinite(measured.value["share"][at]):
        return undefined(WITHIN_NOISE)
    return measured.estimate("share", at)
