"""Intervals of printed means rest on the number of items behind them, and on nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from clt.statistics.curve.document import curve_document
from clt.statistics.curve.estimates import CurveEstimates
from clt.statistics.curve.measure import HELD_OUT_CHANGE, TRAINED_CHANGE, Kind, Measure
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.points import share_of
from clt.statistics.curve.printed_means import with_printed_means
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.from_csv import read_scores

TRAINED, HELD_OUT = Measure(Kind.LEVEL, "trained"), Measure(Kind.LEVEL, "held_out")
HEADER = "model,setting,task,train_languages,samples_per_language,language,metric,score,n_items"
SCORES = {0: {"en": 0.8, "es": 0.5, "fr": 0.4, "pt": 0.3}, 10: {"en": 0.7, "es": 0.7, "fr": 0.6, "pt": 0.5}}
ITEMS = {"en": 250, "es": 250, "fr": 125, "pt": 250}


def printed(
    folder: Path, *, items: Mapping[str, object] = ITEMS, metric: str = "exact_match", factor: float = 1.0
) -> tuple[CurveData, CurveEstimates]:
    path = folder / "scores.csv"
    lines = [
        f"m,single,t,en+es+fr,{n},{code},{metric},{factor * score},{items.get(code, '')}"
        for n, scores in SCORES.items()
        for code, score in scores.items()
    ]
    path.write_text("\n".join([HEADER, *lines]))
    data = next(curves(read_scores(path).rows))
    return data, with_printed_means(measure(data), data)


def ends(measured: CurveEstimates, name: Measure, at: int = 1) -> tuple[float, float, str]:
    return measured.low[name][at], measured.high[name][at], measured.method[name][at]


@pytest.mark.parametrize(
    ("name", "mean", "items"),
    [
        (Measure(Kind.LANGUAGE, "es"), 0.7, 250),
        (Measure(Kind.LANGUAGE, "fr"), 0.6, 125),
        (Measure(Kind.LEVEL, "english"), 0.7, 250),
        (TRAINED, 0.65, 125),  # parallel items are one cluster: as many as the language with fewest has
        (HELD_OUT, 0.5, 250),
        (Measure(Kind.LEVEL, "non_english"), 0.6, 125),
    ],
)
def test_a_mean_has_the_interval_of_a_proportion(tmp_path: Path, name: Measure, mean: float, items: int) -> None:
    low, high, method = ends(printed(tmp_path)[1], name)
    assert (low, high) == pytest.approx(proportion_confint(mean * items, items, method="wilson"))
    assert method == "wilson: printed mean"


def test_a_change_has_newcombes_interval_and_n_zero_has_none(tmp_path: Path) -> None:
    measured = printed(tmp_path)[1]
    low, high, method = ends(measured, HELD_OUT_CHANGE)
    expected = confint_proportions_2indep(0.5 * 250, 250, 0.3 * 250, 250, compare="diff", method="newcomb")
    assert (low, high) == pytest.approx(expected) and method == "newcombe: printed means"
    assert np.isnan(measured.low[HELD_OUT_CHANGE][0])
    assert measured.error[HELD_OUT_CHANGE][1] == pytest.approx((high - low) / 2 / 1.959964)


def test_a_change_between_means_of_different_sizes_rests_on_the_smaller(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    sizes = {0: 50, 10: 400}
    lines = [f"m,single,t,en+es+fr,{n},{c},exact_match,{s},{sizes[n]}" for n in SCORES for c, s in SCORES[n].items()]
    path.write_text("\n".join([HEADER, *lines]))
    data = next(curves(read_scores(path).rows))
    low, high, _ = ends(with_printed_means(measure(data), data), Measure(Kind.CHANGE, "english"))
    expected = confint_proportions_2indep(0.7 * 50, 50, 0.8 * 50, 50, compare="diff", method="newcomb")
    assert (low, high) == pytest.approx(expected)


def test_an_unknown_number_of_items_leaves_what_rests_on_it_without_an_interval(tmp_path: Path) -> None:
    data, measured = printed(tmp_path, items={"en": 250, "es": 250, "pt": 250})
    assert data.mean_items is not None and np.isnan(data.mean_items[:, 2]).all()
    assert np.isnan(ends(measured, TRAINED)[0]) and ends(measured, TRAINED)[2] == "none: only means"
    assert np.isfinite(ends(measured, HELD_OUT)[0])


@pytest.mark.parametrize(("metric", "factor"), [("bits_per_byte", 1.0), ("points", 5.0)])
def test_scores_that_are_no_share_have_no_interval(tmp_path: Path, metric: str, factor: float) -> None:
    measured = printed(tmp_path, metric=metric, factor=factor)[1]
    assert all(np.isnan(low).all() for low in measured.low.values())


def test_without_n_items_nothing_changes(tmp_path: Path) -> None:
    data, _ = printed(tmp_path, items={})
    before = measure(data)
    assert data.mean_items is None and with_printed_means(before, data) is before


def test_an_interval_that_stands_is_kept(tmp_path: Path) -> None:
    data, _ = printed(tmp_path)
    before = measure(data)
    stands = replace(
        before,
        low=before.low | {TRAINED: np.full(2, 0.1)},
        high=before.high | {TRAINED: np.full(2, 0.9)},
        method=before.method | {TRAINED: np.full(2, "t: runs", dtype=object)},
    )
    assert ends(with_printed_means(stands, data), TRAINED) == (0.1, 0.9, "t: runs")


def test_transfer_share_is_undefined_where_the_printed_rise_is_inside_its_interval(tmp_path: Path) -> None:
    data, measured = printed(tmp_path)
    assert measured.resolved(TRAINED_CHANGE, 1) and share_of(data, measured, 1).value == pytest.approx(1.0)
    few = dict.fromkeys(ITEMS, 10)
    data, measured = printed(tmp_path, items=few)
    assert not measured.resolved(TRAINED_CHANGE, 1) and share_of(data, measured, 1).value is None
    data, measured = printed(tmp_path, items={})
    assert share_of(data, measured, 1).value == pytest.approx(1.0)  # without an interval it is taken as printed


def test_the_document_says_that_printed_means_rest_on_n_items(tmp_path: Path) -> None:
    for items, said in ((ITEMS, "items (binomial, of n_items)"), ({}, "none: the input holds only means over items")):
        assert curve_document(*printed(tmp_path, items=items), main_metric=True).intervals.startswith(said)


def test_missing_intervals_are_arrays_of_their_own(tmp_path: Path) -> None:
    measured = measure(printed(tmp_path)[0])
    assert measured.low[TRAINED] is not measured.high[TRAINED] and measured.low[TRAINED] is not measured.error[TRAINED]
    assert measured.low is not measured.high


@pytest.mark.parametrize(("metric", "factor", "margin"), [("exact_match", 1.0, 0.02), ("points", 5.0, 0.05)])
def test_plateau_margin_is_a_share_of_the_range(tmp_path: Path, metric: str, factor: float, margin: float) -> None:
    """Of the metric, or of the printed scores (1.5 to 4.0)."""
    found = curve_document(*printed(tmp_path, metric=metric, factor=factor), main_metric=True).plateau_at["seen"]
    assert found.margin == pytest.approx(margin)
    assert found.at is None and found.reason == "unresolved: needs scores per item (two items or more) or repeated runs"
