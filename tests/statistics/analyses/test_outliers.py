"""The outlier rule: what it finds in the paper's tables, what it finds in clean curves, and what must not change it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clt.statistics.analyses.noise.outliers import find_outliers, median_polish
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample

PAPER = Path(__file__).resolve().parents[3] / "studies" / "paper" / "scores.csv"
ROLES = Roles(english="en", trained=("es", "fr", "ja", "zh"), held_out=("ar", "ko", "pt"))
COUNTS = (0, 100, 200, 400, 800, 1000, 2000, 5000)


def curve(scores: np.ndarray, task: str = "math", *, higher_is_better: bool = True) -> CurveData:
    """A curve of mean scores (runs, points, languages)."""
    runs, points, languages = scores.shape
    return CurveData(
        identity={"study": "", "task": task, "metric": "score", "model": "made", "setting": "single_task",
                  "mixture": "", "train_languages": "en+es+fr+ja+zh"},
        family="",
        size=None,
        higher_is_better=higher_is_better,
        roles=ROLES,
        has_base=False,
        sample_sizes=COUNTS[:points],
        rows=((None, None),) * points,
        exposure=({},) * points,
        runs=tuple(str(run) for run in range(runs)),
        left_out_runs=(),
        sample=Sample(items=("all",), scores=scores[:, None], mask=np.ones((1, languages), dtype=bool),
                      present=np.ones((points, languages), dtype=bool)),
        has_items=False,
        available={},
    )  # fmt: skip


def clean(generator: np.random.Generator, *, own_rise: float, noise: float = 0.02) -> np.ndarray:
    """Scores of one run (1, points, languages): levels, a rise with log n that differs by language, normal noise."""
    level, rise = generator.uniform(0.2, 0.7, 8), 0.02 + own_rise * generator.normal(size=8)
    return (level + np.outer(np.log1p(np.array(COUNTS) / 100), rise) + generator.normal(0, noise, (8, 8)))[None]


def flagged(*data: CurveData) -> set[tuple[str, int, str]]:
    return {(one.language, one.samples_per_language, one.run) for one in find_outliers(data)}


def test_the_papers_suspected_scores_are_flagged_and_few_others() -> None:
    found = find_outliers(list(curves(read_scores(PAPER).rows)))
    named = {
        (one.curve.removeprefix("math/math_answer/"), one.language, one.samples_per_language): one for one in found
    }
    assert named["aya-23-35b/single_task/en+es+fr+ja+zh", "es", 5000].value == 0.44
    assert named["aya-23-35b/multi_task/en+es+fr+ja+zh", "es", 0].value == 0.27
    assert len(found) == 7  # of 1,728
    assert all(abs(one.deviation) > 4.5 and "median polish" in one.rule for one in found)


def test_median_polish_leaves_medians_of_zero_and_nothing_of_an_additive_table() -> None:
    generator = np.random.default_rng(0)
    additive = generator.normal(size=(6, 1)) + generator.normal(size=(1, 5))
    assert np.abs(median_polish(additive)).max() < 1e-12
    left = median_polish(generator.normal(size=(7, 9)))
    assert np.abs(np.median(left, axis=0)).max() < 1e-12 and np.abs(np.median(left, axis=1)).max() < 0.01


@pytest.mark.parametrize("place", [0, 3, 7])
def test_one_wrong_score_is_found_at_either_end_and_in_between(place: int) -> None:
    scores = clean(np.random.default_rng(1), own_rise=0.01)
    scores[0, place, 2] -= 0.25
    assert flagged(curve(scores)) == {("fr", COUNTS[place], "0")}
    (one,) = find_outliers([curve(scores)])
    assert one.value == pytest.approx(scores[0, place, 2], abs=1e-6)
    assert one.expected == pytest.approx(scores[0, place, 2] + 0.25, abs=0.06)
    assert (one.value - one.expected) / one.deviation == pytest.approx(0.02, rel=0.5)


@pytest.mark.parametrize(("own_rise", "share"), [(0.0, 1 / 5000), (0.01, 1 / 5000), (0.05, 1 / 500)])
def test_clean_curves_raise_few_false_alarms(own_rise: float, share: float) -> None:
    generator = np.random.default_rng(0)
    found = find_outliers([curve(clean(generator, own_rise=own_rise)) for _ in range(200)])
    assert len(found) / (200 * 64) <= share


def test_languages_that_start_to_rise_with_the_first_samples_are_no_outliers() -> None:
    generator = np.random.default_rng(0)
    found = []
    for _ in range(100):
        scores = clean(generator, own_rise=0.0)
        scores[0, 1:, 1:5] += generator.uniform(0.1, 0.3, 4)  # the trained ones, each by its own step
        found += find_outliers([curve(scores)])
    assert len(found) <= 6  # of 6,400; with the curve's own spread alone there were some in every curve


def test_unit_direction_and_order_of_curves_change_nothing() -> None:
    generator = np.random.default_rng(3)
    both = [clean(generator, own_rise=0.02), clean(generator, own_rise=0.0)]
    both[0][0, 4, 3] += 0.3
    expected = flagged(*map(curve, both))
    assert expected == {("ja", 800, "0")}
    assert flagged(*(curve(7 - 3 * scores) for scores in both)) == expected
    assert flagged(*map(curve, both[::-1])) == expected


def losses(generator: np.random.Generator) -> np.ndarray:
    """Losses of one run (1, points, languages): trained languages fall to a fifth, with noise of 10%."""
    level = generator.uniform(0.5, 2, 8)
    fall = np.zeros(8)
    fall[1:5] = generator.uniform(0.2, 0.4, 4)
    return np.exp(level - np.outer(np.log1p(np.array(COUNTS) / 100), fall) + generator.normal(0, 0.1, (8, 8)))[None]


def test_losses_are_judged_by_factors() -> None:
    generator = np.random.default_rng(5)
    many = [losses(generator) for _ in range(100)]
    found = find_outliers([curve(one, higher_is_better=False) for one in many])
    assert len(found) <= 6  # of 6,400
    assert len(find_outliers([curve(one) for one in many])) > 2 * len(found)
    wrong = losses(np.random.default_rng(6))
    expected = wrong[0, 4, 6]
    wrong[0, 4, 6] *= 4
    (one,) = find_outliers([curve(wrong, higher_is_better=False)])
    assert (one.language, one.samples_per_language) == ("ko", 800)
    assert one.value == pytest.approx(4 * expected, abs=1e-6) and one.expected == pytest.approx(expected, rel=0.3)
    thousandfold = [curve(1000 * one, higher_is_better=False) for one in (wrong, *many)]
    assert flagged(*thousandfold) == flagged(*(curve(one, higher_is_better=False) for one in (wrong, *many)))
    assert not find_outliers([curve(np.zeros((1, 8, 8)), higher_is_better=False)])


def test_a_wrong_score_of_one_run_is_named_with_its_run() -> None:
    generator = np.random.default_rng(4)
    runs = np.concatenate([clean(generator, own_rise=0.0) for _ in range(3)])
    runs[1, 5, 6] -= 0.3
    assert flagged(curve(runs)) == {("ko", 1000, "1")}


def test_constant_scores_and_small_curves_are_not_judged() -> None:
    assert not find_outliers([curve(np.full((1, 8, 8), 0.5))])
    small = clean(np.random.default_rng(0), own_rise=0.0)[:, :3]
    small[0, 2, 2] -= 0.4
    assert not find_outliers([curve(small)]) and not find_outliers([])


def test_scores_of_items_are_judged_by_their_means(make_rows: Callable) -> None:
    rows = make_rows(items=250, seeds=(0, 1))
    wrong = (rows["language"] == "pt") & (rows["samples_per_language"] == 200) & (rows["seed"] == 1)
    rows.loc[wrong, "score"] = 0.0
    assert {(one.language, one.samples_per_language, one.run) for one in find_outliers(list(curves(rows)))} == {
        ("pt", 200, "1")
    }
