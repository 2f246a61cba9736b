"""Which effects a set of mixtures tells apart, and which rows it takes them to have."""

from collections.abc import Callable

import numpy as np
import pytest

from clt.statistics.donors.bend import bends_of
from clt.statistics.donors.design import Design, design_of
from clt.statistics.scores.curve_data import CurveData

Make = Callable[..., CurveData]
CODES = ("en", "es", "fr", "ja", "zh", "pt")
N = (0, 100, 400, 1600)


@pytest.fixture
def curve(curve_of: Make) -> Make:
    def make(*trained: str, counts: tuple[int, ...] = N, rows: object = None, seed: int = 0, **named: str) -> CurveData:
        held_out = tuple(code for code in CODES[1:] if code not in trained)
        scores = np.random.default_rng(seed).uniform(0.2, 0.8, (1, 9, len(counts), len(CODES)))
        scores[:, :, 0] = 0.5  # the English-only run that curves share
        rows = rows or [(1000.0, float(n * len(trained))) for n in counts]
        return curve_of(scores, trained=trained, held_out=held_out, counts=counts, rows=rows, **named)

    return make


def design(*curves: CurveData) -> Design:
    found = design_of(curves)
    assert found is not None
    return found


def test_languages_that_always_come_together_are_one_donor(curve: Make) -> None:
    found = design(curve("es", "fr"), curve("ja", "zh"), curve("es", "fr", "ja", "zh"))
    assert found.donors == (("es", "fr"), ("ja", "zh"))


def test_single_mixtures_tell_every_donor(curve: Make) -> None:
    found = design(curve("es"), curve("ja"), curve("es", "ja"))
    assert found.donors == (("es",), ("ja",))
    assert found.languages[0] == "en" and set(found.languages) == set(CODES)


def test_the_english_only_run_that_curves_share_is_one_point(curve: Make) -> None:
    assert len(design(curve("es"), curve("ja")).points) == 1 + 2 * 3


def test_english_rows_are_fitted_only_where_they_vary_by_themselves(curve: Make) -> None:
    assert ("en",) not in design(curve("es")).units
    replaced = curve("es", rows=[(2000.0 - n, float(n)) for n in N])
    assert ("en",) not in design(replaced).units
    more = curve("es", rows=[(8000.0, float(n)) for n in N], seed=1, mixture="more")
    varied = design(curve("es"), more)
    assert ("en",) in varied.units and varied.donors == (("es",),)
    assert varied.base.tolist() == [8000, 0] and not varied.strength(varied.base, varied.bends[0]).any()


def test_rows_that_go_along_with_those_of_others_are_not_identified(curve: Make) -> None:
    """As with weights: es always has 1.1 times as many rows as fr, but for rounding."""
    other = [(1000.0, float(n)) for n in (0, 111, 441, 1759)]
    found = design(curve("es", "fr"), curve("es", counts=(0, 111, 441, 1759), rows=other, seed=1))
    assert found.donors == (("es",), ("fr",))
    alone = design_of([curve("es", "fr")])
    assert alone is not None and alone.units == (("es", "fr"),)


def test_a_curve_whose_weights_are_not_known_is_left_out(curve: Make) -> None:
    weighted = curve("ja", "zh", rows=[(1000.0, 1.5 * n) for n in N], seed=1, mixture="weighted")
    found = design(curve("es"), weighted)
    assert found.left_out == (weighted.id,) and found.units == (("es",),)
    alone = curve("ja", rows=[(1000.0, 1.5 * n) for n in N], mixture="weighted")
    assert design(alone).rows.max() == 2400  # one language alone has all of the rows


def test_without_english_only_training_there_is_nothing_to_measure_from(curve: Make) -> None:
    assert design_of([curve("es", counts=N[1:])]) is None


def test_english_alone_has_no_donors(curve_of: Make) -> None:
    assert design_of([curve_of(np.zeros((1, 5, 3, 2)), trained=(), held_out=("es",))]) is None


def test_weights_of_a_study_tell_whose_the_rows_are(curve: Make) -> None:
    weighted = curve("ja", "zh", rows=[(1000.0, 1.5 * n) for n in N], mixture="weighted", study="s")
    alone = design_of([weighted], {("s", "weighted"): {"zh": 0.5}})
    assert alone is not None and alone.units == (("ja", "zh"),)
    assert alone.rows[:, 0].tolist() == [0.75 * n for n in N]
    assert alone.shares == pytest.approx({"ja": 4 / 3, "zh": 2 / 3})
    both = design_of([weighted, curve("ja", seed=1, study="s")], {("s", "weighted"): {"zh": 0.5}})
    assert both is not None and both.donors == (("ja",), ("zh",)) and both.rows.max(axis=0).tolist() == [1600, 800]


def test_an_effect_grows_from_none_to_all_at_the_largest_rows_from_a_step_to_nearly_a_line() -> None:
    strength = np.array([bend.of(np.array([0.0, 100.0, 500.0, 1000.0])) for bend in bends_of(100.0, 1000.0)])
    assert (strength[:, 0] == 0).all() and (strength[:, 3] == 1).all() and (np.diff(strength, axis=1) > 0).all()
    assert strength[:, 1].max() > 0.98 and strength[:, 1].min() < 0.15
