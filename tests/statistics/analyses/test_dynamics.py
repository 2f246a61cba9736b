"""Dynamics over checkpoints: half steps and lag against known curves, pooled correlation against a literal version."""

from collections import Counter
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clt.statistics.analyses.dynamics.compute import dynamics, half_steps, pooled_spearman
from clt.statistics.scores.table import COLUMNS, ScoreTable

STEPS = np.array([50, 100, 150, 200, 250, 300])
TRAINED, HELD_OUT = ("es", "ja"), ("pt", "ko")


def rise(half: float, steps: np.ndarray = STEPS) -> np.ndarray:
    """From 0 at the first step to 1 at the last, half of it made at about `half`."""
    level = 1 / (1 + np.exp(-(steps - half) / 30))
    return np.asarray((level - level[0]) / (level[-1] - level[0]))


def study(
    *,
    seen: float = 150,
    unseen: float = 150,
    counts: tuple[int, ...] = (0, 20),
    seeds: tuple[int, ...] = (0,),
    models: int = 1,
    items: int = 40,
    noise: float = 0.3,
    seed: int = 0,
    metric: str = "score",
    base: bool = False,
    steps: np.ndarray = STEPS,
) -> ScoreTable:
    """Scores per item and checkpoint; S makes half of its rise at `seen`, U half of its smaller one at `unseen`."""
    generator, languages = np.random.default_rng(seed), ("en", *TRAINED, *HELD_OUT)
    levels = np.zeros((len(steps) + 1, len(languages)))  # the base model first
    levels[1:, 1:3], levels[1:, 3:] = 0.6 * rise(seen, steps)[:, None], 0.3 * rise(unseen, steps)[:, None]
    runs = [(n, run, at) for n in counts for run in seeds for at in range(1, len(steps) + 1)]
    runs += [(-1, 0, 0)] if base else []
    n, run, at = (np.array(column) for column in zip(*runs, strict=True))
    difficulty = generator.normal(0, 0.2, (models, 1, 1, items))
    scores = 1 + difficulty + levels[at][None, :, :, None]
    scores = scores + generator.normal(0, noise, scores.shape)
    model, place, language, item = (axis.ravel() for axis in np.indices(scores.shape))
    is_base = at[place] == 0
    rows = pd.DataFrame(
        {
            "study": "made-0",
            "model": np.char.add("model-", model.astype(str)),
            "family": "",
            "setting": np.where(is_base, "base", "single_task"),
            "task": "math",
            "metric": metric,
            "higher_is_better": metric != "bits_per_byte",
            "mixture": np.where(is_base, "", "all"),
            "train_languages": np.where(is_base, "en", "+".join(("en", *TRAINED))),
            "samples_per_language": np.where(is_base, np.nan, n[place]),
            "exposure": "unseen",
            "seed": run[place],
            "repeat": "",
            "checkpoint": np.concatenate(([0], steps))[at[place]],
            "selected": is_base | (at[place] == len(steps)),
            "language": np.array(languages)[language],
            "item": np.char.add("item-", item.astype(str)),
            "score": scores.ravel() if metric != "bits_per_byte" else 4 - scores.ravel(),
        }
    ).reindex(columns=list(COLUMNS))
    return stored(rows[rows["selected"]], rows[~rows["selected"]])


def stored(rows: pd.DataFrame, checkpoints: pd.DataFrame) -> ScoreTable:
    return ScoreTable(rows=rows, checkpoints=checkpoints, source="made", main_metrics={})


def exact(half: float) -> float:
    """Where the known curve, linear between checkpoints, has made half of its rise."""
    return float(np.interp(0.5, rise(half), STEPS))


def by_run(table: ScoreTable) -> dict[tuple, tuple[np.ndarray, np.ndarray]]:
    """S and U over the checkpoints of each (n, seed), from plain means."""
    rows = pd.concat([table.rows, table.checkpoints])
    means = rows.groupby(["samples_per_language", "seed", "checkpoint", "language"])["score"].mean().unstack()
    return {
        run: (part[list(TRAINED)].mean(axis=1).to_numpy(), part[list(HELD_OUT)].mean(axis=1).to_numpy())
        for run, part in means.groupby(level=[0, 1])
    }


def test_half_steps_are_the_first_crossing_of_the_middle() -> None:
    steps = np.array([10.0, 20, 30, 40])
    rises, falls, crosses_twice, dips_first, stays, late = half_steps(
        np.array([[0, 1, 2, 4], [4, 3, 2, 0], [0, 3, 1, 4], [1, -1, 0, 1.5], [2, 3, 1, 2], [0, 0, 0, 1]]), steps
    )
    assert (rises, falls, late) == (30, 30, 35)
    assert crosses_twice == pytest.approx(10 + 10 * 2 / 3)
    assert dips_first == pytest.approx(30 + 10 * 1.25 / 1.5)
    assert np.isnan(stays)


def test_half_steps_do_not_see_direction_nor_unit() -> None:
    values, steps = np.random.default_rng(0).normal(size=(50, 6)), np.arange(6.0)
    assert half_steps(3 - 2 * values, steps) == pytest.approx(half_steps(values, steps))
    assert half_steps(values, 7 * steps) == pytest.approx(7 * half_steps(values, steps))


def test_a_known_lag_is_found_and_timed_without_noise() -> None:
    for one in dynamics(study(seen=120, unseen=200, noise=1e-6)):
        assert one.half_seen.value == pytest.approx(exact(120), abs=0.01)
        assert one.half_unseen.value == pytest.approx(exact(200), abs=0.01)
        assert one.lag.value == pytest.approx(exact(200) - exact(120), abs=0.01)
        assert one.answer == "lags"
    assert {one.answer for one in dynamics(study(seen=200, unseen=120, noise=0.01))} == {"leads"}


def test_points_are_plain_means_at_every_checkpoint_and_n() -> None:
    table = study(counts=(0, 20, 50))
    found = dynamics(table)
    assert [one.samples_per_language for one in found] == [0, 20, 50]
    for one in found:
        seen, unseen = by_run(table)[one.samples_per_language, 0]
        assert [point.step for point in one.points] == list(STEPS)
        assert [point.seen.value for point in one.points] == pytest.approx(seen, abs=1e-6)
        assert [point.unseen.value for point in one.points] == pytest.approx(unseen, abs=1e-6)
        assert one.items == 40 and one.covers == "items; conditional on the seeds"


def test_bits_per_byte_has_the_timing_of_the_score_it_mirrors() -> None:
    mirrored = dynamics(study(unseen=200, metric="bits_per_byte"))
    for one, other in zip(mirrored, dynamics(study(unseen=200)), strict=True):
        for name in ("half_seen", "half_unseen", "lag"):
            ends = [getattr(getattr(one, name), end) for end in ("value", "low", "high")]
            assert ends == pytest.approx([getattr(getattr(other, name), end) for end in ("value", "low", "high")])
        assert one.answer == other.answer and one.metric == "bits_per_byte"


def test_the_base_model_is_step_zero_and_the_start_of_the_change() -> None:
    table = study(base=True, counts=(20,), noise=0.001)
    (one,) = dynamics(table)
    assert [point.step for point in one.points] == [0, *STEPS]
    moved = table.rows["setting"] == "base"
    lower = table.rows["score"].mask(moved & table.rows["language"].isin(TRAINED), table.rows["score"] - 2)
    (changed,) = dynamics(stored(table.rows.assign(score=lower), table.checkpoints))
    assert one.half_seen.value == pytest.approx(exact(150), abs=1)
    assert changed.half_seen.value == pytest.approx(50 * 1.3 / 2, abs=1)  # half of 0.6 + 2 before the first checkpoint


def test_runs_share_the_steps_that_all_of_them_have() -> None:
    table = study(seeds=(0, 1), counts=(20,))
    late = (table.checkpoints["seed"] == 1) & (table.checkpoints["checkpoint"] == 100)
    (one,) = dynamics(stored(table.rows, table.checkpoints[~late]))
    assert [point.step for point in one.points] == [50, 150, 200, 250, 300] and one.runs == ["0", "1"]
    few = table.checkpoints["checkpoint"] == 100  # two points, and nothing between them
    assert not dynamics(stored(table.rows, table.checkpoints[few]))


def test_a_change_within_noise_has_no_half_and_says_why() -> None:
    table = study(counts=(20,))
    still = table.checkpoints["language"].isin(HELD_OUT)
    last = table.rows.set_index(["language", "item"])["score"]
    scores = table.checkpoints["score"].copy()
    scores[still] = [last[code, item] for code, item in table.checkpoints.loc[still, ["language", "item"]].to_numpy()]
    (one,) = dynamics(stored(table.rows, table.checkpoints.assign(score=scores)))
    assert one.half_seen.value is not None
    assert one.half_unseen.value is None and one.half_unseen.reason is not None and "change" in one.half_unseen.reason
    assert one.lag.reason == one.half_unseen.reason and one.answer == "undefined"


def right_or_wrong(table: ScoreTable, seed: int) -> ScoreTable:
    """The same levels as shares of right answers."""
    generator = np.random.default_rng(seed)
    return stored(
        *(
            part.assign(score=(generator.random(len(part)) < 0.6 * (part["score"] - 1) + 0.1).astype(float))
            for part in (table.rows, table.checkpoints)
        )
    )


def test_few_right_or_wrong_answers_have_no_half_where_their_change_may_be_zero() -> None:
    """The end of such a change is often 0 up to the last bit; what many resamples do not have is said to be so."""
    seen = Counter()
    for seed in range(25):
        (one,) = dynamics(right_or_wrong(study(counts=(20,), items=12, noise=0), seed))
        for half in (one.half_seen, one.half_unseen):
            assert half.reason is not None or half.low is not None, half
            seen[half.reason or half.method] += 1
        assert one.lag.method != "none: constant scores"
    assert len(seen) == 2 and seen["percentile"] > 5 and sum("within noise" in reason for reason in seen) == 1


def test_items_that_all_move_alike_have_a_half_without_an_interval() -> None:
    (one,) = dynamics(study(counts=(20,), items=12, noise=0))
    assert one.half_seen.value == pytest.approx(exact(150))
    assert one.half_seen.low is None and one.half_seen.method == "none: all items give the same"
    assert one.answer == "no interval"


def test_means_have_a_timing_and_no_interval() -> None:
    table = study(counts=(20,))
    keys = [name for name in COLUMNS if name not in ("item", "score")]
    rows, others = (
        part.groupby(keys, dropna=False)["score"].mean().reset_index().assign(item=None)[list(COLUMNS)]
        for part in (table.rows, table.checkpoints)
    )
    (one,) = dynamics(stored(rows, others))
    (whole,) = dynamics(table)
    assert one.lag.value == pytest.approx(whole.lag.value, abs=1e-6)
    assert one.lag.low is None and one.lag.method == "none: only means" and one.answer == "no interval"


def test_pooled_spearman_is_a_literal_permutation_of_whole_runs() -> None:
    table = study(counts=(0, 20, 50, 90), steps=np.array([50, 100, 150]))
    (found,) = pooled_spearman(table)
    runs = list(by_run(table).values())
    pooled = np.concatenate([seen for seen, _ in runs])

    def value(order: tuple[int, ...]) -> float:
        return float(stats.spearmanr(pooled, np.concatenate([runs[k][1] for k in order])).statistic)

    observed = value((0, 1, 2, 3))
    as_far = [abs(value(order)) >= abs(observed) - 1e-9 for order in permutations(range(4))]
    assert found.spearman.value == pytest.approx(observed, abs=1e-6)
    assert found.spearman.p == pytest.approx(np.mean(as_far), abs=1e-6)
    assert found.spearman.n == 12 and found.spearman.over == "3 checkpoints of each of 4 runs at 4 n"
    assert found.train_languages == ["en", "es", "ja"] and found.mixture == "all"


def test_longer_runs_give_as_many_checkpoints_as_the_shortest_for_the_pooled_correlation() -> None:
    table = study(counts=(0, 20, 50, 90), seeds=(0, 1))
    short = (table.checkpoints["samples_per_language"] == 0) & ~table.checkpoints["checkpoint"].isin([100, 200])
    rows, others = table.rows, table.checkpoints[~short]
    (found,) = pooled_spearman(stored(rows, others))
    runs = by_run(table)
    pairs = [np.array(runs[n, seed])[:, [1, 3, 5]] for n in (0, 20, 50, 90) for seed in (0, 1)]
    seen, unseen = np.concatenate(pairs, axis=1)
    assert found.spearman.value == pytest.approx(stats.spearmanr(seen, unseen).statistic, abs=1e-6)
    assert found.spearman.p is not None and found.spearman.over == "3 checkpoints of each of 8 runs at 4 n"


def test_one_score_a_point_is_no_pooled_correlation(make_rows: Callable, table_of: Callable) -> None:
    table = table_of(make_rows(items=20))
    assert not dynamics(table) and not pooled_spearman(table)
    (seeds,) = pooled_spearman(table_of(make_rows(items=20, seeds=(0, 1))))
    assert seeds.spearman.n == 8 and seeds.spearman.over == "1 checkpoint of each of 8 runs at 4 n"


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = study(seeds=(0, 1))
    mixed = stored(*(part.sample(frac=1, random_state=1) for part in (table.rows, table.checkpoints)))
    assert dynamics(mixed) == dynamics(table) and pooled_spearman(mixed) == pooled_spearman(table)


@pytest.mark.simulation
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("seen", "unseen"), [(120, 200), (150, 150)])
def test_the_lags_interval_covers_its_truth(seen: float, unseen: float) -> None:
    """At 400 studies the share covered has a standard error of 1.1 points."""
    found = dynamics(study(seen=seen, unseen=unseen, counts=(20,), models=400, items=60))
    lag = exact(unseen) - exact(seen)
    assert all(one.lag.low is not None and one.lag.high is not None for one in found)
    inside = np.mean([one.lag.low <= lag <= one.lag.high for one in found])
    answers = Counter(one.answer for one in found)
    assert 0.92 <= inside <= 0.98
    assert answers["lags"] >= 360 if unseen > seen else answers["not resolved"] >= 368
