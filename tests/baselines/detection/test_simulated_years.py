"""How often a year without a change has an alarm, and how soon a change is found; runs are weekly and differ by 1.

`pytest -m simulation -s tests/baselines` prints the tables of docs/performance.md.
"""

from itertools import product

import numpy as np
import pytest

from clt.baselines.detection import estimate_change
from tests.baselines.detection.peer_rules import cusum, ewma, product_of_t_ratios, weekly_holm
from tests.baselines.detection.simulated_years import ALPHA, NOISE, WEEKS, Found, OneComparison, Years

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(3600)]
MIDDLE = 26  # the first run after a change in week 27


@pytest.mark.parametrize("first_runs", [5, 10])
@pytest.mark.parametrize("noise", NOISE)
def test_few_years_without_a_change_have_an_alarm(noise: str, first_runs: int) -> None:
    dependent = [
        Years(comparisons=comparisons, noise=noise, first_runs=first_runs).false_alarms()
        for comparisons in (1, 9, 24, 48)
    ]
    independent = [
        Years(noise=noise, first_runs=first_runs, dependent=False, worth=worth).false_alarms() for worth in (0.4, 3.3)
    ]
    shown = " | ".join(f"{rate:.1%}" for rate in (*dependent, *independent))
    print(f"| {noise} | {first_runs} | {shown} |")
    # Skewed runs are no promise: they stand at the edge of it.
    assert max(*dependent, *independent) <= (0.075 if noise == "exponential" else ALPHA)


@pytest.mark.parametrize("noise", ["normal", "t, 4 df"])
def test_three_years_in_a_row_are_within_the_promise_for_one(noise: str) -> None:
    rate = Years(noise=noise, weeks=3 * WEEKS).false_alarms()
    print(f"three years, {noise}: an alarm in {rate:.1%}")
    assert rate <= ALPHA


@pytest.mark.parametrize(("autocorrelation", "least", "most"), [(0.15, 0.0, 0.08), (0.3, 0.08, 0.4)])
def test_runs_that_resemble_the_one_before_break_the_promise(autocorrelation: float, least: float, most: float) -> None:
    """What the method takes as given: seeds rotate, so that runs do not depend on one another."""
    rate = Years(autocorrelation=autocorrelation).false_alarms()
    print(f"runs correlate by {autocorrelation} with the one before: an alarm in {rate:.1%}")
    assert least <= rate <= most


@pytest.mark.parametrize(
    ("size", "week", "primary", "median"),
    [
        (3.3, MIDDLE, True, 4),
        (3.3, MIDDLE, False, 6),
        (5.0, MIDDLE, True, 4),
        (5.0, MIDDLE, False, 5),
        (3.3, 11, True, 6),
        (3.3, 11, False, 10),  # eleven runs are few to know level and noise from
        (3.3, 5, True, 12),  # and five fewer still
        (8.0, 5, True, 5),
    ],
)
def test_a_lasting_change_is_found(size: float, week: int, primary: bool, median: float) -> None:
    shown = []
    for noise, worth in product(("normal", "t, 4 df"), (0.4, 3.3)):
        years = OneComparison(noise=noise, primary=primary, worth=worth)
        values = years.values()
        values[week:] -= size
        found, rise = (Found(years.watch(each).alarm, week) for each in (values, -values))
        shown.append(f"{found.share:.1%}, {found.median:g}")
        assert found.share >= (0.95 if week > 5 else 0.9) and found.median <= median
        assert (found.alarm == rise.alarm).all()
    which = "primary" if primary else "one of 23 others"
    print(f"| {size:g} sd from week {week + 1} | {which} | {' | '.join(shown)} |")


@pytest.mark.parametrize("primary", [True, False])
def test_a_slow_drift_of_the_primary_comparison_is_found_before_it_costs_3_sd(primary: bool) -> None:
    for noise in ("normal", "t, 4 df"):
        years = OneComparison(noise=noise, primary=primary)
        values = years.values()
        values[MIDDLE:] -= 0.3 * np.arange(1, WEEKS - MIDDLE + 1)[:, None]
        found = Found(years.watch(values).alarm, MIDDLE)
        early, cost = found.within(10), 0.3 * found.median
        which = "primary" if primary else "another"
        print(f"drift of 0.3 sd a week, {which}, {noise}: before 3 sd in {early:.0%}, in half by {cost:.1f} sd")
        assert early >= (0.5 if primary else 0.15) and found.share >= 0.95


@pytest.mark.parametrize("worth", [0.4, 3.3])
@pytest.mark.parametrize("primary", [True, False])
@pytest.mark.parametrize("noise", ["normal", "t, 4 df"])
def test_one_bad_run_alone_stands_out_and_neither_alarms_nor_hides_a_drop(
    noise: str, primary: bool, worth: float
) -> None:
    years = OneComparison(noise=noise, primary=primary, worth=worth)
    values = years.values()
    quiet = (years.watch(values).alarm < 0).mean()
    values[MIDDLE] -= 8.0
    alone = years.watch(values)
    no_alarm, marked = (alone.alarm < 0).mean(), alone.stands_out[MIDDLE].mean()
    values[MIDDLE + 5 :] -= 3.3
    later = Found(years.watch(values).alarm, MIDDLE + 5)
    which = "primary" if primary else "one of 23 others"
    print(
        f"| {which}, {noise}, worth {worth:g} | {no_alarm:.1%} ({quiet:.1%}) | {marked:.1%} | "
        f"{later.share:.1%}, {later.median:g} |"
    )
    # With 8 sd near to the limit of what counts, bad luck beside it makes two in a row.
    assert no_alarm >= 0.98 and marked >= 0.95 and later.share >= 0.95 and later.median <= 7


def test_the_estimated_week_and_the_interval_of_the_size_hold_the_truth() -> None:
    years = OneComparison()
    values = years.values()
    values[MIDDLE:] -= 3.3
    watched = years.watch(values)
    years_found = np.flatnonzero(watched.alarm >= MIDDLE)
    changes = [estimate_change(values[:, year], since=int(watched.since[year])) for year in years_found]
    near = np.mean([abs(change.first - MIDDLE) <= 1 for change in changes])
    hold = np.mean([change.low <= -3.3 <= change.high for change in changes])
    print(f"the week of the change: within one in {near:.1%}; the interval of the size holds it in {hold:.1%}")
    assert near >= 0.9 and hold >= 0.92


def test_runs_that_hardly_differ_are_told_from_bits_and_shifts() -> None:
    """The floor is an eighth of what is worth an alarm; runs differ by a hundredth of it, as bits do."""
    years = OneComparison(worth=8.0, primary=False)
    bits = years.values() * 0.01
    assert (years.watch(bits).alarm < 0).all()
    moved = bits.copy()
    moved[MIDDLE:] -= 0.9
    assert (years.watch(moved).alarm < 0).all()
    for week in (years.first_runs, MIDDLE):
        shifted = bits.copy()
        shifted[week:] -= years.worth
        found = Found(years.watch(shifted).alarm, week)
        print(f"runs hardly differ, a shift worth an alarm from week {week + 1}: median {found.median:g} runs")
        assert found.share == 1.0 and found.median <= 3


def test_peers_promise_less_or_find_less() -> None:
    years = Years(years=500)
    threshold = years.thresholds()
    rules = {
        "this": lambda values: years.watch(values).alarm.reshape(values.shape[1:]),
        "product of t ratios, threshold as here": lambda values: product_of_t_ratios(values, 5, threshold),
        "Holm over t each week": lambda values: weekly_holm(values, 5),
        "EWMA": lambda values: ewma(values, 5),
        "CUSUM": lambda values: cusum(values, 5),
    }
    rates = {}
    for name, rule in rules.items():
        false = [
            (rule(Years(noise=noise, years=500).values()) >= 0).any(axis=1).mean() for noise in ("normal", "t, 4 df")
        ]
        values = years.values(seed=1)
        values[MIDDLE:, :, :2] -= 3.3
        alarms = rule(values)
        found = [Found(alarms[:, column], MIDDLE) for column in (0, 1)]
        rates[name] = (false, found)
        shown = " | ".join(f"{each.share:.0%}, {each.median:g}" for each in found)
        print(f"| {name} | {false[0]:.1%} | {false[1]:.1%} | {shown} |")
    assert max(rates["this"][0]) <= ALPHA and rates["this"][1][0].share >= 0.95
    for name, (false, found) in rates.items():
        assert name == "this" or max(false) > ALPHA or found[0].share < 0.95
