"""Measures against closed forms and a slower package."""

import numpy as np
import pytest

from clt.statistics.curve.measures import (
    best_gain,
    best_point,
    change,
    data_ratio,
    group_means,
    plateau,
    relative,
    transfer_share,
)
from clt.statistics.scores.roles import Roles

ROLES = Roles(english="en", trained=("es", "ja"), held_out=("pt", "ko"))


def test_groups_are_means_over_their_languages_for_any_leading_axes() -> None:
    scores = np.arange(2 * 3 * 5, dtype=float).reshape(2, 3, 5)  # resamples, points, languages
    found = group_means(scores, ROLES)
    assert np.array_equal(found["english"], scores[..., 0])
    assert np.allclose(found["trained"], (scores[..., 1] + scores[..., 2]) / 2)
    assert np.allclose(found["held_out"], (scores[..., 3] + scores[..., 4]) / 2)
    assert np.allclose(found["non_english"], scores[..., 1:].mean(axis=-1))


def test_script_groups_follow_the_script_and_leave_english_out() -> None:
    groups = Roles(english="en", trained=("es", "fr", "ja", "zh"), held_out=("ar", "ko", "pt")).groups()
    assert groups["latin"] == ("es", "fr", "pt")
    assert groups["non_latin"] == ("ja", "zh", "ar", "ko")
    assert groups["held_out_latin"] == ("pt",)


def test_a_group_without_languages_is_undefined_not_zero() -> None:
    found = group_means(np.ones((2, 2)), Roles(english="en", trained=("es",), held_out=()))
    assert np.isnan(found["held_out"]).all()


def test_relative_is_a_ratio_of_means_and_undefined_at_zero_english() -> None:
    assert relative(np.array([0.3, 0.3]), np.array([0.6, 0.0]))[0] == pytest.approx(0.5)
    assert np.isnan(relative(np.array([0.3]), np.array([0.0]))[0])


def test_transfer_share_is_undefined_when_seen_does_not_move() -> None:
    assert transfer_share(np.array([0.4]), np.array([0.1]))[0] == pytest.approx(0.25)
    assert np.isnan(transfer_share(np.array([0.0]), np.array([0.1]))[0])


def test_gain_is_the_best_change_in_the_metrics_own_direction() -> None:
    values = np.array([[1.0, 1.5, 1.2], [1.0, 0.5, 0.9]])
    assert best_gain(change(values, 0), higher_is_better=True).tolist() == [0.5, 0.0]
    assert best_gain(change(values, 0), higher_is_better=False).tolist() == [0.0, 0.5]
    assert best_point(np.array([0.0, np.nan, -0.5]), higher_is_better=False) == 2


def test_change_without_a_zero_point_is_undefined() -> None:
    assert np.isnan(change(np.ones((2, 3)), None)).all()


def test_plateau_is_the_first_point_with_nothing_better_after_it() -> None:
    assert plateau({(0, 1): 0.3, (0, 2): 0.4, (1, 2): 0.01}, 3, 0.02) == 1
    assert plateau({(0, 1): 0.3, (0, 2): 0.4, (1, 2): 0.03}, 3, 0.02) is None
    assert plateau({}, 1, 0.02) is None


def test_data_ratio_is_the_share_of_non_english_rows() -> None:
    assert data_ratio(300, 100) == 0.25
    assert data_ratio(None, 100) is None
