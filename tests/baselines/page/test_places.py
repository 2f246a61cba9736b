"""Every run has one place, and no history makes a chart wider."""

import pytest

from clt.baselines.page.places import GROUPS, RECENT, Places


@pytest.mark.parametrize("runs", [0, 1, 2, 119, 120, 121, 180, 181, 240, 241, 10_000])
def test_places_hold_every_run_once_in_order(runs: int) -> None:
    places = Places.of(runs)
    assert [run for group in places.groups for run in group] == list(range(runs))
    assert places.count <= RECENT + GROUPS
    for run in range(runs):
        assert run in places.groups[places.of_run(run)]


def test_the_last_runs_keep_places_of_their_own() -> None:
    places = Places.of(10_000)
    assert all(len(group) == 1 for group in places.groups[-RECENT:])
    assert places.grouped == 10_000 - RECENT
    assert Places.of(RECENT + GROUPS).grouped == 0
