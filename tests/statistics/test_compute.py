"""What statistics.json holds for awkward inputs: missing cells, unequal items, constant scores, one seed."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clt.statistics
from clt.errors import DataError
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.document import curve_document
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.run_noise_intervals import with_run_noise
from clt.statistics.curve.schema import Curve
from clt.statistics.document import Statistics, schema_text
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData

MakeRows = Callable[..., pd.DataFrame]


@pytest.fixture
def make_curve(make_rows: MakeRows, table_of: Callable) -> Callable[..., Curve]:
    """The only curve of made-up rows."""

    def make(rows: pd.DataFrame | None = None, **settings: Any) -> Curve:
        found = compute_statistics(table_of(make_rows(**settings) if rows is None else rows)).curves
        assert len(found) == 1
        return found[0]

    return make


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, float):
        yield value


def test_every_interval_contains_its_value_or_is_missing(make_curve: Callable[..., Curve]) -> None:
    curve = make_curve(items=40, seeds=(0, 1))
    for point in curve.points:
        for estimate in (point.english, point.seen, point.unseen, point.relative, *point.per_language.values()):
            assert estimate.value is not None and estimate.low is not None and estimate.high is not None
            assert estimate.low <= estimate.value <= estimate.high
            assert estimate.method in {"bca", "percentile", "wilson", "t: items and runs"}


def test_base_model_stands_beside_the_curve_and_by_itself(make_rows: MakeRows, table_of: Callable) -> None:
    found = compute_statistics(table_of(make_rows(items=30)))
    assert found.curves[0].base is not None and found.curves[0].base.samples_per_language is None
    assert found.bases[0].english.value == found.curves[0].base.english.value


def test_roles_and_exposure_are_kept_apart(make_curve: Callable[..., Curve]) -> None:
    curve = make_curve(items=20)
    assert curve.train_languages == ["en", "es", "fr", "ja", "zh"]
    assert curve.points[0].exposure["es"] == "unseen" and curve.points[1].exposure["es"] == "seen"
    assert [p.data_ratio for p in curve.points] == [0.0, round(80 / 380, 6), round(320 / 620, 6), round(800 / 1100, 6)]


@pytest.mark.parametrize(
    ("seeds", "said"), [((0,), "conditional on the 1 seed"), ((0, 1), "conditional on the 2 seeds")]
)
def test_few_seeds_are_said_to_condition_the_intervals(
    make_curve: Callable[..., Curve], seeds: tuple[int, ...], said: str
) -> None:
    curve = make_curve(items=20, seeds=seeds)
    assert curve.runs == [str(seed) for seed in seeds]
    assert said in curve.intervals


@pytest.mark.parametrize(("seeds", "said"), [((0,), "items; conditional on the 1 seed"), ((0, 1), "items and runs;")])
def test_what_the_intervals_cover_is_said_as_the_methods_say_it(
    make_curve: Callable[..., Curve], seeds: tuple[int, ...], said: str
) -> None:
    curve = make_curve(items=20, seeds=seeds)
    assert curve.intervals.startswith(said)
    assert (curve.points[1].seen.method == "t: items and runs") == (len(seeds) > 1)


def test_means_of_repeated_runs_have_a_plateau_and_say_what_their_intervals_cover(
    curve_of: Callable[..., CurveData],
) -> None:
    scores = np.random.default_rng(0).normal(0.5, 1e-5, (2, 1, 3, 4))
    scores[:, :, 0] /= 2
    data = curve_of(scores, means=True)
    found = curve_document(data, with_run_noise(measure(data), data, find_run_noise([data])), main_metric=True)
    assert found.intervals == "run-to-run noise, not the items"
    assert found.plateau_at["seen"].at == 10 and found.plateau_at["seen"].reason is None
    assert found.plateau_at["seen"].margin == pytest.approx(0.005, rel=1e-2)


def test_a_missing_cell_leaves_its_seed_out_at_every_n(make_curve: Callable[..., Curve], make_rows: MakeRows) -> None:
    rows = make_rows(items=20, seeds=(0, 1))
    rows = rows[~((rows["seed"] == 1) & (rows["samples_per_language"] == 80))]
    curve = make_curve(rows)
    assert curve.runs == ["0"] and curve.left_out_runs == ["1"]
    assert [p.samples_per_language for p in curve.points] == [0, 20, 80, 200]


def test_a_missing_point_is_absent_and_the_rest_is_computed(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=20)
    curve = make_curve(rows[rows["samples_per_language"] != 80])
    assert [p.samples_per_language for p in curve.points] == [0, 20, 200]
    assert curve.gain.value is not None


def test_without_n_zero_changes_are_undefined_with_a_reason(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=20)
    curve = make_curve(rows[rows["samples_per_language"] != 0])
    assert curve.gain.value is None and curve.gain.reason == "the curve has no point n = 0"
    assert curve.english_cost.value is None
    assert curve.points[-1].change is None


def test_a_language_missing_at_one_point_leaves_its_means_undefined_there(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=20)
    curve = make_curve(rows[~((rows["language"] == "es") & (rows["samples_per_language"] == 80))])
    assert curve.points[2].seen.value is None and curve.points[2].seen.reason
    assert curve.points[2].unseen.value is not None
    assert curve.points[1].seen.value is not None


def test_a_language_that_lacks_items_takes_none_from_the_others(make_curve: Callable[..., Curve]) -> None:
    whole = make_curve(items=40)
    curve = make_curve(items=40, only={"ar": [f"item-{k:03d}" for k in range(25)]})
    assert curve.items is not None and not curve.items.shared
    assert (curve.items.clusters, curve.items.common) == (40, 25)
    assert curve.items.used == dict.fromkeys(curve.items.used, 40) | {"ar": 25} == curve.items.available
    assert curve.points[1].seen.value == whole.points[1].seen.value


def test_one_shared_id_leaves_every_language_its_own_items(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    """With 1 of 200 ids common to all languages a curve rested on 1 item, without any on 200."""
    rows = make_rows(items=200)
    own = rows.assign(item=(rows["language"] + "-" + rows["item"]))
    one = own.assign(item=own["item"].where(rows["item"] != "item-000", "item-000"))
    for parts, common in ((own, 0), (one, 1)):
        curve = make_curve(parts)
        assert curve.items is not None and set(curve.items.used.values()) == {200} and curve.items.common == common
    found, apart = make_curve(one).points[-1], make_curve(own).points[-1]
    for name in ("seen", "unseen", "gap"):
        value, other = getattr(found, name), getattr(apart, name)
        assert value.value == other.value
        assert value.high - value.low == pytest.approx(other.high - other.low, rel=0.05)


def test_an_item_counts_in_a_language_only_if_it_is_scored_at_every_n_there(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=40)
    gap = (rows["language"] == "ar") & (rows["samples_per_language"] == 80) & (rows["item"] < "item-010")
    curve = make_curve(rows[~gap])
    assert curve.items is not None and curve.items.used["ar"] == 30 and curve.items.used["es"] == 40
    assert curve.items.available["ar"] == 40


def test_a_language_of_one_item_has_no_interval_nor_has_a_mean_that_holds_it(
    make_curve: Callable[..., Curve],
) -> None:
    """Its spread is unknown, not 0."""
    curve = make_curve(items=40, metric="bits_per_byte", only={"ar": ["item-000"]})
    point = curve.points[-1]
    for lost in (point.unseen, point.non_english, point.gap, point.relative, point.per_language["ar"]):
        assert lost.value is not None and lost.low is None and lost.method == "none: a language has one item"
    assert point.seen.low is not None and point.english.low is not None
    assert curve.plateau_at["unseen"].at is None


def test_test_sets_that_share_no_item_use_each_languages_own(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=20)
    rows["item"] = rows["language"] + "-" + rows["item"]
    curve = make_curve(rows)
    assert curve.items is not None and not curve.items.shared
    assert curve.items.clusters == 160 and set(curve.items.used.values()) == {20}
    assert curve.points[1].seen.low is not None


def test_constant_scores_have_no_false_certainty(make_curve: Callable[..., Curve], make_rows: MakeRows) -> None:
    rows = make_rows(items=50)
    rows["score"] = 1.0
    point = make_curve(rows).points[1]
    assert point.seen.method == "wilson" and point.seen.low is not None and 0.9 < point.seen.low < 0.95
    assert point.change is not None and point.change.seen.method == "newcombe"
    assert point.transfer_share is not None and point.transfer_share.value is None


def test_constant_scores_that_are_no_proportion_have_no_interval(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=50, metric="bits_per_byte")
    rows["score"] = 2.5
    assert make_curve(rows).points[1].seen.method == "none: constant scores"


def test_one_item_has_no_interval(make_curve: Callable[..., Curve]) -> None:
    point = make_curve(items=1).points[0]
    assert point.english.value is not None and point.english.low is None
    assert point.english.method == "none: one item"


def test_zero_english_leaves_relative_undefined_with_a_reason(
    make_curve: Callable[..., Curve], make_rows: MakeRows
) -> None:
    rows = make_rows(items=30)
    rows.loc[(rows["language"] == "en") & (rows["samples_per_language"] == 20), "score"] = 0.0
    curve = make_curve(rows)
    assert curve.points[1].relative.value is None
    assert curve.points[1].relative.reason == "the English score is 0, or 0 is inside its interval"
    assert curve.points[2].relative.value is not None and curve.gain.value is not None


def test_lower_is_better_turns_gains_and_answers(make_rows: MakeRows, table_of: Callable) -> None:
    found = compute_statistics(table_of(make_rows(items=40, metric="bits_per_byte")))
    gain = found.curves[0].gains["seen"]
    assert gain.value is not None and gain.value > 0
    finding = next(c for c in found.findings if c.question == "seen_rise")
    assert finding.change.value is not None and finding.change.value < 0 and finding.answer == "improved"


def test_two_scores_in_one_place_are_refused(make_rows: MakeRows, table_of: Callable) -> None:
    rows = make_rows(items=5)
    with pytest.raises(DataError, match="several scores for one seed"):
        compute_statistics(table_of(pd.concat([rows, rows])))


def test_no_held_out_language_leaves_unseen_undefined(make_curve: Callable[..., Curve]) -> None:
    curve = make_curve(items=20, held_out=())
    assert curve.points[1].unseen.reason == "no held-out language"
    assert curve.points[1].gap.value is None
    assert curve.spearman.value is None


def test_statistics_are_json_without_nan_and_fit_their_schema(make_rows: MakeRows, table_of: Callable) -> None:
    rows = make_rows(items=20)
    rows.loc[rows["language"] == "en", "score"] = 0.0
    found = compute_statistics(table_of(rows))
    text = json.dumps(found.model_dump(mode="json"), allow_nan=False)
    assert all(math.isfinite(value) for value in numbers(json.loads(text)))
    assert Statistics.model_validate_json(text) == found  # unknown or missing fields are refused


def test_shipped_schema_is_that_of_the_code() -> None:
    """If this fails: `make reference`, and raise STATISTICS_FORMAT if readers have to change."""
    shipped = Path(clt.statistics.__path__[0]) / "statistics.schema.json"
    assert shipped.read_text(encoding="utf-8") == schema_text()


def test_equal_tables_give_equal_statistics_but_for_provenance(make_rows: MakeRows, table_of: Callable) -> None:
    one, other = (
        compute_statistics(table_of(make_rows(items=20))).model_dump(exclude={"provenance"}) for _ in range(2)
    )
    assert one == other


def test_extending_a_study_leaves_its_other_curves_as_they_were(make_rows: MakeRows, table_of: Callable) -> None:
    small = make_rows(items=20)
    both = pd.concat([small, make_rows(items=20, model="large", seed=5)])
    alone, extended = compute_statistics(table_of(small)), compute_statistics(table_of(both))
    assert alone.curves[0] == next(c for c in extended.curves if c.model == "small")
