"""Gains by group against plain means and scipy's t interval, and what must never be averaged."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clt.statistics.analyses.gains.compute import group_gains
from clt.statistics.analyses.gains.schema import GroupGain
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.document import curve_document
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.schema import Curve
from clt.statistics.rendering.figure_set import draw
from clt.statistics.rendering.formatting import points
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores

PAPER = Path(__file__).resolve().parents[3] / "studies" / "paper" / "scores.csv"


def documents(rows: pd.DataFrame, main: tuple[str, ...] = ("score", "exact_match")) -> list[Curve]:
    found = [(data, data.identity["metric"] in main) for data in curves(rows)]
    return [curve_document(data, measure(data), main_metric=is_main) for data, is_main in found]


@cache
def paper() -> tuple[list[Curve], dict[tuple[str, ...], GroupGain]]:
    found = documents(read_scores(PAPER).rows.assign(metric="score"))  # a metric whose scale is not known
    return found, {(one.by, one.group, one.measure, one.metric): one for one in group_gains(found)}


@pytest.mark.parametrize(("by", "group"), [("model", "aya-23-7b"), ("task", "math"), ("setting", "multi_task")])
def test_the_mean_and_its_t_interval_are_those_of_the_curves(by: str, group: str) -> None:
    found, gains = paper()
    values = [curve.gain.value for curve in found if getattr(curve, by) == group]
    one = gains[by, group, "relative", "score"]
    assert one.mean.value == pytest.approx(np.mean(values), abs=1e-6) and one.curves == len(values)
    ends = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (one.mean.low, one.mean.high) == pytest.approx(ends, abs=1e-5)
    assert one.mean.method == f"t over {len(values)} curves" and not one.fitted
    assert (one.smallest, one.largest) == (min(values), max(values))


def test_scores_of_tasks_with_their_own_scales_are_not_averaged() -> None:
    _, gains = paper()
    assert {by for by, _, measure, _ in gains if measure != "relative"} == {"task"}
    assert {group for by, group, _, _ in gains if by == "train_languages"} == {"en+es+fr", "en+es+fr+ja+zh", "en+ja+zh"}


def test_scores_per_item_give_cross_fitted_gains_and_a_single_curve_keeps_its_interval(make_rows: Callable) -> None:
    (curve,) = documents(make_rows(items=30))
    for one in group_gains([curve]):
        gain = curve.gain if one.measure == "relative" else curve.gains[one.measure]
        assert one.fitted and one.curves == 1 and one.metric == "exact_match"
        assert one.mean == gain.cross_fitted


def test_metrics_meet_only_in_r_of_first_metrics_where_more_is_better(make_rows: Callable) -> None:
    parts = [
        make_rows(items=20, model="small", task="math"),
        make_rows(items=20, model="small", task="math", metric="bits_per_byte"),
        make_rows(items=20, model="small", task="copy", metric="rouge_l"),
        make_rows(items=20, model="small", task="guess", metric="bits_per_byte"),
    ]
    found = documents(pd.concat(parts, ignore_index=True), ("exact_match", "rouge_l"))
    gains = [one for one in group_gains(found) if one.by == "model"]
    pooled = {(one.metric, one.measure): one.curves for one in gains}
    each = {(name, measure): 1 for name in ("exact_match", "rouge_l") for measure in ("relative", "seen", "unseen")}
    loss = {("bits_per_byte", measure): 2 for measure in ("relative", "seen", "unseen")}
    assert pooled == each | loss | {("", "relative"): 2}
    assert all(one.mean.value is not None and one.mean.value > 0 for one in gains)  # falling losses are gains


def test_a_curve_without_a_gain_leaves_the_group_and_equal_gains_have_no_interval() -> None:
    found, _ = paper()
    same = [curve for curve in found if curve.task == "math"][:1] * 3
    (one,) = [one for one in group_gains(same) if (one.by, one.measure) == ("task", "relative")]
    assert one.mean.low is None and one.mean.method == "none: equal gains"
    undefined = same[0].gain.model_copy(update={"value": None})
    rest = [same[0].model_copy(update={"gain": undefined}), *[c for c in found if c.task == "math"][1:3]]
    (one,) = [one for one in group_gains(rest) if (one.by, one.measure) == ("task", "relative")]
    assert one.curves == 2


def test_the_order_of_the_curves_changes_nothing() -> None:
    found, _ = paper()
    forwards, backwards = group_gains(found), group_gains(found[::-1])
    assert [one.group for one in forwards] == [one.group for one in backwards]
    assert [one.mean.value for one in forwards] == pytest.approx([one.mean.value for one in backwards], abs=2e-6)


def test_the_figure_means_no_curves_of_other_metrics(make_rows: Callable, table_of: Callable) -> None:
    """The mean of a task's losses stood beside its right answers: +257.8 points."""
    rows = pd.concat([make_rows(items=20), make_rows(items=20, metric="bits_per_byte")], ignore_index=True)
    rows.loc[rows["metric"] == "bits_per_byte", "score"] *= 40
    statistics = compute_statistics(table_of(rows))
    means = {
        one.metric: one.mean.value for one in statistics.gains_by_group if (one.by, one.measure) == ("task", "relative")
    }
    assert set(means) == {"exact_match", "bits_per_byte"} and len(set(means.values())) == 2
    (curve,) = [curve for curve in statistics.curves if curve.main_metric]
    figure = draw(statistics).files()["gains.svg"]
    assert figure.count("mean of 1") == 1
    shown = figure.split("mean of 1")[1]
    assert f">{points(means[curve.metric] or 0.0)}<" in shown
