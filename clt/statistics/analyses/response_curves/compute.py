"""What more rows buy on every curve: forms fitted to the points, and what they say up to four times the largest n."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from clt.statistics.analyses.inputs import Inputs
from clt.statistics.analyses.response_curves.points import response_points
from clt.statistics.analyses.response_curves.schema import ExpectedPoint, ResponseCurve
from clt.statistics.curve.schema import Curve, published
from clt.statistics.inference.response_fit import TAIL, ResponseFit, fit_response
from clt.statistics.inference.response_prediction import REACH, ResponseDraws, draw_responses
from clt.statistics.inference.run_noise import RunNoise
from clt.statistics.scores.curve_data import CurveData
from clt.statistics.values import Estimate, at_point, number, undefined

SURE = 0.9  # probability from which an n is named enough
MORE_ROWS = 1000
MULTIPLES = (2, REACH)  # of the largest n
DRAWN = (1.4, 2, 2.8, REACH)  # multiples of the largest n in the figure, after the n tried
METHOD = "prediction: one new run on the same items"
NO_RISE = "no rise shown"
Array = np.ndarray
What = dict[str, Any]  # what a response curve is of: the fields of ResponseCurve up to `largest`, and `margin`


def response_curves(inputs: Inputs, documents: Mapping[str, Curve]) -> Iterator[ResponseCurve]:
    """English, S, U and every language of every curve of a main metric; `documents` are the curves' by id.

    Of the noise between runs only repeats are asked: what neighbouring n tell are the residuals of the fit itself.
    """
    repeated = inputs.run_noise.of_repeats()
    for data in inputs.main_curves:
        curve = documents[data.id]
        margin = curve.plateau_at["unseen"].margin
        for group in ("english", "trained", "held_out"):
            codes = data.roles.groups()[group]
            if codes and data.sample_sizes:
                yield response_of(data, published(group), codes, margin, repeated)
        for code in data.roles.groups()["non_english"] if data.sample_sizes else ():
            yield response_of(data, "language", (code,), margin, repeated)


def response_of(
    data: CurveData, group: str, codes: tuple[str, ...], margin: float, run_noise: RunNoise
) -> ResponseCurve:
    """The response curve of the mean over some languages, `group` being its name.

    Args:
        margin: The improvement that counts, in the metric's unit.
        run_noise: What repeated runs, and they alone, tell of the noise between runs.
    """
    what = {"curve": data.id, "group": group, "languages": list(codes), "largest": data.sample_sizes[-1]}
    what |= {"margin": margin}
    points = response_points(data, codes, run_noise)
    if isinstance(points, str):
        return _undefined(what | {"noise": None}, points, {}, undefined(points))
    fit = fit_response(points)
    what |= {"noise": points.noise_source}
    low, middle, high = (number(float(points.link.score(np.array(end)))) for end in fit.largest_predicted)
    left_out = Estimate(value=middle, low=low, high=high, method="prediction from the smaller n")
    if fit.misses_largest:
        observed = float(points.link.score(points.value[-1]))
        reason = f"the largest n lies outside its own prediction from the smaller n: {observed:.4g}"
        return _undefined(what, reason, _weights(fit), left_out)
    return _predicted(what, fit, draw_responses(fit), left_out)


def _undefined(what: What, reason: str, weights: dict[str, float], left_out: Estimate) -> ResponseCurve:
    nothing = undefined(reason)
    return ResponseCurve(
        **what,
        answer="undefined",
        reason=reason,
        weights=weights,
        left_out=left_out,
        predicted={f"{k}x": at_point(nothing, k * what["largest"]) for k in MULTIPLES},
        more_rows={f"{k}x": at_point(nothing, k * what["largest"]) for k in (1, *MULTIPLES)},
        doubling=at_point(nothing, 2 * what["largest"]),
        doubling_pays=None,
        settled=nothing,
        settled_inside=None,
        enough=None,
        enough_probability=None,
        expected=[],
    )


def _predicted(what: What, fit: ResponseFit, draws: ResponseDraws, left_out: Estimate) -> ResponseCurve:
    first, largest, margin = int(fit.points.n[0]), what["largest"], what["margin"]
    direction = _direction(draws, what)
    settled = np.where(draws.improvement(first, largest) > 0, draws.settled_at(), np.inf)
    sure = (int(n) for n in fit.points.n[1:] if (settled <= n).mean() >= SURE)
    enough = next(sure, None) if direction == 1 else None
    drawn = [*fit.points.n, *(k * largest for k in DRAWN)]
    return ResponseCurve(
        **what,
        answer=_answer(draws, direction, enough, what),
        reason=None,
        weights=_weights(fit),
        left_out=left_out,
        predicted={f"{k}x": at_point(_estimate(draws.new_run(k * largest)), k * largest) for k in MULTIPLES},
        more_rows={f"{k}x": at_point(_more_rows(draws, k * largest, largest), k * largest) for k in (1, *MULTIPLES)},
        doubling=at_point(_estimate(draws.improvement_of_run(largest, 2 * largest)), 2 * largest),
        doubling_pays=number(float((draws.improvement(largest, 2 * largest) >= margin).mean())),
        settled=_settled(settled, largest) if direction == 1 else undefined(NO_RISE),
        settled_inside=number(float((settled <= largest).mean())),
        enough=enough,
        enough_probability=None if enough is None else number(float((settled <= enough).mean())),
        expected=[] if what["group"] == "language" else [_expected(draws, n) for n in drawn],
    )


def _direction(draws: ResponseDraws, what: What) -> int:
    """Whether the curve is shown to rise (1) or to fall (-1), better being up; 0: neither.

    It has to be more likely bent than flat, and the 95% interval of its change, if bent, has to exclude 0.
    """
    rise = draws.improvement(draws.fit.points.n[0], what["largest"])
    bent = rise[rise != 0]
    if 2 * len(bent) < len(rise):
        return 0
    return int((bent > 0).mean() >= 1 - TAIL) - int((bent < 0).mean() >= 1 - TAIL)


def _answer(draws: ResponseDraws, direction: int, enough: int | None, what: What) -> str:
    if direction < 1:
        return "falling" if direction else NO_RISE
    if enough is not None:
        return "enough"
    later = draws.improvement(what["largest"], REACH * what["largest"])
    return "still rising" if (later >= what["margin"]).mean() >= 0.5 else "maybe rising"


def _more_rows(draws: ResponseDraws, n: int, largest: int) -> Estimate:
    """The 1,000 rows from n on; those before n where n is as far as predictions reach."""
    start, end = (n, n + MORE_ROWS) if n < REACH * largest else (n - MORE_ROWS, n)
    if start < 0 or end > REACH * largest:
        return undefined(f"{MORE_ROWS:,} rows more are beyond {REACH} times the largest n")
    return _estimate(draws.improvement_of_run(start, end))


def _settled(settled: Array, largest: int) -> Estimate:
    """The n with 95% of the rise, where it is more likely within the grid than beyond."""
    low, middle, high = np.quantile(settled, (TAIL, 0.5, 1 - TAIL), method="inverted_cdf")
    if not middle <= largest:
        return undefined("beyond the grid")
    if not np.isfinite(high):
        return Estimate(value=number(middle), low=None, high=None, method="none: it may be beyond the grid")
    return Estimate(value=number(middle), low=number(low), high=number(high), method="95% of the draws that rise")


def _expected(draws: ResponseDraws, n: float) -> ExpectedPoint:
    low, high = np.quantile(draws.new_run(n), (TAIL, 1 - TAIL))
    middle = float(np.median(draws.expected(n)))
    return ExpectedPoint(samples_per_language=round(n, 1), value=number(middle), low=number(low), high=number(high))


def _estimate(draws: Array) -> Estimate:
    low, middle, high = np.quantile(draws, (TAIL, 0.5, 1 - TAIL))
    return Estimate(value=number(middle), low=number(low), high=number(high), method=METHOD)


def _weights(fit: ResponseFit) -> dict[str, float]:
    return {form: round(weight, 4) for form, weight in fit.form_weights().items()}
