"""The rates beside every curve of a task's first metric: English, S and U, and each language by itself."""

from typing import Any

from clt.statistics.analyses.answer_rates.answer import not_better_answers
from clt.statistics.analyses.answer_rates.compute import RATES, group_mean
from clt.statistics.analyses.answer_rates.schema import AnswerRate, AnswerRatesPart
from clt.statistics.analyses.context import Context
from clt.statistics.curve.schema import Curve
from clt.statistics.rendering.formatting import percent

HEADS = {
    "no_answer": "No answer",
    "wrong_language": "Wrong language",
    "hit_limit": "Hit the limit",
    "truncated": "Prompt cut",
    "lost_examples": "Examples lost",
}


def view(part: AnswerRatesPart, context: Context) -> dict[str, Any] | None:
    if not part.answer_rates:
        return None
    shown = [rate for rate in RATES if any(getattr(each, rate) for each in part.answer_rates)]
    by_curve: dict[str, list[AnswerRate]] = {}
    for each in part.answer_rates:
        by_curve.setdefault(each.curve, []).append(each)
    return {
        "said": list(not_better_answers(context.statistics)),
        "heads": [HEADS[rate] for rate in shown],
        "absent": [HEADS[rate].lower() for rate in RATES if rate not in shown],
        "curves": [
            {
                "name": context.names.full(curve),
                "anchor": context.names.anchors[curve],
                "groups": _groups(context.names.curves[curve], rates, shown),
                "languages": _languages(rates, shown),
            }
            for curve, rates in by_curve.items()
        ],
    }


def _groups(curve: Curve, rates: list[AnswerRate], shown: list[str]) -> list[tuple[str, list[str]]]:
    """English, S and U with their rates, each from point to point."""
    groups = {"English": curve.train_languages[:1], "S": curve.train_languages[1:], "U": curve.held_out_languages}
    points = _points(rates)
    return [
        (name, [_along([group_mean(rates, n, codes, rate) for n in points]) for rate in shown])
        for name, codes in groups.items()
        if any(each.language in codes for each in rates)
    ]


def _languages(rates: list[AnswerRate], shown: list[str]) -> list[tuple[str, list[str]]]:
    points = _points(rates)
    codes = dict.fromkeys(each.language for each in rates)
    return [(code, [_along([group_mean(rates, n, [code], rate) for n in points]) for rate in shown]) for code in codes]


def _points(rates: list[AnswerRate]) -> list[int | None]:
    return list(dict.fromkeys(each.samples_per_language for each in rates))


def _along(values: list[float | None]) -> str:
    """A rate from point to point, such as "41.0% → 8.0%"."""
    return " → ".join("n/a" if value is None else percent(value) for value in values)
