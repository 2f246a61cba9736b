"""What raises an alarm and what does not; how often, over many years: test_simulated_years.py."""

from itertools import pairwise

import numpy as np
import pytest

from clt.baselines.detection import Watched, estimate_change, thresholds, visible_drop, watch

Array = np.ndarray


def watched(values: Array, **changed: object) -> Watched:
    """One of two comparisons has half of alpha; runs differ by 1."""
    values = np.atleast_2d(values.T).T
    given = {
        "threshold": np.full(values.shape[1], 2080.0),
        "first_runs": 5,
        "smallest_sd": np.full(values.shape[1], 0.1),
    }
    return watch(values, **given | changed)


def noise(runs: int, comparisons: int = 1, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal((runs, comparisons))


def test_thresholds_share_alpha_by_weight() -> None:
    assert thresholds([0.5, 0.25, 0.25], 52, 0.05) == pytest.approx([2080, 4160, 4160])


def test_a_lasting_drop_is_found_with_its_place_and_size() -> None:
    values = noise(52)
    values[26:] -= 4.0
    found = watched(values)
    since = int(found.since[0])
    assert 27 <= found.alarm[0] <= 31 and since in (25, 26, 27)
    change = estimate_change(values[:, 0], since=since)
    assert change.low is not None and change.high is not None
    assert change.low < -4 < change.high
    assert change.size == pytest.approx(change.after - change.before)
    assert change.size == pytest.approx(np.mean(values[since:]) - np.mean(values[:since]))


def test_a_rise_is_found_as_a_drop_is() -> None:
    values = noise(52)
    values[26:] -= 3.3
    down, up = watched(values), watched(-values)
    assert down.alarm[0] == up.alarm[0] > 0
    np.testing.assert_allclose(down.evidence, up.evidence)
    np.testing.assert_allclose(down.low, -up.high)


def test_units_and_levels_do_not_matter() -> None:
    values = noise(40)
    values[20:] -= 3.0
    here, there = watched(values), watched(0.5 + 0.01 * values, smallest_sd=np.array([0.001]))
    np.testing.assert_allclose(here.evidence, there.evidence, rtol=1e-6)
    assert here.alarm == there.alarm


def test_evidence_does_not_depend_on_what_comes_later() -> None:
    values = noise(90)
    values[70:] -= 5.0
    whole = watched(values)
    for runs in (5, 7, 30, 64, 65, 69, 80, 89):
        np.testing.assert_allclose(watched(values[:runs]).evidence, whole.evidence[:runs])


def test_comparisons_do_not_depend_on_each_other() -> None:
    values = noise(40, comparisons=3)
    values[20:, 1] -= 4
    together = watched(values)
    for column in range(3):
        alone = watched(values[:, [column]])
        np.testing.assert_allclose(together.evidence[:, [column]], alone.evidence)
        assert together.alarm[column] == alone.alarm[0]


def test_missing_values_and_excluded_runs_are_as_if_they_had_not_been() -> None:
    values, gap = noise(40), noise(40)
    values[20:] -= 4
    longer = np.insert(values, [3, 12, 22], np.nan, axis=0)
    plain, gaps = watched(values), watched(longer)
    there = ~np.isnan(longer[:, 0])
    np.testing.assert_allclose(gaps.evidence[there], plain.evidence)
    assert np.isnan(gaps.evidence[~there]).all() and not gaps.in_reference[~there].any()
    assert there[: gaps.alarm[0]].sum() == plain.alarm[0] and there[: gaps.since[0]].sum() == plain.since[0]

    gap[~there[:40]] = 1000.0
    aside = watched(gap, excluded=~there[:40])
    np.testing.assert_allclose(aside.evidence[there[:40]], watched(gap[there[:40]]).evidence)


def test_columns_with_different_numbers_of_runs_are_watched_together() -> None:
    values = noise(30, comparisons=3)
    values[:, 1] = np.nan
    values[:26, 2] = np.nan
    found = watched(values)
    np.testing.assert_allclose(found.evidence[:, [0]], watched(values[:, [0]]).evidence)
    assert np.isnan(found.evidence[:, 1:]).all() and list(found.alarm) == [-1, -1, -1]


@pytest.mark.parametrize("runs", [0, 1, 5])
def test_nothing_is_said_before_the_first_runs_are_there(runs: int) -> None:
    few = watched(noise(runs))
    assert np.isnan(few.evidence).all() and np.isnan(few.low).all() and not few.stands_out.any()
    assert few.alarm[0] == few.since[0] == -1
    one_more = watched(noise(6))
    assert np.isfinite(one_more.evidence[5, 0]) and np.isfinite(one_more.low[5, 0])


@pytest.mark.parametrize("size", [8.0, -8.0, 1000.0])
def test_one_bad_run_alone_stands_out_and_is_no_alarm(size: float) -> None:
    values = noise(52)
    values[26] += size
    found = watched(values)
    assert found.alarm[0] == -1
    assert list(np.flatnonzero(found.stands_out)) == [26]


def test_one_bad_run_does_not_hide_a_later_drop() -> None:
    values = noise(52)
    values[20] -= 100.0
    values[26:] -= 4.0
    assert 27 <= watched(values).alarm[0] <= 31


def test_a_huge_drop_is_found_though_it_is_clipped() -> None:
    values = noise(30)
    values[20:] -= 1000.0
    assert watched(values).alarm[0] <= 24 and watched(values).since[0] == 20


def test_runs_that_hardly_differ_are_held_against_the_floor() -> None:
    """Bits of a base model: equal for years, then a library moves them by less than the floor, or by four floors."""
    values = np.full((60, 3), 0.25)
    values[30:, 0] += 0.0099  # less than a floor
    values[5:, 1] -= 0.04  # right after the first runs
    values[30:, 2] += 0.04
    found = watched(values, smallest_sd=np.full(3, 0.01))
    assert found.alarm[0] == -1
    assert found.alarm[1] in (6, 7) and found.since[1] == 5
    assert found.alarm[2] in (31, 32) and found.since[2] == 30


def test_one_bad_run_of_equal_ones_is_no_alarm() -> None:
    values = np.full((60, 1), 0.25)
    values[[3, 40]] -= 0.4  # one of them among the first runs
    found = watched(values, smallest_sd=np.array([0.01]))
    assert found.alarm[0] == -1 and list(np.flatnonzero(found.stands_out)) == [40]
    values[50:] -= 0.08
    assert watched(values, smallest_sd=np.array([0.01])).alarm[0] in (51, 52)


def test_alternating_bits_are_no_change() -> None:
    values = np.full((60, 1), 0.25)
    values[::2] += 1e-7
    found = watched(values, smallest_sd=np.array([0.01]))
    assert found.alarm[0] == -1 and not found.stands_out.any()


def test_the_band_stays_where_it_was_before_the_change() -> None:
    values = noise(52)
    values[26:] -= 6.0
    found = watched(values)
    since = int(found.since[0])
    assert (found.low[since:] == found.low[since]).all() and (found.high[since:] == found.high[since]).all()
    assert found.in_reference[:since].all() and not found.in_reference[since:].any()
    assert not found.stands_out.any()  # what is part of a change does not stand out from it
    assert found.low[since] == pytest.approx(-2, abs=1) and found.high[since] == pytest.approx(2, abs=1)


def test_95_percent_of_runs_are_within_the_band() -> None:
    values = noise(60, comparisons=400)
    found = watched(values, threshold=np.full(400, np.inf))
    inside = (found.low <= values) & (values <= found.high)
    assert inside[10:].mean() == pytest.approx(0.95, abs=0.012)


def test_a_change_of_one_run_has_a_size_and_no_interval() -> None:
    change = estimate_change(np.array([1.0, 2.0, np.nan, 3.0, 7.0]), since=4)
    assert (change.before, change.after, change.size) == (2.0, 7.0, 5.0)
    assert change.low is None and change.high is None


def visible(runs: int, sd: float = 1.0, smallest_sd: float = 0.1, threshold: float = 2080.0) -> float | None:
    return visible_drop(runs, sd, threshold=threshold, first_runs=5, smallest_sd=smallest_sd)


def test_more_runs_show_smaller_drops() -> None:
    drops = [visible(runs) for runs in (5, 9, 10, 14, 20, 40)]
    assert drops[:2] == [None, None]
    assert all(later < sooner for sooner, later in pairwise(drops[2:]))
    assert visible(20, threshold=50_000.0) > visible(20)


def test_a_visible_drop_is_in_the_metrics_unit() -> None:
    assert visible(20, 0.03, 0.003) == pytest.approx(0.03 * visible(20, 1.0, 0.1))
    assert visible(20, 0.0, 0.01) < 0.04  # what is worth an alarm, where runs do not differ at all


@pytest.mark.parametrize(("runs", "lasted"), [(12, 7), (26, 10)])
def test_a_visible_drop_is_found_four_times_in_five(runs: int, lasted: int) -> None:
    years = noise(runs, comparisons=1000, seed=2)
    years[runs - lasted :] -= visible(runs)
    assert (watched(years).alarm > 0).mean() == pytest.approx(0.82, abs=0.06)
