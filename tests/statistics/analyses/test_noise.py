"""Run-to-run noise: the paper's repeated runs, literal pooled variances, and the intervals that rest on them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from clt.statistics.analyses.noise.compute import noise_of, steps_inside
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.run_noise_intervals import with_run_noise
from clt.statistics.inference.repeated_runs import find_repeated_runs, same_run
from clt.statistics.inference.run_noise import RunNoise, find_run_noise, pooled
from clt.statistics.scores.curve_data import CurveData

TRAINED = Measure(Kind.LEVEL, "trained")
Make = Callable[..., CurveData]


def test_the_papers_english_only_runs_of_7b_differ_by_the_known_ranges(paper_curves: list[CurveData]) -> None:
    found = noise_of(paper_curves, RunNoise(find_repeated_runs(paper_curves)))
    ranges = {one.task: round(one.largest_difference, 3) for one in found if one.measure == "non_english"}
    assert ranges == {"instruction_following": 0.113, "summarization": 0.009, "math": 0.033}
    assert {(one.groups, one.runs, one.df) for one in found} == {(1, 3, 2)}


def test_what_neighbouring_n_tell_is_counted_apart_from_repeated_runs(paper_curves: list[CurveData]) -> None:
    """Their pairs once passed for repeated runs, and their differences for the largest between repeats."""
    found, alone = (
        noise_of(paper_curves, run_noise)
        for run_noise in (find_run_noise(paper_curves), RunNoise(find_repeated_runs(paper_curves)))
    )
    assert [one.largest_difference for one in found] == [one.largest_difference for one in alone]
    assert [one.sources for one in found] == [one.sources for one in alone]
    assert all(one.neighbours == one.groups - 1 > 0 for one in found) and {one.neighbours for one in alone} == {0}


def test_the_papers_152_points_rest_on_146_runs_if_english_only_training_is_one(paper_curves: list[CurveData]) -> None:
    points = {(d.identity["setting"] == "multi_task" or d.identity["task"], d.identity["model"],
               d.identity["train_languages"], n) for d in paper_curves for n in d.sample_sizes}  # fmt: skip
    again = sum(len(group.means) - 1 for groups in find_run_noise(paper_curves).groups.values() for group in groups)
    assert (len(points), len(points) - again) == (152, 146)


def test_most_single_steps_of_the_paper_are_inside_the_noise(paper_curves: list[CurveData]) -> None:
    for run_noise, outside in (
        (RunNoise(find_repeated_runs(paper_curves)), 4),
        (find_run_noise(paper_curves), 16),  # neighbouring n tell the same noise with 20 degrees of freedom, not 2
    ):
        found = steps_inside(paper_curves, run_noise)
        assert sum(one.steps for one in found) == 195
        assert sum(one.steps - one.inside for one in found) == outside


def test_steps_are_counted_as_by_hand(curve_of: Make) -> None:
    scores = np.random.default_rng(1).normal(0.5, 0.05, (2, 1, 6, 4))
    data = curve_of(scores, means=True)
    found = steps_inside([data], find_run_noise([data]))[0]
    other = scores[:, 0, :, 1:].mean(axis=-1)
    sd = np.sqrt(other.var(axis=0, ddof=1).mean())
    threshold = stats.t.ppf(0.975, 6) * np.sqrt(2) * sd / np.sqrt(2)  # two runs a point
    steps = np.abs(np.diff(other.mean(axis=0)))
    assert found.threshold == pytest.approx(threshold, abs=1e-6)
    assert (found.steps, found.inside) == (5, int((steps <= threshold).sum()))


def test_pooled_deviation_and_its_interval_are_those_of_scipy() -> None:
    groups = [np.random.default_rng(k).normal(size=size) for k, size in enumerate((2, 3, 5))]
    found = pooled([*groups, np.array([1.0])])
    squares = sum(((group - group.mean()) ** 2).sum() for group in groups)
    assert found is not None and (found.df, found.groups, found.runs) == (7, 3, 10)
    assert found.sd == pytest.approx(np.sqrt(squares / 7))
    assert found.low == pytest.approx(np.sqrt(squares / stats.chi2.ppf(0.975, 7)))
    assert found.high == pytest.approx(np.sqrt(squares / stats.chi2.ppf(0.025, 7)))
    assert found.largest == pytest.approx(max(np.ptp(group) for group in groups))
    assert pooled([np.array([1.0])]) is None and pooled([]) is None


def test_noise_of_a_task_is_pooled_over_its_points_and_models(curve_of: Make) -> None:
    scores = np.random.default_rng(2).normal(0.5, 0.05, (2, 3, 1, 5, 4))
    curves = [curve_of(part, means=True, model=name) for part, name in zip(scores, "ab", strict=True)]
    found = {one.measure: one for one in noise_of(curves, find_run_noise(curves))}
    english = scores[:, :, 0, :, 0]
    share = scores[:, :, 0, :, 1:].mean(axis=-1) / english
    each = scores[:, :, 0, :, 1:].var(axis=1, ddof=1)  # (models, points, languages other than English)
    assert found["english"].sd.value == pytest.approx(np.sqrt(english.var(axis=1, ddof=1).mean()), abs=1e-6)
    assert found["relative"].sd.value == pytest.approx(np.sqrt(share.var(axis=1, ddof=1).mean()), abs=1e-6)
    assert found["language"].sd.value == pytest.approx(np.sqrt(each.mean()), abs=1e-6)
    assert found["english"].df == 20
    assert found["english"].smallest_difference == pytest.approx(
        stats.t.ppf(0.975, 20) * np.sqrt(2) * found["english"].sd.value, abs=1e-5
    )


@pytest.mark.parametrize("study", ["", "a-study"])
def test_an_english_only_run_in_two_curves_counts_once(curve_of: Make, study: str) -> None:
    """In a store both curves hold the same cells; counted twice, they would pass for twice as many runs."""
    scores = np.random.default_rng(3).normal(0.5, 0.05, (2, 1, 3, 4))
    scores[..., 0, 1:] = scores[..., 0, 1:2]
    other = scores + 0.01
    other[:, :, 0] = scores[:, :, 0]
    one = curve_of(scores, means=True, study=study)
    two = curve_of(other, means=True, study=study, trained=("es",), held_out=("ja", "pt"))
    assert same_run(one, 0) == same_run(two, 0) and same_run(one, 1) != same_run(two, 1)
    spread = find_run_noise([one, two]).pooled_sd_over(one, ("es", "ja"))
    assert spread is not None and (spread.groups, spread.runs) == (5, 10)


def test_english_only_runs_of_other_settings_or_rows_are_no_repeats(curve_of: Make) -> None:
    scores = np.random.default_rng(4).normal(size=(1, 1, 2, 4))
    one = curve_of(scores, means=True, rows=[(100.0, 0.0)] * 2)
    fewer = curve_of(scores + 1, means=True, rows=[(50.0, 0.0)] * 2, trained=("es",), held_out=("ja", "pt"))
    multi = curve_of(scores + 2, means=True, rows=[(100.0, 0.0)] * 2, setting="multi_task")
    assert find_run_noise([one, fewer, multi]).groups == {("", "math", "score"): ()}


def test_runs_of_one_curve_with_equal_scores_are_several_runs(curve_of: Make) -> None:
    """They once passed for one run, which made the noise larger than it is."""
    scores = np.random.default_rng(7).integers(0, 2, (4, 1, 3, 4)).astype(float)
    scores[1] = scores[0]
    data = curve_of(scores, means=True)
    spread = find_run_noise([data]).pooled_sd_over(data, ("es", "ja"))
    seen = scores[:, 0, :, 1:3].mean(axis=-1)
    assert spread is not None and (spread.groups, spread.runs) == (3, 12)
    assert spread.sd == pytest.approx(np.sqrt(seen.var(axis=0, ddof=1).mean()))


@pytest.mark.parametrize("study", ["", "the-paper"])
def test_english_only_runs_of_a_table_are_repeats_whatever_its_study_is_called(
    paper_curves: list[CurveData], study: str
) -> None:
    named = [replace(data, identity=data.identity | {"study": study}) for data in paper_curves]
    found = noise_of(named, RunNoise(find_repeated_runs(named)))
    assert {(one.groups, one.runs, one.df) for one in found} == {(1, 3, 2)}
    assert {tuple(one.sources) for one in found} == {("aya-23-7b, single_task, n = 0",)}


def test_english_only_runs_of_two_studies_are_one_run_only_with_the_same_scores(curve_of: Make) -> None:
    scores = np.random.default_rng(8).normal(size=(1, 5, 2, 4))
    one, other = curve_of(scores, study="a"), curve_of(scores + 1, study="b")
    assert same_run(one, 0) != same_run(other, 0)
    assert same_run(one, 0) == same_run(curve_of(scores, study="b"), 0)


def test_a_trained_language_without_scores_leaves_the_noise_of_the_others(curve_of: Make) -> None:
    """All noise of the task used to vanish without a word."""
    scores = np.random.default_rng(9).normal(0.5, 0.05, (2, 12, 3, 4))
    data = curve_of(scores)
    unscored = replace(data, roles=replace(data.roles, unscored=("ja",)))
    unscored.sample.present[:, 2] = False
    fewer = curve_of(scores[..., [0, 1, 3]], trained=("es",))
    repeats, expected = find_run_noise([unscored]), find_run_noise([fewer])
    for codes in (("es", "pt"), ("es",)):
        assert repeats.pooled_sd_over(unscored, codes) == expected.pooled_sd_over(fewer, codes) is not None
    found, plain = noise_of([unscored], repeats), noise_of([fewer], expected)
    assert [one.sd for one in found] == [one.sd for one in plain] and len(found) == 4
    assert steps_inside([unscored], repeats)[0].threshold == steps_inside([fewer], expected)[0].threshold


def test_a_pooled_noise_says_which_runs_it_is_from(curve_of: Make) -> None:
    scores = np.random.default_rng(10).normal(size=(2, 1, 3, 4))
    repeated, single = curve_of(scores, means=True), curve_of(scores[:1], means=True, model="b")
    found = noise_of([single, repeated], find_run_noise([single, repeated]))
    assert {tuple(one.sources) for one in found} == {("a, single_task, n = 0, 10, 20",)}


def test_intervals_of_means_are_those_of_the_noise_by_hand(curve_of: Make) -> None:
    scores = np.random.default_rng(5).normal(0.5, 0.05, (2, 1, 4, 4))
    data = curve_of(scores, means=True)
    found = with_run_noise(measure(data), data, find_run_noise([data]))
    seen = scores[:, 0, :, 1:3].mean(axis=-1)  # (runs, points)
    gap = seen - scores[:, 0, :, 3]
    share = scores[:, 0, :, 1:].mean(axis=-1) / scores[:, 0, :, 0]
    factor = stats.t.ppf(0.975, 4)
    for name, values, differences in (
        (TRAINED, seen, 1),
        (Measure(Kind.CHANGE, "trained"), seen, 2),
        (Measure(Kind.LEVEL, "gap"), gap, 1),
    ):
        half = factor * np.sqrt(values.var(axis=0, ddof=1).mean() * differences / 2)
        assert found.high[name][-1] - found.value[name][-1] == pytest.approx(half), name
    # R by the delta method: its relative noise, times R at each of the points
    log = np.sqrt(np.log(share).var(axis=0, ddof=1).mean() / 2)
    at, best = found.value[Measure(Kind.LEVEL, "relative")], found.gain_at[Measure(Kind.GAIN, "relative")]
    for name, scale in (
        (Measure(Kind.LEVEL, "relative"), at[-1]),
        (Measure(Kind.CHANGE, "relative"), np.hypot(at[-1], at[0])),
        (Measure(Kind.GAIN, "relative"), 100 * np.hypot(at[best], at[0])),
    ):
        assert found.high[name][-1] - found.value[name][-1] == pytest.approx(factor * scale * log), name
        assert found.method[name][-1] == "t: runs"
    assert np.isnan(found.high[Measure(Kind.CHANGE, "trained")][0])  # n = 0 over itself is not uncertain


def test_run_noise_widens_the_intervals_of_items_by_what_items_do_not_hold(curve_of: Make) -> None:
    scores = np.random.default_rng(6).normal(0.5, 0.2, (2, 30, 3, 4))
    data = curve_of(scores)
    plain = measure(data)
    found = with_run_noise(plain, data, find_run_noise([data]))
    seen = scores[..., 1:3].mean(axis=-1)  # (runs, items, points)
    runs = seen.mean(axis=1).var(axis=0, ddof=1).mean()
    rest = seen - seen.mean(axis=0) - seen.mean(axis=1, keepdims=True) + seen.mean(axis=(0, 1))
    counted = (rest**2).sum(axis=(0, 1)).mean() / 29 / 30
    expected = plain.error[TRAINED] ** 2 + max(runs - counted, 0.0) / 2
    assert found.error[TRAINED] == pytest.approx(np.sqrt(expected))
    assert found.low[Measure(Kind.GAIN, "trained")] == pytest.approx(plain.low[Measure(Kind.GAIN, "trained")])
    assert with_run_noise(plain, data, RunNoise({})).low[TRAINED] == pytest.approx(plain.low[TRAINED])
